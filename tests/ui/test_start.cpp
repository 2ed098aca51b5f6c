// SPDX-License-Identifier: GPL-3.0-or-later
// How the window begins: what the last run left, links, a second start; and the plan and the settings.
#include "tests/ui/test_start.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTabWidget>
#include <QWheelEvent>
#include <QtTest/QTest>

#include "app/single_instance.h"
#include "app/system_look.h"
#include "tests/ui/support/fake_portal.h"
#include "tests/ui/support/gui_watch.h"
#include "ui/format.h"
#include "ui/page_view.h"
#include "ui/reader_panel.h"
#include "ui/session_link.h"
#include "ui/setting_card.h"
#include "ui/settings_dialog.h"
#include "ui/theme.h"

namespace lectern::test {

QString TestStart::readOne() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    return ui::fromPath(m_world->files.begin()->first);
}

void TestStart::setReopen(bool reopen) {
    ui::Preferences preferences;
    preferences.reopen = reopen;
    m_driver->setPreferences(preferences);
}

void TestStart::sessionOpenAtTheEndOpensAgainWhereThatIsWanted() {
    readOne();
    setReopen(true);
    m_driver->closeWindow();
    m_driver->openWindow();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    setReopen(false);
    m_driver->closeWindow();
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->visible("startPage") != nullptr);
    QVERIFY(m_driver->notice().isEmpty());
}

void TestStart::startAfterACrashSaysSoAndOffersTheSession() {
    m_world->page_ms = 20;
    startReading({m_driver->document("long.pdf", "pages 400\n")});
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read > 2; }));
    m_driver->crash();
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    QVERIFY2(m_driver->notice().contains("not closed properly") && m_driver->notice().contains("long"),
             qPrintable(m_driver->notice()));
    m_driver->click("noticeAction");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("resumeReading") != nullptr; }));
}

void TestStart::leftSessionIsNotOpenedAgain() {
    readOne();
    setReopen(true);
    m_driver->find<QAction>("home")->trigger();
    QVERIFY(m_driver->waitIdle());
    m_driver->crash();
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->notice().isEmpty());
    QVERIFY(m_driver->visible("startPage") != nullptr);
}

