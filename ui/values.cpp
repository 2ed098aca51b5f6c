// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/values.h"

namespace lectern::ui {

std::uint64_t DocumentEntry::tokens() const {
    std::uint64_t sum = 0;
    for (const PageInfo& page : pages) sum += page.tokens;
    return sum;
}

int DocumentEntry::pagesInContext() const {
    int count = 0;
    for (const PageInfo& page : pages) count += page.in_context ? 1 : 0;
    return count;
}

int DocumentEntry::pagesWithoutText() const {
    int count = 0;
    for (const PageInfo& page : pages)
        count += page.state == PageState::ImageOnly || page.state == PageState::Unreadable ? 1 : 0;
    return count;
}

bool SessionSnapshot::hasUnread() const {
    for (const DocumentEntry& entry : documents)
        if (entry.info.state == DocumentState::Queued || entry.info.state == DocumentState::Reading) return true;
    return false;
}

const DocumentEntry* SessionSnapshot::document(int id) const {
    for (const DocumentEntry& entry : documents)
        if (entry.info.id == id) return &entry;
    return nullptr;
}

}  // namespace lectern::ui
