// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/q4k_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/half.h"

namespace lectern {
namespace {

constexpr std::size_t kSub = 32, kSubs = kQ4kElements / kSub;
constexpr int kMostCode = 15, kMostSix = 63;
constexpr int kPasses = 2;  ///< of fitting the block's factors

using SubBlock = std::span<const float, kSub>;
using Codes = std::array<float, kSub>;  ///< 0 … 15

/// What a code stands for: scale·code − minimum. Neither is negative.
struct Line {
    float scale = 0, minimum = 0;
};

/// Four numbers side by side.
using Four = float __attribute__((vector_size(16)));
using FourInts = std::int32_t __attribute__((vector_size(16)));
constexpr std::size_t kWide = 4;

Four fourAt(SubBlock x, std::size_t i) {
    Four four;
    std::memcpy(&four, &x[i], sizeof four);
    return four;
}

float total(Four x) {
    return (x[0] + x[1]) + (x[2] + x[3]);
}

/// The nearest codes.
class Rounding {
public:
    explicit Rounding(Line line) : m_minimum(line.minimum), m_by(line.scale > 0 ? 1 / line.scale : 0) {}
    Four operator()(Four x) const {
        constexpr Four kLeast = {}, kMost = kLeast + float(kMostCode);
        const Four place = (x + m_minimum) * m_by;
        const Four inside = place > kLeast ? (place < kMost ? place : kMost) : kLeast;  // 0 for what is no number
        return __builtin_convertvector(__builtin_convertvector(inside + 0.5F, FourInts), Four);
    }

private:
    float m_minimum, m_by;
};

Codes codesOf(SubBlock x, Line line) {
    const Rounding nearest(line);
    Codes codes{};
    for (std::size_t i = 0; i < kSub; i += kWide) {
        const Four four = nearest(fourAt(x, i));
        std::memcpy(&codes[i], &four, sizeof four);
    }
    return codes;
}

/// With the nearest codes.
float squaredError(SubBlock x, Line line) {
    const Rounding nearest(line);
    Four sum = {};
    for (std::size_t i = 0; i < kSub; i += kWide) {
        const Four given = fourAt(x, i), off = line.scale * nearest(given) - line.minimum - given;
        sum += off * off;
    }
    return total(sum);
}

/// The line of least squares for the codes nearest to `line`, and how much of Σx² it explains.
struct Fit {
    Line line;
    float explained = 0;
};
Fit fitted(SubBlock x, Line line, float x_sum) {
    const Rounding nearest(line);
    Four codes = {}, squares = {}, products = {};
    for (std::size_t i = 0; i < kSub; i += kWide) {
        const Four given = fourAt(x, i), code = nearest(given);
        codes += code, squares += code * code, products += code * given;
    }
    const float c = total(codes), cc = total(squares), cx = total(products), n = kSub, determinant = n * cc - c * c;
    Fit fit;
    if (determinant > 0) fit.line.scale = std::max((n * cx - c * x_sum) / determinant, 0.0F);
    fit.line.minimum = (fit.line.scale * c - x_sum) / n;
    if (fit.line.minimum < 0) fit.line = {cc > 0 ? std::max(cx / cc, 0.0F) : 0, 0};
    const auto [s, m] = fit.line;
    fit.explained = 2 * (s * cx - m * x_sum) - (s * s * cc - 2 * s * m * c + n * m * m);
    return fit;
}

/// The best line that is found from several steps: those that just hold the extremes, and ones that cut them off.
Line bestLine(SubBlock x) {
    float low = 0, high = 0, sum = 0;
    for (const float value : x) low = std::min(low, value), high = std::max(high, value), sum += value;
    Fit best;
    for (int i = -8; i <= 12; ++i) {
        const Fit fit = fitted(x, {(high - low) / (float(kMostCode) + 0.25F * float(i)), -low}, sum);
        if (fit.explained > best.explained) best = fit;
    }
    return best.line;
}

/// The numbers of a block in the bits it has for them.
struct Block {
    std::uint16_t d = 0, m = 0;                      ///< fp16
    std::array<std::uint8_t, kSubs> scale{}, min{};  ///< six bits each
    std::array<Codes, kSubs> codes{};

