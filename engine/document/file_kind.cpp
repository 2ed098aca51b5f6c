// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/file_kind.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "engine/document/unicode.h"

namespace lectern {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::size_t at;
    std::string_view bytes;
    std::string_view what;
};

constexpr Signature kSignatures[] = {
    {0, "\x89PNG\r\n\x1a\n"sv, "PNG image (image/png)"},
    {0, "\xff\xd8\xff"sv, "JPEG image (image/jpeg)"},
    {0, "GIF87a"sv, "GIF image (image/gif)"},
    {0, "GIF89a"sv, "GIF image (image/gif)"},
    {0, "II*\0"sv, "TIFF image (image/tiff)"},
    {0, "MM\0*"sv, "TIFF image (image/tiff)"},
    {8, "WEBP"sv, "WebP image (image/webp)"},
    {0, "\0\0\x01\0"sv, "icon (image/x-icon)"},
    {30, "mimetypeapplication/epub+zip"sv, "EPUB book (application/epub+zip)"},
    {30, "mimetypeapplication/vnd.oasis.opendocument"sv, "OpenDocument file (application/vnd.oasis.opendocument)"},
    {30, "[Content_Types].xml"sv, "Office document (application/vnd.openxmlformats-officedocument)"},
    {0, "PK\x03\x04"sv, "ZIP archive (application/zip)"},
    {0, "PK\x05\x06"sv, "ZIP archive (application/zip)"},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "old Office document (application/x-ole-storage)"},
    {0, "{\\rtf"sv, "RTF document (application/rtf)"},
    {0, "%!PS"sv, "PostScript file (application/postscript)"},
    {0, "AT&TFORM"sv, "DjVu document (image/vnd.djvu)"},
    {60, "BOOKMOBI"sv, "Mobipocket book (application/x-mobipocket-ebook)"},
    {0, "\x1f\x8b"sv, "gzip archive (application/gzip)"},
    {0, "BZh"sv, "bzip2 archive (application/x-bzip2)"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "xz archive (application/x-xz)"},
    {0, "\x28\xb5\x2f\xfd"sv, "Zstandard archive (application/zstd)"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "7-Zip archive (application/x-7z-compressed)"},
    {0, "Rar!\x1a\x07"sv, "RAR archive (application/vnd.rar)"},
    {257, "ustar"sv, "tar archive (application/x-tar)"},
    {0,
     "\x7f"
     "ELF"sv,
     "program (application/x-executable)"},
    {0, "\0asm"sv, "WebAssembly module (application/wasm)"},
    {0, "SQLite format 3\0"sv, "SQLite database (application/vnd.sqlite3)"},
    {0, "GGUF"sv, "model in GGUF format"},
    {0, "ID3"sv, "MP3 sound (audio/mpeg)"},
    {0, "OggS"sv, "Ogg sound or video (application/ogg)"},
    {0, "fLaC"sv, "FLAC sound (audio/flac)"},
    {0, "RIFF"sv, "sound or video in a RIFF file"},
    {4, "ftyp"sv, "video or picture in an MP4 file (video/mp4)"},
    {0, "\x1a\x45\xdf\xa3"sv, "Matroska video (video/x-matroska)"},
};

constexpr std::size_t kHead = std::size_t{64} << 10;

