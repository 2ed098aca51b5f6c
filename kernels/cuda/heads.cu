// SPDX-License-Identifier: GPL-3.0-or-later
// One warp per head of a token: queries first, then keys, then values. The head is staged in shared memory, where both
// halves of a pair are at hand.
#include "kernels/cuda/heads.h"

#include "kernels/cuda/early_launch.cuh"
#include "kernels/kv_layout.h"

namespace lectern::kernels {
namespace {

constexpr int kFewTokens = 16;  ///< up to here every warp is a block: as many multiprocessors as there are heads
constexpr int kManyWarps = 8;   ///< of a block for more

__device__ __forceinline__ int laneOf() {
    return int(threadIdx.x % kWarpLanes);
}

/// from [head_dim] into shared memory, normed where there are weights.
__device__ __forceinline__ void stageHead(const float* from, const float* norm, const HeadsArgs& a, float* head) {
    float squares = 0;
    for (int c = laneOf(); c < a.head_dim; c += kWarpLanes) {
        const float x = from[c];
        head[c] = x;
        squares += x * x;
    }
    if (norm != nullptr) {
        const float scale = 1.0F / sqrtf(warpSum(squares) / float(a.head_dim) + a.eps);
        for (int c = laneOf(); c < a.head_dim; c += kWarpLanes) head[c] = head[c] * scale * norm[c];
    }
    __syncwarp();
}

__device__ __forceinline__ void storeHead(const HeadsArgs& a, const float* head, float* to) {
    for (int c = laneOf(); c < a.head_dim; c += kWarpLanes) to[c] = head[c];
}

__device__ __forceinline__ void rotateHead(const HeadsArgs& a, int token, const float* head, float* to) {
    const std::size_t turn = std::size_t(token) * std::size_t(a.pairs);
    const float growth = a.growth != nullptr ? a.growth[token] : 1.0F;
    const float turned = a.turned_scale * growth, other = a.other_scale * growth;
    for (int pair = laneOf(); pair < a.pairs; pair += kWarpLanes) {
        const int x = a.interleaved ? 2 * pair : pair, y = x + (a.interleaved ? 1 : a.pairs);
        const float cos = a.cos[turn + pair], sin = a.sin[turn + pair];
        to[x] = (head[x] * cos - head[y] * sin) * turned;
        to[y] = (head[x] * sin + head[y] * cos) * turned;
    }
    for (int c = 2 * a.pairs + laneOf(); c < a.head_dim; c += kWarpLanes) to[c] = head[c] * other;
}

/// The token's place in every channel of the head, and what follows it where no other token does.
__device__ __forceinline__ void appendHead(const HeadsArgs& a, int token, int kv_head, const float* head,
                                           std::byte* const* pages) {
    constexpr int kWords = kPageTokens / 2;
    const int at = (a.first_later != nullptr ? *a.first_later : a.first) + token, place = at % kPageTokens;
    const bool last = token + 1 == a.tokens || place + 1 == kPageTokens;
    auto* block = reinterpret_cast<std::uint16_t*>(pages[at / kPageTokens]) +
                  std::size_t(kv_head) * std::size_t(a.head_dim * kPageTokens);
    for (int c = laneOf(); c < a.head_dim; c += kWarpLanes) {
        std::uint16_t* row = block + c * kPageTokens;
        row[place] = floatToHalfClamped(head[c]);
        if (last && place % 2 == 0) row[place + 1] = 0;
    }
    auto* words = reinterpret_cast<std::uint32_t*>(block);
    const int from = last ? place / 2 + 1 : kWords, count = kWords - from;
    for (int i = laneOf(); i < a.head_dim * count; i += kWarpLanes) words[i / count * kWords + from + i % count] = 0;
}

__global__ void finishRows(const __grid_constant__ HeadsArgs a, int rows) {
    const int warp = int(threadIdx.x / kWarpLanes), row = int(blockIdx.x * (blockDim.x / kWarpLanes)) + warp;
    const int token = int(blockIdx.y);
    waitForEarlier();
    if (row >= rows) return;
    float* head = dynamicShared<float>() + warp * a.head_dim;
    const auto place = [&](int heads, int h) {
        return (std::size_t(token) * std::size_t(heads) + std::size_t(h)) * std::size_t(a.head_dim);
    };
    if (row < a.heads) {
        const std::size_t at = place(a.heads, row);
        stageHead(a.q + at, a.q_norm, a, head);
        if (a.q_plain != nullptr) storeHead(a, head, a.q_plain + at);
        rotateHead(a, token, head, a.q + at);
        return;
    }
    const bool key = row < a.heads + a.kv_heads;
    const int kv_head = row - a.heads - (key ? 0 : a.kv_heads);
    const std::size_t at = place(a.kv_heads, kv_head);
    stageHead(key ? a.k + at : a.v + at, key ? a.k_norm : nullptr, a, head);
    if (key && a.k_norm != nullptr) storeHead(a, head, a.k + at);
    if (a.key_pages != nullptr) appendHead(a, token, kv_head, head, key ? a.key_pages : a.value_pages);
}

}  // namespace

LaunchStatus finishHeads(const HeadsArgs& args, Stream stream) {
    const bool pages = args.key_pages != nullptr, keys = pages || args.k_norm != nullptr;
    const int rows = args.heads + (keys ? args.kv_heads : 0) + (pages ? args.kv_heads : 0);
    const int warps = args.tokens <= kFewTokens ? 1 : kManyWarps;
    return launchEarly(&finishRows, dim3(unsigned((rows + warps - 1) / warps), unsigned(args.tokens)),
                       dim3(unsigned(warps * kWarpLanes)), std::size_t(warps * args.head_dim) * sizeof(float), stream,
                       args, rows);
}

}  // namespace lectern::kernels