void TestStart::linkOpensItsSessionAtItsPage() {
    const QString session = readOne();
    m_driver->find<QAction>("home")->trigger();
    QVERIFY(m_driver->waitIdle());
    m_driver->window().openPaths({ui::linkText({session, "harbour.pdf", 7})});
    auto* reader = m_driver->window().findChild<ui::ReaderPanel*>();
    QVERIFY(m_driver->waitFor([&] { return reader->isVisible() && reader->place() && reader->place()->page == 6; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->window().openPaths({ui::linkText({session, {}, 3})});
    QCOMPARE(reader->place()->page, 2);
    QCOMPARE(m_driver->activity(), QString("Ready"));
}

void TestStart::brokenLinksAreSaidInWords() {
    const QString session = readOne();
    m_driver->window().openPaths({"lectern://session?path=relative.lectern&page=2"});
    QVERIFY(m_driver->notice().contains("names no page"));
    m_driver->window().openPaths({ui::linkText({"/nowhere/at-all.lectern", {}, 1})});
    QVERIFY(m_driver->notice().contains("is not there"));
    m_driver->window().openPaths({ui::linkText({session, "harbour.pdf", 700})});
    QVERIFY(m_driver->notice().contains("is not in this session"));
    m_driver->window().openPaths({ui::linkText({session, "other.pdf", 1})});
    QVERIFY(m_driver->notice().contains("is not in this session"));
}

void TestStart::linkToThePageIsCopied() {
    const QString session = readOne();
    m_driver->find<QAction>("copyLink")->trigger();
    QVERIFY(m_driver->notice().contains("Open a page"));
    m_driver->window().openPaths({ui::linkText({session, "harbour.pdf", 5})});
    m_driver->find<QAction>("copyLink")->trigger();
    const auto link = ui::linkFrom(QApplication::clipboard()->text());
    QVERIFY(link.has_value());
    QCOMPARE(*link, (ui::SessionLink{session, "harbour.pdf", 5}));
}

void TestStart::linksKeepEveryCharacter() {
    const ui::SessionLink odd{"/home/me/50 % & mehr?/Prüfung #1 + 2.lectern", "a=b&c;d%20 ü.pdf", 12};
    const auto back = ui::linkFrom(ui::linkText(odd));
    QVERIFY(back.has_value());
    QCOMPARE(*back, odd);
    for (const char* bad :
         {"lectern://other?path=/a.lectern", "http://session?path=/a.lectern", "lectern://session?path=/a.txt",
          "lectern://session?path=/a.lectern&page=x", "lectern://session?path=/a.lectern&page=-1", "lectern:"})
        QVERIFY2(!ui::linkFrom(bad), bad);
}

void TestStart::secondStartHandsOverItsArguments() {
    const QString name = ui::fromPath(m_driver->folder() / "socket");
    QVERIFY2(!SingleInstance(name).handOver({"a.pdf"}), "nobody is there");
    {
        QFile left(name);  // by one that crashed
        QVERIFY(left.open(QIODevice::WriteOnly));
    }
    SingleInstance first(name);
    QVERIFY(first.listen());
    QSignalSpy started(&first, &SingleInstance::started);
    bool taken = false;
    std::unique_ptr<QThread> second(QThread::create([&] {
        taken = SingleInstance(name).handOver({"/tmp/ä.lectern", "lectern://session?path=/b"});
    }));
    second->start();
    QVERIFY(m_driver->waitFor([&] { return second->isFinished(); }));
    QVERIFY(taken);
    QCOMPARE(started.size(), 1);
    QCOMPARE(started[0][0].toStringList(), (QStringList{"/tmp/ä.lectern", "lectern://session?path=/b"}));
    QCOMPARE(absoluteArguments({"file:///tmp/a%20b.pdf", "lectern://session?path=/b", "/tmp/c.pdf"}),
             (QStringList{"/tmp/a b.pdf", "lectern://session?path=/b", "/tmp/c.pdf"}));
}

void TestStart::planMeasuresTheTimeAndOnRequestTheLoss() {
    m_world->measure_ms = 300;
    m_driver->drop({m_driver->document("harbour.pdf", "pages 12\n")});
    auto* time = m_driver->find<QLabel>("planTime");
    QVERIFY(m_driver->waitFor([&] { return time->text().contains("measured"); }));
    QVERIFY2(m_driver->visible("planRead")->isEnabled(), "nobody has to wait for it");
    QVERIFY(m_driver->waitFor([&] { return time->text().contains("4 min"); }));
    auto* card = m_driver->find<ui::SettingCard>("setting-nuq2");
    QVERIFY(!card->accessibleDescription().contains('%'));
    m_driver->click("planMeasure");
    QVERIFY(m_driver->waitFor([&] { return card->accessibleDescription().contains('%'); }));
    QVERIFY(card->toolTip().contains("perplexity"));
    QVERIFY(m_driver->waitIdle());
    m_driver->find<QSpinBox>("planSinks")->setValue(9);
    QVERIFY2(!card->accessibleDescription().contains('%'), "measured with other choices");
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
}

void TestStart::planSaysHowAContextIsDividedBetweenDeviceAndProcessor() {
    m_world->divides = true;
    m_driver->drop({m_driver->document("harbour.pdf", "pages 12\n")});
    auto* memory = m_driver->find<QLabel>("planMemory");
    QVERIFY(m_driver->waitFor([&] { return memory->text().contains("Fake GPU"); }));
    const QString words = memory->text().replace(QChar(0xa0), ' ');
    QVERIFY2(words.contains("fits with 7.2 GB on the Fake GPU, 3.1 GB on the processor"), qPrintable(words));
    m_driver->window().resize(1280, 720);
    QCoreApplication::processEvents();
    QWidget* read = m_driver->visible("planRead");
    QVERIFY2(read->visibleRegion().boundingRect() == read->rect(), "what starts it is in sight however long the plan");
}

void TestStart::sliderChoosesTheBitsAndEveryFigureFollows() {
    m_world->measure_ms = 20;
    m_driver->drop({m_driver->document("harbour.pdf", "pages 12\n")});
    auto* time = m_driver->find<QLabel>("planTime");
    QVERIFY(m_driver->waitFor([&] { return time->text().contains("4 min"); }));
    auto* slider = m_driver->find<QSlider>("bits");
    const auto texts = [&] {
        QStringList all;
        for (const char* name : {"planMemory", "planDisk", "planQuality"})
            all << m_driver->find<QLabel>(name)->text().section('\n', 0, 0);
        return all;
    };
    QCOMPARE(slider->value(), 2);
    const QStringList at_four = texts();
    QVERIFY2(at_four[2].contains("5.69") && at_four[2].contains("not measured yet"), qPrintable(at_four[2]));
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Left);
    QTest::keyClick(slider, Qt::Key_Left);
    QVERIFY(m_driver->find<ui::SettingCard>("setting-nuq2")->isChecked());
    const QStringList at_two = texts();
    for (qsizetype i = 0; i < at_two.size(); ++i) QVERIFY2(at_two[i] != at_four[i], qPrintable(at_two[i]));
    QVERIFY2(at_two[2].contains("6.01"), qPrintable(at_two[2]));
    QVERIFY2(m_driver->waitFor([&] { return time->text().contains("3 min 10 s"); }), "the time is measured again");
    m_driver->click("setting-fp16");
    QCOMPARE(slider->value(), 3);
    QVERIFY(texts()[2].contains("nothing is compressed"));
    slider->setValue(2);
    QCOMPARE(texts(), at_four);
    QVERIFY2(time->text().contains("4 min"), "and kept");
    m_driver->click("planMeasure");
    QVERIFY(m_driver->waitFor([&] { return texts()[2].contains("on these documents"); }));
    QVERIFY(m_driver->waitIdle());
    m_driver->click("planCancel");
    QVERIFY(m_driver->waitForPage("startPage"));
    m_driver->drop({m_driver->document("annex.pdf", "pages 2\n")});
    QVERIFY(m_driver->waitFor([&] { return texts()[2].contains("in a session with this model"); }));
}

void TestStart::settingsHaveEveryFieldAndRestoreDefaults() {
    ui::Preferences own;
    own.reopen = false;
    own.memory_limit = 12'000'000'000;
    own.theme = ui::ThemeChoice::HighContrast;
    own.threads = 3;
    own.language = "de";
    own.font_family = "A font that is not here";  // as on another machine: kept all the same
    m_driver->setPreferences(own);
    {
        ui::SettingsDialog dialog(own, {}, &m_driver->window());
        QVERIFY(dialog.preferences() == own);
        dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::RestoreDefaults)->click();
        QVERIFY(dialog.preferences() == ui::Preferences());
    }
    m_driver->closeWindow();
    m_driver->openWindow();
    ui::PreferenceStore store(m_driver->settings());
    QVERIFY(store.load() == own);
}

void TestStart::wheelOverASettingScrollsAndChangesNothing() {
    ui::Preferences own;
    own.sampler.top_k = 40;
    ui::SettingsDialog dialog(own, {});
    dialog.findChild<QTabWidget*>()->setCurrentIndex(3);
    dialog.resize(560, 300);
    dialog.show();
    auto* area = dialog.findChild<QScrollArea*>();
    QVERIFY2(area->verticalScrollBar()->maximum() > 0, "every field can be reached where the screen is low");
    QSpinBox* top_k = nullptr;
    for (auto* spin : dialog.findChildren<QSpinBox*>())
        if (spin->accessibleName() == "Top-k") top_k = spin;
    QVERIFY(top_k != nullptr);
    const auto turn = [&] {
        const QPoint at = top_k->rect().center();
        QWheelEvent event(at, top_k->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QSpontaneKeyEvent::setSpontaneous(&event);  // only those go on to what lies behind
        qApp->notify(top_k, &event);
    };
    dialog.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    dialog.findChild<QTabWidget*>()->setFocus();
    turn();
    QCOMPARE(top_k->value(), 40);
    QVERIFY(area->verticalScrollBar()->value() > 0);
    top_k->setFocus();
    QVERIFY(top_k->hasFocus());
    turn();
    QCOMPARE(top_k->value(), 39);
}

void TestStart::settingsOfRepeatedPhrasesAreThoseOfTheSampler() {
    ui::Preferences own;
    own.sampler.dry_multiplier = 0.8;
    own.sampler.dry_base = 2.25;
    own.sampler.dry_allowed_length = 5;
    ui::SettingsDialog dialog(own, {});
    QVERIFY(dialog.preferences() == own);
    const auto field = [&]<class Spin>(const char* name) {
        for (Spin* spin : dialog.findChildren<Spin*>())
            if (spin->accessibleName() == name) return spin;
        return static_cast<Spin*>(nullptr);
    };
    auto* penalty = field.operator()<QDoubleSpinBox>("Penalty for repeated phrases (DRY)");
    auto* base = field.operator()<QDoubleSpinBox>("DRY base");
    auto* length = field.operator()<QSpinBox>("DRY allowed length");
    QVERIFY(penalty != nullptr && base != nullptr && length != nullptr);
    QVERIFY(base->isEnabled() && length->isEnabled());
    base->setValue(3);
    length->setValue(0);
    QCOMPARE(dialog.preferences().sampler.dry_base, 3.0);
    QCOMPARE(dialog.preferences().sampler.dry_allowed_length, 0);
    penalty->setValue(0);
    QVERIFY(!base->isEnabled() && !length->isEnabled());
    QCOMPARE(dialog.preferences().sampler.dry_base, 3.0);
    m_driver->setPreferences(dialog.preferences());
    m_driver->closeWindow();
    m_driver->openWindow();
    ui::PreferenceStore store(m_driver->settings());
    QVERIFY(store.load() == dialog.preferences());
}

void TestStart::systemsThemeIsFollowedWhileTheWindowIsOpen() {
    const QPalette before = QApplication::palette();
    FakePortal portal(1);
    if (!portal.start()) QSKIP("there is no dbus-daemon");
    SystemLook look(portal.client());
    ui::Preferences wanted;
    const auto apply = [&] { ui::applyTheme(*qApp, wanted, look.palette()); };
    apply();
    QVERIFY(!ui::isDark(QApplication::palette()));
    connect(&look, &SystemLook::changed, this, apply);
    const auto dark = [] { return ui::themeColors().dark && ui::isDark(QApplication::palette()); };
    QVERIFY2(m_driver->waitFor(dark), "the portal was asked");
    QVERIFY(ui::isDark(m_driver->window().palette()));
    portal.change(2);
    QVERIFY2(m_driver->waitFor([&] { return !dark(); }), "the desktop changed to light");
    QVERIFY(!ui::isDark(m_driver->window().palette()));
    wanted.theme = ui::ThemeChoice::Dark;
    apply();
    portal.change(1);
    portal.change(2);
    QTest::qWait(50);
    QVERIFY2(dark(), "a theme that was chosen stays");
    wanted.theme = ui::ThemeChoice::System;
    apply();
    QSignalSpy changes(&look, &SystemLook::changed);
    QEvent theme(QEvent::ThemeChange);
    for (int windows = 0; windows < 3; ++windows)
        QCoreApplication::sendEvent(m_driver->window().windowHandle(), &theme);
    QVERIFY2(m_driver->waitFor([&] { return !changes.isEmpty(); }), "the platform's palette changed");
    QCOMPARE(changes.size(), 1);
    QCOMPARE(QApplication::palette().color(QPalette::Window), ui::lightColors().window);
    look.disconnect(this);
    static_cast<WatchedApplication*>(qApp)->restartWatch();  // dressing a whole window may take longer than its work
    qApp->setStyleSheet({});
    QApplication::setPalette(before);
}

void TestStart::fontIsChosenAndGivenBack() {
    const QPalette palette = QApplication::palette();
    const QFont font = QApplication::font();
    ui::Preferences wanted;
    wanted.font_family = "Noto Serif";
    wanted.font_points = 14;
    ui::applyTheme(*qApp, wanted, palette);
    const auto is = [&](const QString& family) {
        return [this, family] { return m_driver->window().font().family() == family; };
    };
    QVERIFY(m_driver->waitFor(is("Noto Serif")));
    QCOMPARE(m_driver->window().font().pointSizeF(), 14.0);
    ui::applyTheme(*qApp, {}, palette);
    QVERIFY(m_driver->waitFor(is(QFontDatabase::systemFont(QFontDatabase::GeneralFont).family())));
    static_cast<WatchedApplication*>(qApp)->restartWatch();  // dressing a whole window may take longer than its work
    qApp->setStyleSheet({});
    QApplication::setPalette(palette);
    QApplication::setFont(font);
}

void TestStart::highContrastIsLegible() {
    const auto luminance = [](const QColor& color) {
        const auto part = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
        return 0.2126 * part(color.redF()) + 0.7152 * part(color.greenF()) + 0.0722 * part(color.blueF());
    };
    const auto contrast = [&](const QColor& a, const QColor& b) {
        const double one = luminance(a) + 0.05, two = luminance(b) + 0.05;
        return std::max(one, two) / std::min(one, two);
    };
    const ui::ThemeColors& c = ui::contrastColors();
    for (const QColor& on : {c.window, c.surface, c.sunken, c.accent_soft, c.bad_soft})
        for (const QColor& ink : {c.text, c.muted, c.accent, c.bad, c.warning, c.good}) QVERIFY(contrast(ink, on) >= 7);
    QVERIFY(contrast(c.on_accent, c.accent) >= 7);
    for (const ui::ThemeColors& other : {ui::lightColors(), ui::darkColors()})
        QVERIFY(contrast(other.text, other.window) >= 7 && contrast(other.muted, other.surface) >= 4.5);
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestStart test;
    return QTest::qExec(&test, argc, argv);
}
