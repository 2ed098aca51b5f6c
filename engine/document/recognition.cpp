// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/recognition.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/document/document_error.h"
#include "engine/document/page_renderer.h"
#include "engine/document/tesseract.h"

namespace lectern {
namespace {

constexpr double kDpi = 300;           ///< what Tesseract was made for
constexpr double kMostPixels = 40e6;   ///< of a picture; larger pages are drawn coarser
constexpr double kLongestSide = 15e3;  ///< pixels
constexpr int kMostFailures = 8;       ///< in a row; then the other pages are given up

double dpiFor(const PageText& page) {
    const double width = std::max(1.0, double(page.width)) / 72, height = std::max(1.0, double(page.height)) / 72;
    return std::min({kDpi, std::sqrt(kMostPixels / (width * height)), kLongestSide / std::max(width, height)});
}

Status recognizePage(PageRenderer& renderer, const Tesseract& tesseract, int index, const OcrSettings& settings,
                     const std::stop_token& stop, PageText& page) {
    const double dpi = dpiFor(page);
    const auto picture = renderer.render(index, dpi, stop);
    if (!picture) return picture.error();
    return tesseract.read(*picture, dpi, settings.seconds_per_page, stop, page);
}

}  // namespace

Status recognizePictures(const std::filesystem::path& worker, const ReadRequest& request, const PageProgress& progress,
                         const std::stop_token& stop, Document& document) {
    std::vector<int> pictures;
    std::uint64_t text_bytes = 0;
    for (std::size_t p = 0; p < document.pages.size(); ++p) {
        text_bytes += document.pages[p].text.size();
        if (document.pages[p].state == PageState::ImageOnly) pictures.push_back(int(p));
    }
    if (!request.ocr || pictures.empty()) return {};
    const auto tesseract = Tesseract::find(request.ocr->languages, stop);
    if (!tesseract) return tesseract.error();
    PageRenderer renderer(worker, document.source, request.password);
    int failures = 0, done = 0;
    for (const int index : pictures) {
        PageText& page = document.pages[std::size_t(index)];
        const Status read = failures < kMostFailures
                                ? recognizePage(renderer, *tesseract, index, *request.ocr, stop, page)
                                : Error{ErrorCode::Failed, "OCR was given up after it failed on the pages before."};
        if (stop.stop_requested()) return documentError::interrupted(document.name);
        failures = read ? 0 : failures + 1;
        if (!read) page.problem = read.error().message;
        text_bytes += page.text.size();
        if (text_bytes > request.limits.text_bytes) return documentError::tooMuchText(document.name);
        if (progress) progress(++done, int(pictures.size()));
    }
    return {};
}

}  // namespace lectern
