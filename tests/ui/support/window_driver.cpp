// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/window_driver.h"

#include <QAbstractButton>
#include <QAction>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QUrl>
#include <QtTest/QTest>

#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/status_line.h"

namespace lectern::test {

WindowDriver::WindowDriver(ui::Services services) : m_services(std::move(services)) {
    m_settings = std::make_unique<ui::SettingsFile>([file = ui::fromPath(folder() / "settings.ini")] {
        return std::make_unique<QSettings>(file, QSettings::IniFormat);
    });
    m_settings->setValue("session/reopen", false);  // a test that closes the window looks at the start page then
    m_settings->setValue("session/folder", ui::fromPath(folder() / "sessions"));
    m_services.model_folder = folder() / "models";
    m_store = std::make_unique<ui::PreferenceStore>(*m_settings);
}

WindowDriver::~WindowDriver() {
    closeWindow();
}

void WindowDriver::openWindow() {
    m_window = std::make_unique<ui::MainWindow>(m_services, *m_store, look);
    m_window->resize(1280, 720);
    m_window->show();
}

void WindowDriver::closeWindow() {
    if (m_window) m_window->close();
    m_window.reset();
}

void WindowDriver::crash() {
    m_window.reset();
}

void WindowDriver::setPreferences(const ui::Preferences& preferences) {
    m_store->save(preferences);
}

QString WindowDriver::document(const QString& name, const QString& content) {
    QFile file(ui::fromPath(folder()) + '/' + name);
    if (file.open(QIODevice::WriteOnly)) file.write(content.toUtf8());
    return file.fileName();
}

void WindowDriver::drop(const QStringList& paths) {
    QMimeData mime;
    QList<QUrl> urls;
    for (const QString& path : paths) urls << QUrl::fromLocalFile(path);
    mime.setUrls(urls);
    QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(m_window.get(), &enter);  // a drop goes where the drag entered
    QDropEvent event(QPointF(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(m_window.get(), &event);
}

QWidget* WindowDriver::visible(const char* name) const {
    for (QWidget* widget : m_window->findChildren<QWidget*>(name))
        if (widget->isVisible()) return widget;
    return nullptr;
}

std::vector<ui::MessageCard*> WindowDriver::cards() const {
    std::vector<ui::MessageCard*> visible;
    for (auto* card : m_window->findChildren<ui::MessageCard*>())
        if (card->isVisible()) visible.push_back(card);
    return visible;
}

void WindowDriver::click(const char* name) {
    QWidget* widget = visible(name);
    QVERIFY2(widget != nullptr, name);
    QVERIFY2(widget->isEnabled(), name);
    QTest::mouseClick(widget, Qt::LeftButton);
}

void WindowDriver::trigger(const char* dock) {
    auto* toggle = m_window->findChild<QAction*>(QString(dock) + "Toggle");
    QVERIFY2(toggle != nullptr, dock);
    toggle->trigger();
}

void WindowDriver::type(const char* name, const QString& text) {
    QWidget* widget = visible(name);
    QVERIFY2(widget != nullptr, name);
    widget->setFocus();
    QTest::keyClicks(widget, text);
}

QString WindowDriver::notice() const {
    const auto* bar = m_window->findChild<ui::NoticeBar*>("notice");
    return bar->isVisible() ? bar->message() : QString();
}

QString WindowDriver::activity() const {
    return m_window->findChild<QLabel*>("activity")->text();
}

bool WindowDriver::idle() const {
    return activity() == ui::StatusLine::tr("Ready");
}

bool WindowDriver::waitFor(const std::function<bool()>& holds, int milliseconds) {
    return QTest::qWaitFor(holds, milliseconds);
}

bool WindowDriver::waitForPage(const char* page) {
    return waitFor([&] { return visible(page) != nullptr; });
}

bool WindowDriver::waitIdle(int milliseconds) {
    return waitFor([&] { return idle(); }, milliseconds);
}

void WindowDriver::ask(const QString& question) {
    type("question", question);
    QTest::keyClick(visible("question"), Qt::Key_Return);
}

}  // namespace lectern::test
