// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session_reading.h"

#include <algorithm>
#include <ostream>

#include "app/cli/progress_line.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

Status readStripped(CommandContext& context, Session& session) {
    const auto documents = session.documents();
    const bool any = std::any_of(documents.begin(), documents.end(),
                                 [](const DocumentInfo& d) { return d.state == DocumentState::Queued; });
    if (session.tokens() > 0 || !any) return {};
    say(context, "The session has no cache; its documents are read again.");
    ProgressLine line(context.io.err, context.io.err_is_terminal ? context.io.columns : 0);
    const auto events = [&](const IngestEvent& event) {
        if (event.tokens_total > 0) line.show(double(event.tokens) / double(event.tokens_total), "reading");
    };
    return session.ingest(events, context.stop);
}

void warnAboutUnread(CommandContext& context, const Session& session) {
    std::size_t unread = 0;
    for (const DocumentInfo& document : session.documents()) {
        unread += document.state == DocumentState::Queued || document.state == DocumentState::Reading;
    }
    if (unread == 0) return;
    say(context, std::to_string(unread) + (unread == 1 ? " document is" : " documents are") +
                     " not read to the end, and the answer knows only what is: lectern-cli ingest " +
                     shellWord(session.file().string()) + " goes on.");
}

}  // namespace lectern::cli
