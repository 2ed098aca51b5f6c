// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf.h"

#include <algorithm>
#include <utility>

#include "engine/model/byte_cursor.h"
#include "engine/model/model_limits.h"

namespace lectern {
namespace {

constexpr std::uint64_t kLeastKeyBytes = 8 + 4 + 1;             // empty name, type, one byte
constexpr std::uint64_t kLeastTensorBytes = 8 + 4 + 8 + 4 + 8;  // empty name, one extent
constexpr std::uint64_t kLeastStringBytes = 8;
constexpr std::uint64_t kDefaultAlignment = 32;

bool isKnown(std::uint32_t type) {
    return type <= std::uint32_t(GgufType::F64);
}

}  // namespace

/// Walks the header once from front to back. The first defect ends the walk.
class GgufParser {
public:
    explicit GgufParser(GgufFile& out) : m_out(out), m_at(out.m_file.bytes()) {}
    Status parse();

private:
    struct PlacedTensor {
        std::string name;
        const GgmlType* type = nullptr;
        std::vector<std::uint64_t> shape;  ///< slowest first
        std::uint64_t offset = 0, bytes = 0;
    };

    Status parseCounts();
    Status parseKey();
    Status parseValue(GgufValue& value, std::string_view key);
    Status parseArray(GgufValue& value, std::string_view key);
    Status parseTensor();
    Status parseShape(PlacedTensor& tensor);
    Status parseAlignment();
    Status placeTensors();

    Error bad(const std::string& sentence) const {
        return {ErrorCode::BadInput, m_out.path().string() + ": " + sentence};
    }
    Error cutShort() const { return bad("the file ends inside its header; it is cut short: get it again."); }

