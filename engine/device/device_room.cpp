// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_room.h"

#include <algorithm>

#include "engine/device/device_pages.h"
#include "engine/infer/transformer.h"

namespace lectern {

namespace {

constexpr std::uint64_t kPage = kernels::kPageTokens;

KvShape shapeOf(const ModelConfig& config) {
    return {config.kv_heads, config.head_dim};
}

/// Bytes of one page of all layers in device memory.
std::uint64_t pagePiece(const KvSettings& settings, int layers, const KvShape& shape) {
    std::vector<KvBlockLayout> layouts;
    for (int layer = 0; layer < layers; ++layer)
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            layouts.push_back(blockLayout(settings, layer, kind, shape));
    return DevicePages::places(layouts).back();
}

KvSettings rawTwin() {
    KvSettings settings;
    settings.key_bits = settings.value_bits = 16;
    return settings;
}

/// As KvCache::pageCount(): sinks have a page of their own.
std::uint64_t pagesOf(const KvSettings& settings, std::uint64_t tokens) {
    const auto sinks = std::min(tokens, std::uint64_t(settings.sinks));
    return (tokens - sinks + kPage - 1) / kPage + (sinks > 0 ? 1 : 0);
}

/// Bytes of pages in fp16, besides the codes of all tokens.
std::uint64_t rawBytes(const KvSettings& settings, int layers, const KvShape& shape, std::uint64_t tokens) {
    if (settings.raw()) return 0;
    const std::uint64_t raw = std::uint64_t(settings.sinks) + std::uint64_t(settings.window) + Transformer::kChunk +
                              std::uint64_t(KvCache::kFitTokens) + kPage;
    return pagesOf(settings, std::min(tokens, raw)) * pagePiece(rawTwin(), layers, shape);
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
    return splitContext(settings, config.layers, shapeOf(config), tokens, ~std::uint64_t(0)).device;
}

std::uint64_t leastContextBytes(const KvSettings& settings, const ModelConfig& config, std::uint64_t tokens) {
    if (!settings.raw()) return rawBytes(settings, config.layers, shapeOf(config), tokens);
    return pagesOf(settings, std::min(tokens, std::uint64_t(Transformer::kChunk) + kPage)) *
           pagePiece(settings, config.layers, shapeOf(config));
}

std::uint64_t contextThatFits(const KvSettings& settings, const ModelConfig& config, std::uint64_t bytes) {
    const std::uint64_t piece = pagePiece(settings, config.layers, shapeOf(config));
    std::uint64_t pages = bytes / piece;
    const std::uint64_t besides = contextBytes(settings, config, pages * kPage) - pages * piece;
    pages = besides >= bytes ? 0 : (bytes - besides) / piece;
    return pages * kPage;
}

ContextSplit splitContext(const KvSettings& settings, int layers, const KvShape& shape, std::uint64_t tokens,
                          std::uint64_t room) {
    ContextSplit split;
    split.page = pagePiece(settings, layers, shape);
    const std::uint64_t pages = pagesOf(settings, tokens), raw = rawBytes(settings, layers, shape, tokens);
    split.device = pages * split.page + raw;
    if (split.device <= room) return split;
    const std::uint64_t step = std::max<std::uint64_t>(1, room / 16 / split.page);
    const std::uint64_t missing = (split.device - room + split.page - 1) / split.page;
    const std::uint64_t host = std::min(pages, (missing + step - 1) / step * step);
    split.host_pages = int(host);
    split.host = host * split.page;
    split.device -= split.host;
    return split;
}

}  // namespace lectern
