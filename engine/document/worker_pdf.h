// SPDX-License-Identifier: GPL-3.0-or-later
// Poppler, as far as the worker needs it. Runs in the worker program only.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/document/document.h"
#include "engine/document/page_wire.h"

namespace lectern::worker {

/// One open PDF. One thread.
class Pdf {
public:
    /// Tries the password as UTF-8, then as Latin-1, as user's and owner's.
    static std::variant<std::unique_ptr<Pdf>, wire::Failure> open(const std::string& file, const std::string& password);
    ~Pdf();

    wire::Header header() const;
    int pages() const;
    /// Never fails: what cannot be read is a page in state Unreadable.
    PageText page(int index);
    wire::OutlineMessage outline() const;
    std::variant<PageImage, wire::Failure> render(int index, double dpi);

private:
    struct State;
    explicit Pdf(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace lectern::worker