    GgufFile& m_out;
    ByteCursor m_at;
    std::uint64_t m_tensor_count = 0, m_key_count = 0, m_alignment = kDefaultAlignment;
    std::vector<PlacedTensor> m_tensors;
};

Status GgufParser::parse() {
    if (auto done = parseCounts(); !done) return done;
    for (std::uint64_t i = 0; i < m_key_count; ++i)
        if (auto done = parseKey(); !done) return done;
    if (auto done = parseAlignment(); !done) return done;
    for (std::uint64_t i = 0; i < m_tensor_count; ++i)
        if (auto done = parseTensor(); !done) return done;
    return placeTensors();
}

Status GgufParser::parseCounts() {
    const auto magic = m_at.take(4);
    if (m_at.failed() || std::memcmp(magic.data(), "GGUF", 4) != 0) return bad("this is not a GGUF file.");
    const auto version = m_at.number<std::uint32_t>();
    m_tensor_count = m_at.number<std::uint64_t>();
    m_key_count = m_at.number<std::uint64_t>();
    if (m_at.failed()) return cutShort();
    if (version != 0 && (version & 0xFFFF) == 0)
        return bad("this GGUF file is big-endian; convert it to little-endian.");
    if (version != 2 && version != 3)
        return bad("this is GGUF version " + std::to_string(version) + "; Lectern reads versions 2 and 3.");
    if (m_key_count > limits::kGgufKeys || m_tensor_count > limits::kGgufTensors)
        return bad("the header claims " + std::to_string(m_key_count) + " keys and " + std::to_string(m_tensor_count) +
                   " tensors, more than any model has; the file is damaged.");
    if (m_key_count > m_at.left() / kLeastKeyBytes || m_tensor_count > m_at.left() / kLeastTensorBytes)
        return cutShort();
    return {};
}

Status GgufParser::parseKey() {
    const std::string_view key = m_at.text();
    const auto type = m_at.number<std::uint32_t>();
    if (m_at.failed()) return cutShort();
    if (key.empty() || key.size() > limits::kGgufNameBytes)
        return bad("a metadata key is " + std::to_string(key.size()) + " bytes long; the file is damaged.");
    if (!isKnown(type))
        return bad(printable(key) + " has the unknown type " + std::to_string(type) + "; the file is damaged.");
    GgufValue value;
    value.type = GgufType(type);
    if (auto done = parseValue(value, key); !done) return done;
    if (!m_out.m_values.emplace(key, value).second) return bad(printable(key) + " stands twice in the metadata.");
    return {};
}

Status GgufParser::parseValue(GgufValue& value, std::string_view key) {
    if (value.type == GgufType::Array) return parseArray(value, key);
    if (value.type == GgufType::String)
        value.bytes = std::as_bytes(std::span(m_at.text()));
    else
        value.bytes = m_at.take(scalarBytes(value.type));
    if (m_at.failed()) return cutShort();
    return {};
}

Status GgufParser::parseArray(GgufValue& value, std::string_view key) {
    const auto element = m_at.number<std::uint32_t>();
    value.count = m_at.number<std::uint64_t>();
    if (m_at.failed()) return cutShort();
    if (!isKnown(element))
        return bad(printable(key) + " holds the unknown type " + std::to_string(element) + "; the file is damaged.");
    value.element = GgufType(element);
    if (value.element == GgufType::Array)
        return bad(printable(key) + " is an array of arrays, which Lectern does not read.");
    const std::uint64_t least = value.element == GgufType::String ? kLeastStringBytes : scalarBytes(value.element);
    if (value.count > m_at.left() / least) return cutShort();
    if (value.element != GgufType::String) {
        value.bytes = m_at.take(value.count * least);
        return {};
    }
    const auto begin = m_at;
    for (std::uint64_t i = 0; i < value.count && !m_at.failed(); ++i) m_at.text();
    if (m_at.failed()) return cutShort();
    value.bytes = m_out.m_file.bytes().subspan(begin.place(), m_at.place() - begin.place());
    return {};
}

Status GgufParser::parseAlignment() {
    const GgufValue* value = m_out.find("general.alignment");
    if (value == nullptr) return {};
    if (value->type != GgufType::U32) return bad("general.alignment is not a 32-bit number; the file is damaged.");
    m_alignment = ByteCursor(value->bytes).number<std::uint32_t>();
    if (!std::has_single_bit(m_alignment) || m_alignment > limits::kGgufAlignment)
        return bad("general.alignment is " + std::to_string(m_alignment) + ", it must be a power of two up to " +
                   std::to_string(limits::kGgufAlignment) + ".");
    return {};
}

Status GgufParser::parseTensor() {
    PlacedTensor tensor;
    const std::string_view name = m_at.text();
    if (m_at.failed()) return cutShort();
    if (name.empty() || name.size() > limits::kGgufNameBytes)
        return bad("a tensor's name is " + std::to_string(name.size()) + " bytes long; the file is damaged.");
    tensor.name = name;
    if (auto done = parseShape(tensor); !done) return done;
    m_tensors.push_back(std::move(tensor));
    return {};
}

Status GgufParser::parseShape(PlacedTensor& tensor) {
    const auto dims = m_at.number<std::uint32_t>();
    const std::string shown = printable(tensor.name);
    if (!m_at.failed() && (dims < 1 || dims > std::uint32_t(limits::kTensorDims)))
        return bad(shown + " has " + std::to_string(dims) + " dimensions; Lectern reads 1 to 4.");
    std::uint64_t elements = 1;
    for (std::uint32_t i = 0; i < dims && !m_at.failed(); ++i) {
        tensor.shape.insert(tensor.shape.begin(), m_at.number<std::uint64_t>());
        const auto product = checkedProduct(elements, tensor.shape.front());
        if (!product || (*product == 0 && !m_at.failed()))
            return bad(shown + " has the impossible shape " + shapeText(tensor.shape) + "; the file is damaged.");
        elements = *product;
    }
    const auto number = m_at.number<std::uint32_t>();
    tensor.offset = m_at.number<std::uint64_t>();
    if (m_at.failed()) return cutShort();
    tensor.type = ggmlType(number);
    if (tensor.type == nullptr)
        return bad(shown + " has the tensor type number " + std::to_string(number) + ", which Lectern does not know.");
    if (tensor.shape.back() % tensor.type->block != 0)
        return bad(shown + " has rows of " + std::to_string(tensor.shape.back()) + " elements, " +
                   std::string(tensor.type->name) + " needs multiples of " + std::to_string(tensor.type->block) + ".");
    const auto bytes = checkedProduct(elements / tensor.type->block, tensor.type->bytes);
    if (!bytes) return bad(shown + " has the impossible shape " + shapeText(tensor.shape) + "; the file is damaged.");
    tensor.bytes = *bytes;
    return {};
}

/// Gives each tensor its bytes: inside the file, aligned, sharing none with another.
Status GgufParser::placeTensors() {
    const std::uint64_t padding = (m_alignment - m_at.place() % m_alignment) % m_alignment;
    const auto all = m_out.m_file.bytes();
    const auto data = all.subspan(std::min<std::uint64_t>(m_at.place() + padding, all.size()));
    std::sort(m_tensors.begin(), m_tensors.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    std::uint64_t end = 0;
    for (PlacedTensor& tensor : m_tensors) {
        const std::string shown = printable(tensor.name);
        if (tensor.offset % m_alignment != 0) return bad(shown + " does not start at an aligned place.");
        if (tensor.offset < end) return bad(shown + " shares bytes with another tensor; the file is damaged.");
        if (tensor.offset > data.size() || tensor.bytes > data.size() - tensor.offset)
            return bad("the data of " + shown + " lies beyond the end of the file; it is cut short: get it again.");
        end = tensor.offset + tensor.bytes;
        StoredTensor stored{std::string(tensor.type->name), tensor.type->weight, std::move(tensor.shape),
                            data.subspan(tensor.offset, tensor.bytes)};
        if (!m_out.m_tensors.emplace(std::move(tensor.name), std::move(stored)).second)
            return bad(shown + " stands twice in the tensor table.");
    }
    return {};
}

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
    auto mapped = MappedFile::open(path);
    if (!mapped) return std::move(mapped).error();
    GgufFile file;
    file.m_file = *std::move(mapped);
    if (auto done = GgufParser(file).parse(); !done) return std::move(done).error();
    return file;
}

const GgufValue* GgufFile::find(std::string_view key) const {
    const auto found = m_values.find(key);
    return found != m_values.end() ? &found->second : nullptr;
}

}  // namespace lectern
