// SPDX-License-Identifier: GPL-3.0-or-later
// German and Chinese: whole, with every place for a number, and really shown.
#include "tests/ui/test_translation.h"

#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QLayout>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QXmlStreamReader>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/translation.h"

namespace lectern::test {
namespace {

struct Entry {
    QString context, source;
    QStringList translations;  ///< one, or a form for each number
    bool finished = true;
};

QString fileOf(const QString& language) {
    return QString(LECTERN_SOURCE_DIR "/resources/translations/lectern_%1.ts").arg(language);
}

std::vector<Entry> entriesOf(const QString& name) {
    QFile file(name);
    std::vector<Entry> entries;
    if (!file.open(QIODevice::ReadOnly)) return entries;
    QXmlStreamReader xml(&file);
    QString context;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        if (xml.name() == QStringLiteral("name")) context = xml.readElementText();
        if (xml.name() == QStringLiteral("message")) entries.push_back({context, {}, {}});
        if (xml.name() == QStringLiteral("source")) entries.back().source = xml.readElementText();
        if (xml.name() != QStringLiteral("translation")) continue;
        Entry& entry = entries.back();
        entry.finished = !xml.attributes().hasAttribute("type");
        QString text;
        while (xml.readNext() != QXmlStreamReader::EndElement || xml.name() != QStringLiteral("translation")) {
            if (xml.isCharacters()) text += xml.text();
            if (xml.isStartElement()) entry.translations << xml.readElementText();  // a form
        }
        if (entry.translations.isEmpty() && !text.isEmpty()) entry.translations << text;
    }
    return entries;
}

/// "%1", "%n" and the like, sorted; a mnemonic and an ellipsis count too.
QStringList placesIn(const QString& text) {
    QStringList places;
    static const QRegularExpression kPlace("%L?\\d+|%n|…|&(?=\\S)");
    for (auto matches = kPlace.globalMatch(text); matches.hasNext();) places << matches.next().captured();
    places.sort();
    return places;
}

void languages() {
    QTest::addColumn<QString>("language");
    QTest::newRow("German") << "de";
    QTest::newRow("Chinese") << "zh_CN";
}

/// What a person reads on a widget; empty: nothing.
QString textOn(const QObject* object) {
    if (const auto* label = qobject_cast<const QLabel*>(object)) return label->text();
    if (const auto* button = qobject_cast<const QAbstractButton*>(object)) return button->text();
    if (const auto* action = qobject_cast<const QAction*>(object)) return action->text();
    if (const auto* combo = qobject_cast<const QComboBox*>(object)) return combo->itemText(0);
    return {};
}

/// What lies over its neighbour in a dialog that is open.
QStringList overlapping(const QWidget& window) {
    QStringList found;
    for (const auto* dialog : window.findChildren<QDialog*>()) {
        if (!dialog->isVisible() || dialog->layout() == nullptr) continue;
        const auto widgets = dialog->findChildren<QWidget*>(Qt::FindDirectChildrenOnly);
        for (auto a = widgets.begin(); a != widgets.end(); ++a)
            for (auto b = std::next(a); b != widgets.end(); ++b)
                if ((*a)->isVisible() && (*b)->isVisible() && (*a)->geometry().intersects((*b)->geometry()))
                    found << dialog->windowTitle() + ": " + (*a)->metaObject()->className() + ", " +
                                 (*b)->metaObject()->className();
    }
    return found;
}

}  // namespace

void TestTranslation::everyStringIsTranslatedWithItsPlaces_data() {
    languages();
}

