// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_room.h"

#include <algorithm>

#include "engine/infer/transformer.h"

namespace lectern {

namespace {

constexpr std::uint64_t kPage = kernels::kPageTokens;

KvShape shapeOf(const ModelConfig& config) {
    return {config.kv_heads, config.head_dim};
}

/// Bytes of one page of all layers in device memory.
std::uint64_t pagePiece(const KvSettings& settings, const ModelConfig& config) {
    return (pageBytes(settings, config.layers, shapeOf(config)) + 255) / 256 * 256;
}

KvSettings rawTwin() {
    KvSettings settings;
    settings.key_bits = settings.value_bits = 16;
    return settings;
}

/// Tokens that are in fp16 besides the codes of all.
std::uint64_t rawTokens(const KvSettings& settings) {
    return std::uint64_t(settings.sinks) + std::uint64_t(settings.window) + Transformer::kChunk +
           std::uint64_t(KvCache::kFitTokens) + kPage;
}

}  // namespace

Status servesSettings(const Device& device, const ModelConfig& config, const KvSettings& settings) {
    const auto refused = [&](const std::string& why) {
        return Error{ErrorCode::Usage, device.id() + " does not compute with a cache kept as " + settings.name() +
                                           ": " + why + "; use --device cpu."};
    };
    if (settings.research.any()) return refused("forms that are only compared with are measured on the CPU");
    const LecternCudaModule& table = device.table();
    for (int layer = 0; layer < config.layers; ++layer) {
        kernels::DecodeArgs decode;
        decode.key = blockLayout(settings, layer, KvKind::Key, shapeOf(config));
        decode.value = blockLayout(settings, layer, KvKind::Value, shapeOf(config));
        decode.group = config.heads / config.kv_heads;
        decode.pages = 1, decode.tokens = int(kPage);
        if (const char* why = table.decodeRefusal(decode); why != nullptr) return refused(why);
        const auto plan = table.planDecode(decode, device.info().processors, device.info().shared_limit);
        if (plan.refusal != nullptr) return refused(plan.refusal);
    }
    return {};
}

std::uint64_t contextBytes(const KvSettings& settings, const ModelConfig& config, std::uint64_t tokens) {
    const std::uint64_t coded = (tokens + kPage - 1) / kPage * pagePiece(settings, config);
    if (settings.raw()) return coded;
    const std::uint64_t raw = std::min(tokens, rawTokens(settings));
    return coded + (raw + kPage - 1) / kPage * pagePiece(rawTwin(), config);
}

std::uint64_t contextThatFits(const KvSettings& settings, const ModelConfig& config, std::uint64_t bytes) {
    const std::uint64_t piece = pagePiece(settings, config);
    std::uint64_t pages = bytes / piece;
    const std::uint64_t besides = contextBytes(settings, config, pages * kPage) - pages * piece;
    pages = besides >= bytes ? 0 : (bytes - besides) / piece;
    return pages * kPage;
}

}  // namespace lectern