bool isPdf(std::string_view bytes) {
    constexpr std::size_t kHeaderWithin = 1024;  // as far as readers look
    const auto at = bytes.substr(0, kHeaderWithin + 5).find("%PDF-");
    if (at == std::string_view::npos) return false;
    const bool junk_before = std::any_of(bytes.begin(), bytes.begin() + std::ptrdiff_t(at),
                                         [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    return !junk_before || bytes.substr(at, kHead).find(" obj") != std::string_view::npos;
}

/// PDFs that lost their first line still have objects; texts do not start that way.
bool isHeadlessPdf(std::string_view bytes) {
    const auto head = bytes.substr(0, 200);
    const auto first = head.find_first_not_of("\r\n\t \0"sv);
    if (first == std::string_view::npos || std::isdigit(static_cast<unsigned char>(head[first])) == 0) return false;
    const auto object = head.find(" 0 obj");
    return object != std::string_view::npos && object < first + 12 && bytes.find("<<") != std::string_view::npos;
}

struct Census {
    std::size_t zeros_even = 0, zeros_odd = 0, controls = 0, high = 0, size = 0;
};

Census countBytes(std::string_view bytes) {
    Census c;
    c.size = bytes.size();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto b = static_cast<unsigned char>(bytes[i]);
        if (b == 0) ++(i % 2 == 0 ? c.zeros_even : c.zeros_odd);
        if (b != 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b) ++c.controls;
        if (b >= 0x80) ++c.high;
    }
    return c;
}

/// Share of code units that are characters people write.
bool decodesAsUtf16(std::string_view bytes, bool big_endian) {
    std::vector<std::uint16_t> units;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
        units.push_back(std::uint16_t(big_endian ? a << 8 | b : b << 8 | a));
    }
    const auto text = unicode::fromUtf16(units);
    const auto good = std::count_if(text.begin(), text.end(), [](char32_t c) {
        return c >= 0x20 ? c != unicode::kReplacement && unicode::isAssigned(c)
                         : c == '\n' || c == '\r' || c == '\t' || c == '\f';
    });
    return std::size_t(good) * 100 >= text.size() * 98;
}

FileKind text(Encoding encoding, std::size_t skip = 0) {
    return {FileKind::Type::Text, encoding, skip, {}};
}

FileKind binary(std::string_view what) {
    return {FileKind::Type::Binary, Encoding::Utf8, 0, std::string(what)};
}

/// Invalid bytes are forgiven in a text that is plainly UTF-8: one slip in a hundred long characters.
bool looksLikeUtf8(std::string_view bytes, bool whole) {
    std::size_t invalid = 0, multibyte = 0;
    for (std::string_view rest = bytes; !rest.empty();) {
        const auto next = unicode::decode(rest);
        if (!next.valid && (whole || rest.size() >= 4)) ++invalid;
        if (next.valid && next.bytes > 1) ++multibyte;
        rest.remove_prefix(next.bytes);
    }
    return invalid == 0 || invalid * 100 <= multibyte;
}

}  // namespace

FileKind fileKind(std::string_view bytes, bool whole) {
    if (bytes.empty()) return {};
    if (bytes.starts_with("\xef\xbb\xbf"sv))
        return isPdf(bytes) ? FileKind{FileKind::Type::Pdf, Encoding::Utf8, 0, {}} : text(Encoding::Utf8, 3);
    if (isPdf(bytes) || isHeadlessPdf(bytes)) return {FileKind::Type::Pdf, Encoding::Utf8, 0, {}};
    for (const auto& s : kSignatures) {
        if (bytes.size() >= s.at + s.bytes.size() && bytes.substr(s.at, s.bytes.size()) == s.bytes)
            return binary(s.what);
    }
    const auto head = bytes.substr(0, kHead);
    const bool cut = !whole || head.size() < bytes.size();
    if (bytes.starts_with("\xff\xfe"sv)) return text(Encoding::Utf16Le, 2);
    if (bytes.starts_with("\xfe\xff"sv)) return text(Encoding::Utf16Be, 2);
    const Census count = countBytes(head);
    const std::size_t zeros = count.zeros_even + count.zeros_odd;
    if (zeros > 0 && (bytes.size() % 2 == 0 || cut)) {
        if (count.zeros_even * 20 <= count.zeros_odd && decodesAsUtf16(head, false)) return text(Encoding::Utf16Le);
        if (count.zeros_odd * 20 <= count.zeros_even && decodesAsUtf16(head, true)) return text(Encoding::Utf16Be);
    }
    const bool odd = (zeros + count.controls) * 500 > count.size;
    if (odd && (zeros > 0 || count.controls > 2)) return binary("binary data");
    if (looksLikeUtf8(bytes, whole)) return text(Encoding::Utf8);
    return count.controls + zeros > 0 && count.high * 3 > count.size ? binary("binary data")
                                                                     : text(Encoding::Windows1252);
}

}  // namespace lectern
