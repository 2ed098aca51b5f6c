// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations as files to keep.
#pragma once

#include <QString>
#include <string>

#include "engine/base/result.h"
#include "ui/services.h"

namespace lectern::ui {

/// By the file's ending: .html, .pdf, .json; Markdown for all others.
ConversationFormat formatOf(const QString& file);

/// Writes `text` (UTF-8; HTML where a PDF is wanted), the whole file or nothing. A PDF has A4 pages with the fonts that
/// its characters need inside. Any thread. Errors: Failed, naming the file.
Status writeConversation(const std::string& text, const QString& file, ConversationFormat format);

}  // namespace lectern::ui
