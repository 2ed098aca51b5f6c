// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/safetensors.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "engine/model/byte_cursor.h"
#include "engine/model/json_object.h"
#include "engine/model/model_limits.h"

namespace lectern {
namespace {

using kernels::WeightType;

struct Dtype {
    std::string_view name;
    std::uint64_t bytes;
    std::optional<WeightType> weight;
};

constexpr std::array kDtypes = {
    Dtype{"F32", 4, WeightType::F32},
    Dtype{"F16", 2, WeightType::F16},
    Dtype{"BF16", 2, WeightType::BF16},
    Dtype{"F64", 8, {}},
    Dtype{"I64", 8, {}},
    Dtype{"U64", 8, {}},
    Dtype{"I32", 4, {}},
    Dtype{"U32", 4, {}},
    Dtype{"I16", 2, {}},
    Dtype{"U16", 2, {}},
    Dtype{"I8", 1, {}},
    Dtype{"U8", 1, {}},
    Dtype{"BOOL", 1, {}},
    Dtype{"F8_E4M3", 1, {}},
    Dtype{"F8_E5M2", 1, {}},
};

struct PlacedTensor {
    std::string name;
    StoredTensor tensor;
    std::uint64_t begin = 0, end = 0;  ///< in the data
};

Error bad(const std::filesystem::path& file, const std::string& sentence) {
    return {ErrorCode::BadInput, file.string() + ": " + sentence};
}

/// Bytes of a tensor, or nothing where that does not fit 64 bits.
std::optional<std::uint64_t> tensorBytes(const std::vector<std::uint64_t>& shape, std::uint64_t element) {
    std::optional<std::uint64_t> bytes = element;
    for (const std::uint64_t extent : shape)
        if (bytes) bytes = checkedProduct(*bytes, extent);
    return bytes;
}

/// One entry of the header; a defect is left in the status of `header`.
PlacedTensor readEntry(JsonObject& header, const std::string& name) {
    PlacedTensor placed{name, {}, 0, 0};
    auto entry = header.object(name);
    if (!entry) return header.fail(printable(name) + " has no description."), placed;
    placed.tensor.type_name = entry->text("dtype");
    placed.tensor.shape = entry->numbers("shape");
    const auto offsets = entry->numbers("data_offsets");
    if (!header.status()) return placed;
    const auto type = std::find_if(kDtypes.begin(), kDtypes.end(),
                                   [&](const Dtype& known) { return known.name == placed.tensor.type_name; });
    if (type == kDtypes.end())
        return header.fail(printable(name) + " has the dtype '" + printable(placed.tensor.type_name) +
                           "', which Lectern does not know."),
               placed;
    placed.tensor.type = type->weight;
    if (offsets.size() != 2 || offsets[0] > offsets[1])
        return header.fail(printable(name) + " has senseless data_offsets; the file is damaged."), placed;
    std::tie(placed.begin, placed.end) = std::tie(offsets[0], offsets[1]);
    const auto bytes = tensorBytes(placed.tensor.shape, type->bytes);
    if (placed.tensor.shape.size() > std::size_t(limits::kTensorDims) || !bytes || *bytes != placed.end - placed.begin)
        header.fail(printable(name) + " of shape " + shapeText(placed.tensor.shape) + " and type " +
                    placed.tensor.type_name + " does not take the " + std::to_string(placed.end - placed.begin) +
                    " bytes the header gives it; the file is damaged.");
    return placed;
}

/// The file's own bytes of the header, after its length has been checked.
Result<std::string_view> headerText(const MappedFile& file) {
    ByteCursor at(file.bytes());
    const auto length = at.number<std::uint64_t>();
    if (at.failed()) return bad(file.path(), "this is not a safetensors file: it has fewer than 8 bytes.");
    if (length > limits::kSafetensorsHeaderBytes)
        return bad(file.path(), "the header claims " + std::to_string(length) +
                                    " bytes, more than any model needs; this is not a safetensors file.");
    const auto header = at.take(length);
    if (at.failed()) return bad(file.path(), "the file ends inside its header; it is cut short: get it again.");
    return std::string_view(reinterpret_cast<const char*>(header.data()), header.size());
}

/// Tensors have to lie one after another and fill the data.
Status placeTensors(std::vector<PlacedTensor> placed, std::span<const std::byte> data,
                    const std::filesystem::path& file, TensorTable& out) {
    std::sort(placed.begin(), placed.end(), [](const PlacedTensor& a, const PlacedTensor& b) {
        return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t end = 0;
    for (PlacedTensor& tensor : placed) {
        if (tensor.begin < end)
            return bad(file, printable(tensor.name) + " shares bytes with another tensor; the file is damaged.");
        if (tensor.begin > end)
            return bad(file, "there is a hole before " + printable(tensor.name) + "; the file is damaged.");
        if (tensor.end > data.size())
            return bad(file, "the data of " + printable(tensor.name) +
                                 " lies beyond the end of the file; it is cut short: get it again.");
        end = tensor.end;
        tensor.tensor.data = data.subspan(tensor.begin, tensor.end - tensor.begin);
        out.emplace(std::move(tensor.name), std::move(tensor.tensor));
    }
    if (end != data.size()) return bad(file, "bytes follow the last tensor; the file is damaged.");
    return {};
}

}  // namespace

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
    auto mapped = MappedFile::open(path);
    if (!mapped) return std::move(mapped).error();
    SafetensorsFile file;
    file.m_file = *std::move(mapped);
    const auto text = headerText(file.m_file);
    if (!text) return text.error();
    auto header = JsonObject::parse(*text, path);
    if (!header) return std::move(header).error();
    std::vector<PlacedTensor> placed;
    for (const std::string& name : header->keys())
        if (name != "__metadata__") placed.push_back(readEntry(*header, name));
    if (!header->status()) return header->status().error();
    const auto data = file.m_file.bytes().subspan(sizeof(std::uint64_t) + text->size());
    if (auto done = placeTensors(std::move(placed), data, path, file.m_tensors); !done) return std::move(done).error();
    return file;
}

}  // namespace lectern
