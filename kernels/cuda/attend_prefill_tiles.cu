// SPDX-License-Identifier: GPL-3.0-or-later
// One block expands one (page, head): codes to f32 in shared memory, corrections added, keys rotated, rounded once to
// fp16. A thread takes the four tokens of one lane word, which stand side by side in the tile.
#include "kernels/cuda/attend_prefill_tiles.cuh"

namespace lectern::kernels {
namespace {

/// Four neighbouring places of a tile: the tokens of one lane.
struct Four {
    float x[4];
};

struct Codebook {
    float levels[kMaxBook];
};

/// Codes of the four tokens of a lane in one channel (of all heads), four bits each.
template <int Bits>
__device__ __forceinline__ unsigned laneCodes(const std::byte* block, int channels, int channel, int lane) {
    const auto at = std::size_t(channel) * kLaneTokens + std::size_t(lane);
    if constexpr (Bits == 4) return reinterpret_cast<const std::uint16_t*>(block)[at];
    const unsigned low = reinterpret_cast<const std::uint8_t*>(block)[at];
    unsigned codes = (low & 3U) | (low & 12U) << 2 | (low & 48U) << 4 | (low & 192U) << 6;
    if constexpr (Bits == 3) {
        const auto* planes = reinterpret_cast<const std::uint32_t*>(block + codeBytes(2, channels)) + 2 * channel;
        const unsigned first = planes[0] >> lane, second = planes[1] >> lane;
        codes |= (first & 1U) << 2 | (first >> 16 & 1U) << 6 | (second & 1U) << 10 | (second >> 16 & 1U) << 14;
    }
    return codes;
}

/// The dense part of one kind and head into `tile` [head_dim][64] f32 (shared memory).
template <int Bits, class Scale>
__device__ void loadCodes(const KvBlockLayout& layout, const std::byte* block, int head, const float* levels,
                          Scale scale, float* tile) {
    const int head_dim = layout.shape.head_dim;
    for (int i = int(threadIdx.x); i < head_dim * kLaneTokens; i += kTileThreads) {
        const int c = i / kLaneTokens, lane = i % kLaneTokens, channel = head * head_dim + c;
        const unsigned codes = laneCodes<Bits>(block, layout.shape.channels(), channel, lane);
        Four v;
        LECTERN_UNROLL
        for (int g = 0; g < kMassGroups; ++g) {
            const float2 s = scale(channel, 4 * lane + g);
            v.x[g] = s.x + s.y * levels[codes >> (4 * g) & 15U];
        }
        *reinterpret_cast<float4*>(tile + 4 * i) = {v.x[0], v.x[1], v.x[2], v.x[3]};
    }
}

__device__ inline void loadRaw(const KvShape& shape, const std::byte* block, int head, float* tile) {
    const auto* raw = reinterpret_cast<const std::uint16_t*>(block) + std::size_t(head) * shape.head_dim * kPageTokens;
    for (int i = int(threadIdx.x); i < shape.head_dim * kLaneTokens; i += kTileThreads) {
        const std::uint16_t* from = raw + i / kLaneTokens * kPageTokens + i % kLaneTokens;
        *reinterpret_cast<float4*>(tile + 4 * i) = {halfBitsToFloat(from[0]), halfBitsToFloat(from[16]),
                                                    halfBitsToFloat(from[32]), halfBitsToFloat(from[48])};
    }
}

/// Adds the corrections of one head; each meets another element.
__device__ inline void addCorrections(const KvBlockLayout& layout, const std::byte* block, int head, float* tile) {
    const auto* begins = reinterpret_cast<const std::uint16_t*>(block + layout.headsAt());
    const auto* entries = reinterpret_cast<const std::uint32_t*>(block + layout.entriesAt());
    const int end = min(int(begins[head + 1]), layout.slots * kPageTokens);
    for (int i = begins[head] + int(threadIdx.x); i < end; i += kTileThreads) {
        const unsigned entry = entries[i];
        const int token = int(entry & 63U), c = int(entry >> 6 & 1023U);
        if (c >= layout.shape.head_dim) continue;
        tile[c * kPageTokens + token % kLaneTokens * kMassGroups + token / kLaneTokens] +=
            halfBitsToFloat(std::uint16_t(entry >> 16));
    }
}

__device__ __forceinline__ float withinHalf(float x) {
    return fminf(fmaxf(x, -kHalfMax), kHalfMax);
}

__device__ __forceinline__ void storeFour(std::byte* out, int channel, int lane, const Four& v) {
    const uint2 halves = {packHalf2(withinHalf(v.x[0]), withinHalf(v.x[1])),
                          packHalf2(withinHalf(v.x[2]), withinHalf(v.x[3]))};
    *reinterpret_cast<uint2*>(out + tileChunk(channel, lane / 2) + lane % 2 * 8) = halves;
}

__device__ __forceinline__ Four loadFour(const float* tile, int channel, int lane) {
    const float4 v = *reinterpret_cast<const float4*>(tile + channel * kPageTokens + 4 * lane);
    return {{v.x, v.y, v.z, v.w}};
}

/// Writes channels [begin, end) as they are.
__device__ inline void storeRows(const float* tile, int begin, int end, std::byte* out) {
    for (int i = begin * kLaneTokens + int(threadIdx.x); i < end * kLaneTokens; i += kTileThreads)
        storeFour(out, i / kLaneTokens, i % kLaneTokens, loadFour(tile, i / kLaneTokens, i % kLaneTokens));
}

/// Rotates by place and page: the angles add, so that one small table serves every position.
__device__ inline void storeRotated(const RopeOffsets& rope, const float* page_cos, const float* page_sin,
                                    const float* tile, std::byte* out) {
    for (int i = int(threadIdx.x); i < rope.pairs * kLaneTokens; i += kTileThreads) {
        const int pair = i / kLaneTokens, lane = i % kLaneTokens;
        const int a = rope.interleaved ? 2 * pair : pair, b = rope.interleaved ? 2 * pair + 1 : pair + rope.pairs;
        const float pc = __ldg(page_cos + pair), ps = __ldg(page_sin + pair);
        Four x = loadFour(tile, a, lane), y = loadFour(tile, b, lane);
        LECTERN_UNROLL
        for (int g = 0; g < kMassGroups; ++g) {
            const int at = pair * kPageTokens + g * kLaneTokens + lane;
            const float c = __ldg(rope.cos + at), s = __ldg(rope.sin + at);
            const float cos = pc * c - ps * s, sin = ps * c + pc * s, first = x.x[g];
            x.x[g] = first * cos - y.x[g] * sin;
            y.x[g] = first * sin + y.x[g] * cos;
        }
        storeFour(out, a, lane, x);
        storeFour(out, b, lane, y);
    }
}

template <int Bits>
__device__ void loadLevels(const float* book, float* levels) {
    if (threadIdx.x < (1U << Bits)) levels[threadIdx.x] = book[threadIdx.x];
}

template <int Bits>
__global__ void expandKeys(PrefillArgs a, int begin, std::byte* tiles) {
    const int page = begin + int(blockIdx.x), head = int(blockIdx.y), head_dim = a.key_layout.shape.head_dim;
    const PrefillPage& info = a.pages[page];
    float* tile = dynamicShared<float>();
    std::byte* out = tiles + 2 * tileBytes(head_dim) * (std::size_t(blockIdx.x) * gridDim.y + blockIdx.y);
    if (Bits == kRawBits || info.key_raw) {
        loadRaw(a.key_layout.shape, info.key, head, tile);
    } else if constexpr (Bits != kRawBits) {
        float* levels = tile + head_dim * kPageTokens;
        loadLevels<Bits>(a.key_params.book, levels);
        __syncthreads();
        const auto scale = [&](int channel, int) -> float2 {
            return {__ldg(a.key_params.offset + channel), __ldg(a.key_params.range + channel)};
        };
        loadCodes<Bits>(a.key_layout, info.key, head, levels, scale, tile);
        __syncthreads();
        addCorrections(a.key_layout, info.key, head, tile);
    }
    __syncthreads();
    const std::size_t turn = std::size_t(info.angle < 0 ? page : info.angle) * std::size_t(a.offsets.pairs);
    storeRotated(a.offsets, a.page_cos + turn, a.page_sin + turn, tile, out);
    storeRows(tile, 2 * a.offsets.pairs, head_dim, out);
}

template <int Bits>
__global__ void expandValues(PrefillArgs a, int begin, std::byte* tiles) {
    const int page = begin + int(blockIdx.x), head = int(blockIdx.y), head_dim = a.value_layout.shape.head_dim;
    const PrefillPage& info = a.pages[page];
    float* tile = dynamicShared<float>();
    const std::size_t at = std::size_t(blockIdx.x) * gridDim.y + blockIdx.y;
    if (Bits == kRawBits || info.value_raw) {
        loadRaw(a.value_layout.shape, info.value, head, tile);
    } else if constexpr (Bits != kRawBits) {
        float* levels = tile + head_dim * kPageTokens;
        auto* scales = reinterpret_cast<float2*>(levels + kMaxBook);
        loadLevels<Bits>(a.value_params.book, levels);
        if (threadIdx.x < unsigned(kPageTokens)) {
            const auto* stored = reinterpret_cast<const ValueScale*>(info.value + a.value_layout.scalesAt());
            const ValueScale scale = stored[tileToken(int(threadIdx.x))];
            scales[threadIdx.x] = {halfBitsToFloat(scale.offset), halfBitsToFloat(scale.range)};
        }
        __syncthreads();
        loadCodes<Bits>(
            a.value_layout, info.value, head, levels, [&](int, int place) { return scales[place]; }, tile);
        __syncthreads();
        addCorrections(a.value_layout, info.value, head, tile);
    }
    __syncthreads();
    storeRows(tile, 0, head_dim, tiles + tileBytes(head_dim) * (2 * at + 1));
}

using ExpandKernel = void (*)(PrefillArgs, int, std::byte*);

ExpandKernel keyKernel(int bits) {
    return bits == 2 ? expandKeys<2> : bits == 3 ? expandKeys<3> : bits == 4 ? expandKeys<4> : expandKeys<kRawBits>;
}
ExpandKernel valueKernel(int bits) {
    return bits == 2   ? expandValues<2>
           : bits == 3 ? expandValues<3>
           : bits == 4 ? expandValues<4>
                       : expandValues<kRawBits>;
}

}  // namespace

LaunchStatus expandPages(const PrefillArgs& args, int begin, int end, std::byte* tiles, Stream stream) {
    const KvShape& shape = args.key_layout.shape;
    const dim3 grid(unsigned(end - begin), unsigned(shape.kv_heads));
    const std::size_t shared = std::size_t(shape.head_dim) * kPageTokens * 4 + kMaxBook * 4 + kPageTokens * 8;
    if (const LaunchStatus status =
            launch(keyKernel(args.key_layout.bits), grid, dim3(kTileThreads), shared, stream, args, begin, tiles))
        return status;
    return launch(valueKernel(args.value_layout.bits), grid, dim3(kTileThreads), shared, stream, args, begin, tiles);
}

}  // namespace lectern::kernels