    Line line(int s, int t) const { return {kernels::halfToFloat(d) * float(s), kernels::halfToFloat(m) * float(t)}; }
};

int sixBits(float value, float factor) {
    return factor > 0 ? int(std::clamp(value / factor + 0.5F, 0.0F, float(kMostSix))) : 0;
}

/// Scale, minimum and codes of a sub-block, next to `wanted`. Returns the squared error.
float settle(Block& block, std::size_t sub, SubBlock x, Line wanted) {
    const int s = sixBits(wanted.scale, kernels::halfToFloat(block.d));
    const int t = sixBits(wanted.minimum, kernels::halfToFloat(block.m));
    float best = std::numeric_limits<float>::infinity();
    for (int i = std::max(s - 1, 0); i <= std::min(s + 1, kMostSix); ++i)
        for (int j = std::max(t - 1, 0); j <= std::min(t + 1, kMostSix); ++j) {
            const float error = squaredError(x, block.line(i, j));
            if (error >= best) continue;
            best = error;
            block.scale[sub] = std::uint8_t(i), block.min[sub] = std::uint8_t(j);
        }
    block.codes[sub] = codesOf(x, block.line(block.scale[sub], block.min[sub]));
    return best;
}

using Lines = std::array<Line, kSubs>;

Block settled(std::span<const float, kQ4kElements> x, float d, float m, const Lines& wanted, float& error) {
    Block block;
    block.d = kernels::floatToHalfClamped(d), block.m = kernels::floatToHalfClamped(m);
    error = 0;
    for (std::size_t sub = 0; sub < kSubs; ++sub)
        error += settle(block, sub, SubBlock(&x[sub * kSub], kSub), wanted[sub]);
    return block;
}

/// The two factors of least squares for given six bits and codes.
Line fittedFactors(std::span<const float, kQ4kElements> x, const Block& block) {
    double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;  // x is about d·a − m·b
    for (std::size_t i = 0; i < kQ4kElements; ++i) {
        const std::size_t sub = i / kSub;
        const double a = double(block.scale[sub]) * double(block.codes[sub][i % kSub]), b = double(block.min[sub]);
        aa += a * a, ab += a * b, bb += b * b;
        ax += a * double(x[i]), bx += b * double(x[i]);
    }
    const double determinant = aa * bb - ab * ab;
    if (determinant > 1e-9 * aa * bb)
        return {float((ax * bb - bx * ab) / determinant), float((ax * ab - bx * aa) / determinant)};
    return {aa > 0 ? float(ax / aa) : 0, 0};
}

void store(const Block& block, std::byte* out) {
    std::memcpy(out, &block.d, 2);
    std::memcpy(out + 2, &block.m, 2);
    for (std::size_t j = 0; j < 4; ++j) {
        const unsigned s = block.scale[j], t = block.min[j], s4 = block.scale[j + 4], t4 = block.min[j + 4];
        out[4 + j] = std::byte(s | s4 >> 4 << 6);
        out[8 + j] = std::byte(t | t4 >> 4 << 6);
        out[12 + j] = std::byte((s4 & 15) | (t4 & 15) << 4);
    }
    out += 16;
    for (std::size_t sub = 0; sub < kSubs; sub += 2)
        for (std::size_t i = 0; i < kSub; ++i)
            *out++ = std::byte(unsigned(block.codes[sub][i]) | unsigned(block.codes[sub + 1][i]) << 4);
}

}  // namespace

void encodeQ4k(std::span<const float, kQ4kElements> x, std::byte* out) {
    Lines wanted;
    Line most;
    for (std::size_t sub = 0; sub < kSubs; ++sub) {
        wanted[sub] = bestLine(SubBlock(&x[sub * kSub], kSub));
        most = {std::max(most.scale, wanted[sub].scale), std::max(most.minimum, wanted[sub].minimum)};
    }
    float error = 0;
    Block best = settled(x, most.scale / kMostSix, most.minimum / kMostSix, wanted, error);
    for (int pass = 0; pass < kPasses; ++pass) {
        const Line factors = fittedFactors(x, best);
        if (!(factors.scale > 0) || factors.minimum < 0) break;
        float again = 0;
        const Block block = settled(x, factors.scale, factors.minimum, wanted, again);
        if (!(again < error)) break;
        best = block, error = again;
    }
    store(best, out);
}

}  // namespace lectern