void TestTranslation::everyStringIsTranslatedWithItsPlaces() {
    QFETCH(QString, language);
    const auto entries = entriesOf(fileOf(language));
    QVERIFY(entries.size() > 600);
    QStringList wrong;
    for (const Entry& entry : entries) {
        bool good = entry.finished && !entry.translations.isEmpty();
        for (const QString& text : entry.translations) good = good && placesIn(text) == placesIn(entry.source);
        if (!good) wrong << entry.context + ": " + entry.source + " → " + entry.translations.join('|');
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
}

void TestTranslation::filesHaveEveryStringOfTheSource_data() {
    languages();
}

void TestTranslation::filesHaveEveryStringOfTheSource() {
    QFETCH(QString, language);
    const QString copy = ui::fromPath(m_driver->folder() / "copy.ts");
    QVERIFY(QFile::copy(fileOf(language), copy));
    QFile(copy).setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    QProcess lupdate;
    lupdate.setWorkingDirectory(LECTERN_SOURCE_DIR);
    lupdate.start(LECTERN_LUPDATE, {"-no-obsolete", "-locations", "none", "ui", "app", "-ts", copy});
    QVERIFY(lupdate.waitForFinished());
    QCOMPARE(lupdate.exitCode(), 0);
    const auto before = entriesOf(fileOf(language)), after = entriesOf(copy);
    QStringList missing;
    for (const Entry& entry : after)
        if (!entry.finished) missing << entry.context + ": " + entry.source;
    QVERIFY2(missing.isEmpty(), qPrintable("bring it up to date with lupdate, then translate:\n" + missing.join('\n')));
    QCOMPARE(before.size(), after.size());
}

void TestTranslation::windowSpeaksTheLanguageThroughout_data() {
    languages();
}

void TestTranslation::windowSpeaksTheLanguageThroughout() {
    QFETCH(QString, language);
    m_driver->closeWindow();
    const QLocale before;
    ui::speak(language);
    QSet<QString> english;
    ui::WindowTranslator translator;
    QVERIFY(translator.load("lectern_" + language, ":/i18n"));
    for (const Entry& entry : entriesOf(fileOf(language))) {
        if (entry.translations.size() == 1) {
            QCOMPARE(translator.translate(qPrintable("lectern::ui::" + entry.context.section("::", -1)),
                                          entry.source.toUtf8().constData()),
                     entry.translations.first());
        }
        if (!entry.translations.contains(entry.source)) english << entry.source;
    }
    QVERIFY2(translator.translate("QPlatformTheme", "Close") != translator.translate("FidelityCard", "Close"),
             "to close a dialog, and to be close to something");
    for (int code = 0; code < int(ErrorCode::Interrupted); ++code) {
        const QString told = ui::errorText({ErrorCode(code), "“a” is too long: split it."});
        QVERIFY2(told.endsWith(" “a” is too long: split it."), qPrintable(told));
        QVERIFY2(!english.contains(told.section(QChar(':'), 0, 0) + ':'), qPrintable(told));
    }
    m_driver->openWindow();
    const auto is = [&](const char* name) { return [this, name] { return m_driver->visible(name) != nullptr; }; };
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QAction>("calibrate")->isEnabled(); }));
    m_driver->drop({m_driver->document("harbour.pdf", "pages 12\n")});
    QVERIFY(m_driver->waitFor([&] { return is("planRead")() && m_driver->visible("planRead")->isEnabled(); }));
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor(is("question")));
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QAction>("summarize")->isEnabled(); }));
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor(is("citation")));
    for (const char* action : {"settings", "shortcuts", "calibrate", "models"})
        m_driver->find<QAction>(action)->trigger();
    QTest::qWait(50);
    const QStringList over = overlapping(m_driver->window());
    QStringList left;
    for (const QObject* object : m_driver->window().findChildren<QObject*>())
        if (english.contains(textOn(object))) left << textOn(object);
    m_driver->closeWindow();
    qDeleteAll(QCoreApplication::instance()->findChildren<QTranslator*>());
    QLocale::setDefault(before);
    left.removeDuplicates();
    QVERIFY2(left.isEmpty(), qPrintable(left.join('\n')));
    QVERIFY2(over.isEmpty(), qPrintable(over.join('\n')));
}

void TestTranslation::commonErrorsAreSaidInTheLanguage_data() {
    languages();
}

/// With what they are about; the engine's English is for the details.
void TestTranslation::commonErrorsAreSaidInTheLanguage() {
    QFETCH(QString, language);
    const QLocale before;
    const std::string kFile = "/home/ada/one%2.x";
    const auto told = [&](int obstacle) {
        Error error{ErrorCode::Failed, "The engine's sentence.", {Obstacle(obstacle), {kFile, "two", "three"}, {}}};
        if (error.parts.obstacle >= Obstacle::Memory) error.parts.numbers.assign(3, 6'000'000);
        if (error.parts.obstacle >= Obstacle::Memory)
            error.parts.names.resize(error.parts.obstacle == Obstacle::DeviceMemory ? 1 : 0);
        return std::pair(ui::errorText(error), ui::errorDetails(error));
    };
    constexpr int kFirst = int(Obstacle::Unnamed) + 1, kEnd = int(Obstacle::DeviceMemory) + 1;
    QStringList english, wrong;
    for (int obstacle = kFirst; obstacle < kEnd; ++obstacle) english << told(obstacle).first;
    ui::speak(language);
    for (int obstacle = kFirst; obstacle < kEnd; ++obstacle) {
        const auto [text, details] = told(obstacle);
        const QString& here = english[obstacle - kFirst];
        bool good = text != here && details == "The engine's sentence." && !text.contains("sentence");
        for (const QString& part : {QString("one%2.x"), QString("two"), QString("three"), ui::bytesText(6'000'000)})
            good = good && text.contains(part) == here.contains(part) && !text.contains("%1") && !text.contains("%3");
        if (!good || text.contains("/home")) wrong << text;
    }
    qDeleteAll(QCoreApplication::instance()->findChildren<QTranslator*>());
    QLocale::setDefault(before);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    QVERIFY(english.first().contains("one%2.x") && english.last().contains(ui::bytesText(6'000'000)));
    QVERIFY2(ui::errorDetails({ErrorCode::Failed, "Only this is known."}).isEmpty(), "it is said already");
}

void TestTranslation::languagesAreChosenByTheSystemsLocale() {
    QCOMPARE(ui::errorText({ErrorCode::NoRoom, "It does not fit."}), QString("It does not fit."));
    QCOMPARE(ui::translationFor(QLocale("de_AT")), QString("de"));
    QCOMPARE(ui::translationFor(QLocale("zh_CN")), QString("zh_CN"));
    QCOMPARE(ui::translationFor(QLocale("zh_TW")), QString());
    QCOMPARE(ui::translationFor(QLocale("fr_FR")), QString());
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestTranslation test;
    return QTest::qExec(&test, argc, argv);
}
