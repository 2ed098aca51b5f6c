// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/error_words.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QRegularExpression>

#include "ui/format.h"

namespace lectern::ui {
namespace {

const char* kindOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::Failed:
            return QT_TRANSLATE_NOOP("error", "That did not work:");
        case ErrorCode::Usage:
            return QT_TRANSLATE_NOOP("error", "That cannot be done as it was asked for:");
        case ErrorCode::BadInput:
            return QT_TRANSLATE_NOOP("error", "A file cannot be used:");
        case ErrorCode::NoRoom:
            return QT_TRANSLATE_NOOP("error", "There is not enough room:");
        case ErrorCode::Damaged:
            return QT_TRANSLATE_NOOP("error", "What was saved is damaged:");
        case ErrorCode::WrongModel:
            return QT_TRANSLATE_NOOP("error", "The model is not the session's:");
        case ErrorCode::Busy:
            return QT_TRANSLATE_NOOP("error", "Another program is using it:");
        case ErrorCode::Interrupted:
            break;
    }
    return nullptr;
}

/// "%1" is the first of the names, or of the numbers after them; empty where the obstacle is none with a sentence.
const char* sentenceOf(Obstacle obstacle) {
    switch (obstacle) {
        case Obstacle::DiskFull:
            return QT_TRANSLATE_NOOP("error",
                                     "There is no room left on the disk for “%1”. Nothing that was saved is lost: make "
                                     "room, then do it again.");
        case Obstacle::ReadOnly:
            return QT_TRANSLATE_NOOP("error",
                                     "“%1” cannot be written: the file, its folder or its disk is read-only. Copy it "
                                     "to where you may write, and open the copy.");
        case Obstacle::NewerVersion:
            return QT_TRANSLATE_NOOP("error",
                                     "“%1” was made by a newer Lectern. Install the newer version to open it.");
        case Obstacle::NoSession:
            return QT_TRANSLATE_NOOP("error", "“%1” is not a Lectern session. Choose a .lectern file.");
        case Obstacle::DamagedFile:
            return QT_TRANSLATE_NOOP("error",
                                     "“%1” is damaged. Restore it from a backup, or read its documents again.");
        case Obstacle::OpenElsewhere:
            return QT_TRANSLATE_NOOP("error", "“%1” is open in another program. Close it there, then do it again.");
        case Obstacle::NoModel:
            return QT_TRANSLATE_NOOP("error", "The model “%1” is not there. Choose another one.");
        case Obstacle::BadModel:
            return QT_TRANSLATE_NOOP("error",
                                     "“%1” cannot be used as a model: it is damaged, cut short, or of a kind that "
                                     "Lectern does not know. Get it again, or choose another one.");
        case Obstacle::LostModel:
            return QT_TRANSLATE_NOOP("error",
                                     "The model “%1”, with which “%2” was made, is not there any more. Put it back "
                                     "where it was, or read the documents again with another one.");
        case Obstacle::OtherModel:
            return QT_TRANSLATE_NOOP("error", "“%1” was made with the model “%2” and cannot be continued with “%3”.");
        case Obstacle::Memory:
            return QT_TRANSLATE_NOOP("error",
                                     "Reading %1 tokens needs %2 of memory, and %3 are free. Use fewer bits or fewer "
                                     "documents, or raise the memory limit in the settings.");
        case Obstacle::Disk:
            return QT_TRANSLATE_NOOP("error",
                                     "Reading %1 tokens needs %2 on the disk, and %3 are free. Make room, or save the "
                                     "session on another disk.");
        case Obstacle::DeviceMemory:
            return QT_TRANSLATE_NOOP("error",
                                     "This needs %2 of memory on the device “%1”, and %3 are free there. Use fewer "
                                     "bits, fewer documents or a smaller model, or choose the CPU in the settings.");
        case Obstacle::Unnamed:
            break;
    }
    return nullptr;
}

/// Files by their names without the folder: where they lie is in the details.
QStringList partsOf(const ErrorParts& parts) {
    QStringList said;
    for (const std::string& name : parts.names) {
        const QString file = QFileInfo(fromPath(name)).fileName();
        said << (file.isEmpty() ? text(name) : file);
    }
    const bool counted = parts.obstacle == Obstacle::Memory || parts.obstacle == Obstacle::Disk;
    for (std::size_t i = 0; i < parts.numbers.size(); ++i)
        said << (counted && i == 0 ? countText(parts.numbers[i]) : bytesText(parts.numbers[i]));
    return said;
}

/// In one go: a file's name may look like a place.
QString filled(const QString& sentence, const QStringList& parts) {
    static const QRegularExpression kPlace("%(\\d)");
    QString said;
    qsizetype from = 0;
    for (auto places = kPlace.globalMatch(sentence); places.hasNext();) {
        const auto place = places.next();
        said += sentence.mid(from, place.capturedStart() - from) + parts.value(place.captured(1).toInt() - 1);
        from = place.capturedEnd();
    }
    return said + sentence.mid(from);
}

}  // namespace

QString errorText(const Error& error) {
    if (const char* sentence = sentenceOf(error.parts.obstacle); sentence != nullptr)
        return filled(QCoreApplication::translate("error", sentence), partsOf(error.parts));
    QString said = text(error.message);
    const char* kind = kindOf(error.code);
    if (kind == nullptr) return said;
    const QString translated = QCoreApplication::translate("error", kind);
    return translated == QString::fromUtf8(kind) ? said : translated + ' ' + said;
}

QString errorDetails(const Error& error) {
    return error.parts.obstacle == Obstacle::Unnamed ? QString() : text(error.message);
}

}  // namespace lectern::ui
