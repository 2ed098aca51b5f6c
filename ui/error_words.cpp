// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/error_words.h"

#include <QCoreApplication>

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

}  // namespace

QString errorText(const Error& error) {
    QString said = text(error.message);
    const char* kind = kindOf(error.code);
    if (kind == nullptr) return said;
    const QString translated = QCoreApplication::translate("error", kind);
    return translated == QString::fromUtf8(kind) ? said : translated + ' ' + said;
}

}  // namespace lectern::ui
