// SPDX-License-Identifier: GPL-3.0-or-later
// Two launches. quantizeTokens: one warp per token stages the row in shared memory, takes the outliers, writes one byte
// of code per channel and a list of corrections to scratch. writePages: one block per (page, 128 channels) turns the
// codes of 64 tokens into lane words, each written whole; one more block per page sorts the corrections into the table.
#include "kernels/cuda/pack.h"

#include <cfloat>
#include <type_traits>

#include "kernels/cuda/pack_select.cuh"
#include "kernels/cuda/pack_table.cuh"

namespace lectern::kernels {
namespace {

constexpr int kTileChannels = 128;
constexpr int kMostWarps = 8;
constexpr std::size_t kSharedBudget = 48 * 1024;
constexpr std::size_t kSharedLimit = 96 * 1024;  // every architecture but sm_75 has as much, and that one 64 KiB

/// u = (x - offset) / range, as CodecParams defines it.
__device__ __forceinline__ float normalised(float x, float offset, float range) {
    const float distance = __fsub_rn(x, offset);
    if (range == 0.0F) return distance == 0.0F ? 0.0F : distance > 0.0F ? FLT_MAX : -FLT_MAX;
    return __fdiv_rn(distance, range);
}

/// The number of midpoints below u, by halving; `midpoints` in shared memory.
template <int Bits>
__device__ __forceinline__ unsigned codeOf(float u, const float* midpoints) {
    unsigned code = 0;
    LECTERN_UNROLL
    for (unsigned step = 1U << (Bits - 1); step > 0; step /= 2)
        if (midpoints[code + step - 1] < u) code += step;
    return code;
}

__device__ __forceinline__ std::uint16_t correction(float x, float offset, float range, float centroid) {
    return floatToHalfClamped(__fsub_rn(__fsub_rn(x, offset), __fmul_rn(range, centroid)));
}

/// Offset and range of the values that were not taken; both +0 where none is left.
__device__ ValueScale scaleOfRest(const Selection& s) {
    float low = INFINITY, high = -INFINITY;
    for (int c = int(laneOf()); c < s.channels; c += kWarpLanes) {
        if (isTaken(s, c)) continue;
        low = fminf(low, s.row[c]);
        high = fmaxf(high, s.row[c]);
    }
    low = -warpMax(-low);
    high = warpMax(high);
    ValueScale scale;
    if (low > high) return scale;
    scale.offset = floatToHalfClamped(__fadd_rn(__fmul_rn(__fadd_rn(high, low), 0.5F), 0.0F));
    scale.range = floatToHalfClamped(__fadd_rn(__fmul_rn(__fsub_rn(high, low), 0.5F), 0.0F));
    return scale;
}

/// Codes of a token, four channels at a time; of a key also how far each is off, in place of the row.
template <KvKind Kind, int Bits>
__device__ void writeCodes(const PackArgs& a, const Selection& s, ValueScale scale, const float* midpoints,
                           std::uint8_t* codes) {
    const float offset = halfToFloat(scale.offset), range = halfToFloat(scale.range);
    for (int c = 4 * int(laneOf()); c < s.channels; c += 4 * kWarpLanes) {
        std::uint32_t packed = 0;
        LECTERN_UNROLL
        for (int i = 0; i < 4; ++i) {
            const bool key = Kind == KvKind::Key;
            const float x = s.row[c + i], from = key ? __ldg(a.params.offset + c + i) : offset;
            const float width = key ? __ldg(a.params.range + c + i) : range;
            const unsigned code = codeOf<Bits>(normalised(x, from, width), midpoints);
            packed |= code << (8 * i);
            if (key) s.row[c + i] = fabsf(__fsub_rn(__fsub_rn(x, from), __fmul_rn(width, __ldg(a.params.book + code))));
        }
        *reinterpret_cast<std::uint32_t*>(codes + c) = packed;
    }
    __syncwarp();
}

/// The corrections of the taken channels in ascending order. Returns how many.
template <KvKind Kind, int Bits>
__device__ int writeList(const PackArgs& a, const Selection& s, const float* x, ValueScale scale,
                         const float* midpoints, std::uint32_t* list) {
    int total = 0;
    for (int from = 0; from < Selection::words(s.channels); from += kWarpLanes) {
        const int word = from + int(laneOf());
        unsigned bits = word < Selection::words(s.channels) ? s.taken[word] : 0;
        int before = __popc(bits);
        LECTERN_UNROLL
        for (int apart = 1; apart < kWarpLanes; apart *= 2) {
            const int other = __shfl_up_sync(kAllLanes, before, unsigned(apart));
            if (int(laneOf()) >= apart) before += other;
        }
        int at = total + before - __popc(bits);
        total += __shfl_sync(kAllLanes, before, kWarpLanes - 1);
        for (; bits != 0; bits &= bits - 1, ++at) {
            const int c = word * 32 + __ffs(int(bits)) - 1;
            const bool key = Kind == KvKind::Key;
            const float offset = key ? a.params.offset[c] : halfToFloat(scale.offset);
            const float range = key ? a.params.range[c] : halfToFloat(scale.range);
            const float centroid = a.params.book[codeOf<Bits>(normalised(x[c], offset, range), midpoints)];
            list[at] = unsigned(c) << 16 | correction(x[c], offset, range, centroid);
        }
    }
    return total;
}

template <KvKind Kind, int Bits>
__device__ void quantizeToken(const PackArgs& a, const Selection& s, int token, const float* midpoints) {
    const PackScratch scratch = PackScratch::of(a);
    const int channels = s.channels, slots = a.layout.slots;
    const float* x = a.x + std::size_t(token) * std::size_t(a.stride);
    for (int c = 4 * int(laneOf()); c < channels; c += 4 * kWarpLanes) copyAsync<16>(s.row + c, x + c);
    copyCommit();
    for (int w = int(laneOf()); w < Selection::words(channels); w += kWarpLanes) s.taken[w] = 0;
    copyWait<0>();
    __syncwarp();
    std::uint8_t* codes = scratch.codes + std::size_t(token) * std::size_t(channels);
    ValueScale scale;
    if constexpr (Kind == KvKind::Key) {
        writeCodes<Kind, Bits>(a, s, scale, midpoints, codes);
        if (slots > 0) takeKeys(s, slots);
    } else {
        const int half = min(slots / 2, channels);
        takeValues<0U>(s, half);
        takeValues<0xffffffffU>(s, min(half, channels - half));
        scale = scaleOfRest(s);
        writeCodes<Kind, Bits>(a, s, scale, midpoints, codes);
        const int place = a.first + token;
        std::byte* block = a.pages[place / kPageTokens];
        if (laneOf() == 0) reinterpret_cast<ValueScale*>(block + a.layout.scalesAt())[place % kPageTokens] = scale;
    }
    std::uint32_t* list = scratch.lists + std::size_t(token) * std::size_t(slots);
    const int count = writeList<Kind, Bits>(a, s, x, scale, midpoints, list);
    if (laneOf() == 0) scratch.counts[token] = unsigned(count);
}

template <KvKind Kind, int Bits>
__global__ void quantizeTokens(PackArgs a) {
    auto* midpoints = dynamicShared<float>();
    if (threadIdx.x < (1U << Bits) - 1U) midpoints[threadIdx.x] = a.params.midpoints[threadIdx.x];
    __syncthreads();
    const int warp = int(threadIdx.x / kWarpLanes), channels = a.layout.shape.channels();
    const int token = int(blockIdx.x * (blockDim.x / kWarpLanes)) + warp;
    if (token >= a.tokens) return;
    auto* rows = reinterpret_cast<std::byte*>(midpoints + kMaxBook);
    const Selection s = Selection::at(rows + Selection::bytes(channels) * std::size_t(warp), channels);
    quantizeToken<Kind, Bits>(a, s, token, midpoints);
}

template <int Bits>
using CodeType = std::conditional_t<Bits == kRawBits, std::uint16_t, std::uint8_t>;
/// Channels of one row of the tile in shared memory: an odd number of words, so that columns lie in different banks.
template <int Bits>
constexpr int kPitch = kTileChannels + (Bits == kRawBits ? 2 : 4);

/// Codes of 64 tokens and up to kTileChannels channels into shared memory; 0 where the page gets no token.
template <int Bits>
__device__ void loadTile(const PackArgs& a, const PageSpan& span, int channel, int width, CodeType<Bits>* tile) {
    const PackScratch scratch = PackScratch::of(a);
    const std::size_t channels = std::size_t(a.layout.shape.channels());
    for (int i = int(threadIdx.x); i < kPageTokens * kTileChannels / 4; i += kWriteThreads) {
        const int t = i / (kTileChannels / 4), c = i % (kTileChannels / 4) * 4;
        const bool there = t >= span.first && t < span.last && c < width;
        const std::size_t token = std::size_t(span.from + t - span.first);
        CodeType<Bits>* to = tile + t * kPitch<Bits> + c;
        if constexpr (Bits == kRawBits) {
            const float* x = a.x + token * std::size_t(a.stride) + channel + c;
            LECTERN_UNROLL
            for (int k = 0; k < 4; ++k) to[k] = there ? floatToHalfClamped(x[k]) : std::uint16_t(0);
        } else {
            const std::uint8_t* from = scratch.codes + token * channels + std::size_t(channel + c);
            *reinterpret_cast<std::uint32_t*>(to) = there ? *reinterpret_cast<const std::uint32_t*>(from) : 0U;
        }
    }
}

/// Writes one word whole; bits of `kept` stay what they were.
__device__ __forceinline__ void writeWord(std::uint32_t* at, std::uint32_t word, std::uint32_t kept) {
    *at = kept == 0 ? word : word | (*at & kept);
}

/// Lane words (raw: the values) of the tile, 32 bits per thread: see kv_layout.h.
template <int Bits>
__device__ void writeLanes(const PageSpan& span, int channel, int width, const CodeType<Bits>* tile) {
    constexpr int kLow = Bits == 3 ? 2 : Bits;                   // bits of a code in this plane
    constexpr int kCodes = 32 / kLow;                            // codes of one word
    constexpr int kGroups = Bits == kRawBits ? 1 : kMassGroups;  // consecutive codes of a lane are 16 tokens apart
    constexpr int kWords = kPageTokens / kCodes;                 // words of one channel
    auto* words = reinterpret_cast<std::uint32_t*>(span.block) + std::size_t(channel) * kWords;
    for (int i = int(threadIdx.x); i < width * kWords; i += kWriteThreads) {
        const int c = i / kWords, lane = i % kWords * (kCodes / kGroups);
        std::uint32_t word = 0, kept = 0;
        LECTERN_UNROLL
        for (int k = 0; k < kCodes; ++k) {
            const int token = lane + k / kGroups + k % kGroups * kLaneTokens;
            constexpr std::uint32_t kMask = (1U << kLow) - 1U;
            word |= (std::uint32_t(tile[token * kPitch<Bits> + c]) & kMask) << (k * kLow);
            kept |= token < span.first ? kMask << (k * kLow) : 0U;
        }
        writeWord(words + i, word, kept);
    }
}

/// The plane of high bits (3 bits only): a warp turns 16 channels at a time, lane = token, and each lane keeps one
/// word.
__device__ void writeHighPlane(const PackArgs& a, const PageSpan& span, int channel, int width,
                               const std::uint8_t* tile) {
    auto* words = reinterpret_cast<std::uint32_t*>(span.block + codeBytes(2, a.layout.shape.channels())) + channel * 2;
    const int lane = int(laneOf());
    for (int from = int(threadIdx.x / kWarpLanes) * 16; from < width; from += kWriteThreads / kWarpLanes * 16) {
        std::uint32_t mine = 0;
        for (int i = 0; i < 32; ++i) {
            const int c = from + i / 2, token = i % 2 * 32 + lane;
            const unsigned plane = __ballot_sync(kAllLanes, int(c < width && (tile[token * kPitch<3> + c] & 4) != 0));
            if (i == lane) mine = plane;
        }
        const int before = span.first - lane % 2 * 32;  // places of this word that stay
        const std::uint32_t kept = before <= 0 ? 0U : before >= 32 ? ~0U : (1U << before) - 1U;
        if (from + lane / 2 < width) writeWord(words + from * 2 + lane, mine, kept);
    }
}

template <int Bits>
__global__ void writePages(PackArgs a) {
    const PageSpan span = PageSpan::of(a, int(blockIdx.x));
    if (span.block == nullptr) return;
    const int channels = a.layout.shape.channels(), channel = int(blockIdx.y) * kTileChannels;
    if (channel >= channels) {
        if constexpr (Bits != kRawBits) rebuildTable(a, span);
        return;
    }
    auto* tile = dynamicShared<CodeType<Bits>>();
    const int width = min(kTileChannels, channels - channel);
    loadTile<Bits>(a, span, channel, width, tile);
    __syncthreads();
    writeLanes<Bits>(span, channel, width, tile);
    if constexpr (Bits == 3) writeHighPlane(a, span, channel, width, tile);
}

/// One block per 32 channels of a page: read channel by channel, written token by token.
__global__ void unpackRawTile(const std::byte* const* blocks, int channels, int all, float* x) {
    constexpr int kTile = 32;
    const int first = int(blockIdx.y) * kPageTokens, tokens = min(kPageTokens, all - first);
    const auto* raw = reinterpret_cast<const std::uint16_t*>(blocks[blockIdx.y]);
    x += std::size_t(first) * std::size_t(channels);
    float* tile = dynamicShared<float>();  // [64][kTile + 1]
    const int from = int(blockIdx.x) * kTile, width = min(kTile, channels - from);
    for (int i = int(threadIdx.x); i < width * kPageTokens; i += kWriteThreads)
        tile[i % kPageTokens * (kTile + 1) + i / kPageTokens] =
            halfBitsToFloat(raw[std::size_t(from + i / kPageTokens) * kPageTokens + i % kPageTokens]);
    __syncthreads();
    for (int i = int(threadIdx.x); i < tokens * kTile; i += kWriteThreads)
        if (i % kTile < width)
            x[std::size_t(i / kTile) * channels + from + i % kTile] = tile[i / kTile * (kTile + 1) + i % kTile];
}

int warpsPerBlock(int channels) {
    const auto fit = int(kSharedBudget / Selection::bytes(channels));
    return fit < 1 ? 1 : fit > kMostWarps ? kMostWarps : fit;
}

template <int Bits>
std::size_t writeShared(const KvShape& shape) {
    const std::size_t tile = sizeof(CodeType<Bits>) * kPageTokens * kPitch<Bits>;
    const std::size_t table = 4 * (2 * (std::size_t(shape.kv_heads) * kPageTokens + 1) + kWriteThreads);
    return Bits == kRawBits || tile > table ? tile : table;
}

template <int Bits>
LaunchStatus start(const PackArgs& args, Stream stream) {
    const KvShape& shape = args.layout.shape;
    if constexpr (Bits != kRawBits) {
        const int warps = warpsPerBlock(shape.channels());
        const dim3 grid(unsigned((args.tokens + warps - 1) / warps)), block(unsigned(warps * kWarpLanes));
        const auto kernel =
            args.layout.kind == KvKind::Key ? &quantizeTokens<KvKind::Key, Bits> : &quantizeTokens<KvKind::Value, Bits>;
        const std::size_t shared = sizeof(float) * kMaxBook + Selection::bytes(shape.channels()) * std::size_t(warps);
        if (const LaunchStatus status = launch(kernel, grid, block, shared, stream, args)) return status;
    }
    const int pages = (args.first % kPageTokens + args.tokens + kPageTokens - 1) / kPageTokens;
    const int tiles = (shape.channels() + kTileChannels - 1) / kTileChannels + (Bits == kRawBits ? 0 : 1);
    return launch(&writePages<Bits>, dim3(unsigned(pages), unsigned(tiles)), dim3(kWriteThreads),
                  writeShared<Bits>(shape), stream, args);
}

}  // namespace

std::size_t packScratchBytes(const KvBlockLayout& layout, int tokens) {
    if (layout.raw()) return 0;
    const std::size_t codes = (std::size_t(layout.shape.channels()) * std::size_t(tokens) + 15) / 16 * 16;
    const std::size_t slots = std::size_t(layout.slots),
                      words = std::size_t(tokens) * (slots + 1) + slots * kPageTokens;
    return codes + words * 4;
}

const char* packRefusal(const PackArgs& args) {
    const KvBlockLayout& layout = args.layout;
    if (layout.bits != 2 && layout.bits != 3 && layout.bits != 4 && !layout.raw()) return "bits are not 2, 3, 4 or 16";
    if (layout.shape.head_dim % 8 != 0 || layout.shape.head_dim > kMaxHeadDim || layout.shape.head_dim < 8)
        return "the head dimension is not a multiple of 8 up to 256";
    if (args.stride % 4 != 0 || args.stride < layout.shape.channels()) return "the stride is not a multiple of 4";
    if (args.tokens < 1) return "there are no tokens";
    if (layout.slots < 0 || layout.slots > 1023) return "more than 1023 corrections per token";
    if (Selection::bytes(layout.shape.channels()) > kSharedLimit || writeShared<2>(layout.shape) > kSharedLimit)
        return "one token does not fit the shared memory of a block";
    return nullptr;
}

LaunchStatus unpackRaw(const KvShape& shape, const std::byte* const* blocks, int tokens, float* x, Stream stream) {
    const dim3 grid(unsigned((shape.channels() + 31) / 32), unsigned((tokens + kPageTokens - 1) / kPageTokens));
    return launch(&unpackRawTile, grid, dim3(kWriteThreads), sizeof(float) * kPageTokens * 33, stream, blocks,
                  shape.channels(), tokens, x);
}

LaunchStatus pack(const PackArgs& args, Stream stream) {
    switch (args.layout.bits) {
        case 2:
            return start<2>(args, stream);
        case 3:
            return start<3>(args, stream);
        case 4:
            return start<4>(args, stream);
        default:
            return start<kRawBits>(args, stream);
    }
}

}  // namespace lectern::kernels
