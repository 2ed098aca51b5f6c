// SPDX-License-Identifier: GPL-3.0-or-later
// Where outline titles stand in a document whose parser does not tell.
#pragma once

#include <vector>

#include "engine/document/document.h"
#include "engine/document/page_wire.h"

namespace lectern {

/// Sets the page of each item whose page is -1 to the page where its title stands as a heading; leaves -1 where no page
/// shows it. Headings are looked for as lines of their own (up to three lines, with or without the number before them);
/// lines that go on with a page number are a table of contents or a running title and count less, and pages that have a
/// structural named place ("section.2") count more. Pages never run backwards along the outline; among equals the
/// first page wins. Time about linear in the text plus items times candidates.
void placeOutline(std::vector<OutlineItem>& items, const std::vector<wire::NamedPlace>& places,
                  const std::vector<PageText>& pages);

}  // namespace lectern
