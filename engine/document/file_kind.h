// SPDX-License-Identifier: GPL-3.0-or-later
// What a file is by its first bytes, whatever its name says. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lectern {

enum class Encoding : std::uint8_t { Utf8, Utf16Le, Utf16Be, Windows1252 };

struct FileKind {
    enum class Type : std::uint8_t { Empty, Pdf, Text, Binary };
    Type type = Type::Empty;
    Encoding encoding = Encoding::Utf8;  ///< for Text
    std::size_t skip = 0;                ///< bytes of the byte order mark
    std::string what;                    ///< for Binary: "PNG image (image/png)", or "binary data"
};

/// `bytes` is the whole file, or its beginning (64 KiB are enough) and then `whole` is false.
///   - a PDF starts with %PDF-, perhaps after junk; a text that only mentions it is a text;
///   - UTF-16 is known by its byte order mark, else by zero bytes on one side only;
///   - what is not UTF-8 is read as Windows-1252 (a superset of Latin-1) unless control characters say it is binary.
FileKind fileKind(std::string_view bytes, bool whole = true);

}  // namespace lectern
