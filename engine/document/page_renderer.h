// SPDX-License-Identifier: GPL-3.0-or-later
// Pages as pictures.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "engine/base/result.h"
#include "engine/document/document.h"

namespace lectern {

/// Renders pages of one PDF in a child process that stays alive between calls and is restarted after a crash or
/// time-out. Not thread safe: one per thread.
class PageRenderer {
public:
    PageRenderer(std::filesystem::path worker, std::filesystem::path file, std::string password = {});
    ~PageRenderer();
    PageRenderer(const PageRenderer&) = delete;
    PageRenderer& operator=(const PageRenderer&) = delete;

    Result<PageImage> render(int page, double dpi, std::stop_token stop = {});

private:
    struct Child;
    std::filesystem::path m_worker, m_file;
    std::string m_password;
    Child* m_child = nullptr;
};

}  // namespace lectern
