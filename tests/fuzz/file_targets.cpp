// SPDX-License-Identifier: GPL-3.0-or-later
// Targets whose readers want a file.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/crc32c.h"
#include "engine/calibrate/calibration.h"
#include "engine/model/hf_config.h"
#include "engine/model/model.h"
#include "engine/model/safetensors.h"
#include "engine/text/tokenizer.h"
#include "kernels/dispatch.h"
#include "tests/fuzz/targets.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

/// `input` as a file of that name; the next one takes its place.
std::filesystem::path written(const char* name, std::span<const std::byte> input) {
    static const TempDir folder;
    auto path = folder / name;
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(input.data()), std::streamsize(input.size()));
    out.close();
    if (!out) std::abort();
    return path;
}

/// Whether `refused` says something about the file.
template <class Read>
void checkRefusal(const Result<Read>& read) {
    if (!read && read.error().message.size() < 10) std::abort();
}

void encodeAndDecode(const Tokenizer& tokenizer, std::string_view text) {
    for (const bool special : {false, true}) {
        std::vector<TokenId> ids;
        for (const PlacedToken& token : tokenizer.encodePlaced(text, special)) {
            if (token.begin > token.end || token.end > text.size()) std::abort();
            if (token.id < 0 || token.id >= tokenizer.vocabSize()) std::abort();
            ids.push_back(token.id);
        }
        tokenizer.decode(ids);
    }
}

/// What can be done with a specification from a file: text of every kind, and the file's own bytes.
void use(TokenizerSpec spec, std::span<const std::byte> input) {
    const auto tokenizer = Tokenizer::make(std::move(spec));
    checkRefusal(tokenizer);
    if (!tokenizer) return;
    encodeAndDecode(**tokenizer, "Hello w\u00f6rld,\r\n  it's 1234 <s> \U0001F600 \xff\xc0 aaaaaaaaaa</s>");
    const auto head = input.first(std::min<std::size_t>(input.size(), 256));
    encodeAndDecode(**tokenizer, {reinterpret_cast<const char*>(head.data()), head.size()});
    for (TokenId id = -1; id <= std::min((*tokenizer)->vocabSize(), 64); ++id) (*tokenizer)->piece(id);
}

}  // namespace

void fuzzGguf(std::span<const std::byte> input) {
    const auto model = Model::open(written("model.gguf", input));
    checkRefusal(model);
    if (!model) return;
    std::vector<float> row(std::size_t((*model)->config.hidden));
    kernels::bestKernels().weightRows((*model)->embedding, 0, 1, row.data());
    if ((*model)->fingerprint().size() != 32) std::abort();
    use((*model)->tokenizer, input);
}

void fuzzSafetensors(std::span<const std::byte> input) {
    const auto file = SafetensorsFile::open(written("model.safetensors", input));
    checkRefusal(file);
    if (!file) return;
    unsigned sum = 0;
    for (const auto& [name, tensor] : file->tensors())
        for (const std::byte byte : tensor.data) sum += std::to_integer<unsigned>(byte);
    if (sum > input.size() * 255) std::abort();
}

void fuzzHfConfig(std::span<const std::byte> input) {
    const auto config = readHfConfig(written("config.json", input).parent_path());
    checkRefusal(config);
    if (!config) return;
    for (const double frequency : ropeFrequencies(config->model.rope))
        if (!std::isfinite(frequency)) std::abort();
}

void fuzzTokenizerJson(std::span<const std::byte> input) {
    auto spec = readTokenizerJson(written("tokenizer.json", input));
    checkRefusal(spec);
    if (spec) use(*std::move(spec), input);
}

void fuzzSentencePiece(std::span<const std::byte> input) {
    auto spec = readSentencePieceModel(written("tokenizer.model", input));
    checkRefusal(spec);
    if (spec) use(*std::move(spec), input);
}

void fuzzCalibration(std::span<const std::byte> input) {
    std::vector<std::byte> whole(input.begin(), input.end());
    const std::uint32_t checksum = crc32c(whole);
    const auto end = std::as_bytes(std::span(&checksum, 1));
    whole.insert(whole.end(), end.begin(), end.end());
    const auto calibration = loadCalibration(written("model.kvq", whole));
    checkRefusal(calibration);
    if (!calibration) return;
    for (const char* name : {"nuq2", "nuq3", "nuq4-0%"}) checkRefusal(calibration->quantizer(*parseKvSettings(name)));
    const auto again = written("again.kvq", {});
    if (!saveCalibration(*calibration, again) || !loadCalibration(again)) std::abort();
}

}  // namespace lectern::test
