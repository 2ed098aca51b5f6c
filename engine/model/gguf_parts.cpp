// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_parts.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "engine/model/gguf_fields.h"
#include "engine/model/model_limits.h"

namespace lectern {
namespace {

constexpr std::size_t kDigits = 5;
constexpr std::string_view kOf = "-of-", kExtension = ".gguf";

std::string padded(int number) {
    const std::string digits = std::to_string(number);
    return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

/// The five digits at the end of `text`, which lose them and the dash before; 0 where there are none.
int takeNumber(std::string_view& text, std::string_view before) {
    if (text.size() < before.size() + kDigits) return 0;
    const std::string_view digits = text.substr(text.size() - kDigits);
    const std::string_view dash = text.substr(text.size() - kDigits - before.size(), before.size());
    if (dash != before || !std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c); }))
        return 0;
    text.remove_suffix(kDigits + before.size());
    return std::stoi(std::string(digits));
}

Error bad(const std::filesystem::path& path, const std::string& sentence) {
    return {ErrorCode::BadInput, path.string() + ": " + sentence};
}

/// Where a part says that it stands.
struct Place {
    int index = 0, parts = 1;
    std::optional<std::int64_t> tensors;  ///< of all parts
};

Result<Place> placeOf(const GgufFile& file) {
    GgufFields fields(file);
    Place place;
    place.parts = fields.count("split.count", 1);
    place.index = fields.count("split.no", 0);
    place.tensors = fields.integer("split.tensors.count");
    if (!fields.status()) return fields.status().error();
    if (place.parts == 0) place.parts = 1;  // some writers' way to say that it was not split
    if (place.parts > int(limits::kShards) || place.index >= place.parts)
        return bad(file.path(), "this says it is part " + std::to_string(place.index + 1) + " of " +
                                    std::to_string(place.parts) + "; the file is damaged.");
    return place;
}

std::string placeText(const Place& place) {
    return "this is part " + std::to_string(place.index + 1) + " of " + std::to_string(place.parts);
}

Status missingParts(const std::filesystem::path& first, const GgufPartName& name) {
    std::string missing;
    std::error_code failed;
    for (int part = 2; part <= name.parts; ++part)
        if (!std::filesystem::exists(first.parent_path() / name.fileName(part), failed))
            missing += (missing.empty() ? "" : ", ") + name.fileName(part);
    if (missing.empty()) return {};
    return bad(first, "other parts of this model are missing: put " + missing + " into the same folder.");
}

/// The name of the first part; a part of another number names it.
Result<GgufPartName> nameOf(const std::filesystem::path& path, const Place& place) {
    const auto name = ggufPartName(path);
    if (!name || name->parts != place.parts || name->part != place.index + 1)
        return bad(path, placeText(place) + ", but its name does not end in -" + padded(place.index + 1) +
                             std::string(kOf) + padded(place.parts) + ".gguf: give the parts their names back.");
    if (place.index != 0) return bad(path, placeText(place) + " of a model: open " + name->fileName(1) + ".");
    return *name;
}

Result<GgufFile> openPart(const std::filesystem::path& path, int part, const Place& first) {
    auto file = GgufFile::open(path);
    if (!file) return file;
    const auto place = placeOf(*file);
    if (!place) return place.error();
    if (place->parts != first.parts || place->index + 1 != part)
        return bad(path, placeText(*place) + ", not what its name says: get it again.");
    return file;
}

}  // namespace

std::string GgufPartName::fileName(int number) const {
    return stem + "-" + padded(number) + std::string(kOf) + padded(parts) + std::string(kExtension);
}

std::optional<GgufPartName> ggufPartName(const std::filesystem::path& path) {
    if (path.extension() != kExtension) return std::nullopt;
    const std::string whole = path.stem().string();
    std::string_view left = whole;
    GgufPartName name;
    name.parts = takeNumber(left, kOf);
    name.part = name.parts > 0 ? takeNumber(left, "-") : 0;
    name.stem = left;
    if (name.part < 1 || name.part > name.parts) return std::nullopt;
    return name;
}

Result<std::vector<GgufFile>> openGgufParts(const std::filesystem::path& path) {
    auto first = GgufFile::open(path);
    if (!first) return std::move(first).error();
    const auto place = placeOf(*first);
    if (!place) return place.error();
    std::vector<GgufFile> files;
    files.push_back(*std::move(first));
    if (place->parts == 1) return files;
    const auto name = nameOf(path, *place);
    if (!name) return name.error();
    if (auto there = missingParts(path, *name); !there) return there.error();
    for (int part = 2; part <= name->parts; ++part) {
        auto file = openPart(path.parent_path() / name->fileName(part), part, *place);
        if (!file) return std::move(file).error();
        files.push_back(*std::move(file));
    }
    return files;
}

Result<TensorTable> takeTensors(std::vector<GgufFile>& parts) {
    const auto place = placeOf(parts.front());
    if (!place) return place.error();
    TensorTable all;
    for (GgufFile& file : parts) {
        for (auto& [name, tensor] : file.takeTensors())
            if (!all.emplace(name, std::move(tensor)).second)
                return bad(file.path(), "the tensor " + printable(name) + " stands in another part too.");
    }
    if (place->parts > 1 && place->tensors && *place->tensors != std::int64_t(all.size()))
        return bad(parts.front().path(), "its parts have " + std::to_string(all.size()) +
                                             " tensors, split.tensors.count says " + std::to_string(*place->tensors) +
                                             ": get the parts again.");
    return all;
}

}  // namespace lectern
