// SPDX-License-Identifier: GPL-3.0-or-later
// Tensor-core operations as the PTX manual documents them, element by element.
#include "kernels/cuda/fragment.cuh"

namespace lectern::kernels {
namespace {

using emulation::exchange;

float half(Half2 both, int which) {
    return halfToFloat(std::uint16_t(both >> (16 * which)));
}

struct Operands {
    FragmentA a;
    FragmentB b;
};

/// A[row][k] and B[k][column] of the warp's fragments.
float elementA(const emulation::Brought<Operands>& all, int row, int k) {
    return half(all[std::size_t(row % 8 * 4 + k % 8 / 2)].a.x[row / 8 + k / 8 * 2], k % 2);
}
float elementB(const emulation::Brought<Operands>& all, int k, int column) {
    return half(all[std::size_t(column * 4 + k % 8 / 2)].b.x[k / 8], k % 2);
}

/// Registers of a lane from the four matrices; place(lane, which) is (row, column) of the halves it holds.
template <int Matrices, class Place>
void gather(Half2 (&out)[Matrices], const void* row, Place place, emulation::Place where) {
    const auto* own = static_cast<const std::uint16_t*>(row);
    exchange(~0U, where, own, [&](const emulation::Brought<const std::uint16_t*>& rows, int lane) {
        for (int i = 0; i < Matrices; ++i) {
            out[i] = 0;
            for (int which = 0; which < 2; ++which) {
                const auto [r, c] = place(lane, which);
                out[i] |= Half2(rows[std::size_t(i * 8 + r)][c]) << (16 * which);
            }
        }
        return 0;
    });
}

/// (row, column) of the halves a lane holds of a transposed matrix.
std::pair<int, int> acrossRows(int lane, int which) {
    return {lane % 4 * 2 + which, lane / 4};
}

}  // namespace

void multiplyAdd(FragmentD& d, const FragmentA& a, const FragmentB& b) {
    const emulation::Place where = {__func__, __FILE__, __LINE__};
    exchange(~0U, where, Operands{a, b}, [&](const emulation::Brought<Operands>& all, int lane) {
        for (int i = 0; i < 4; ++i) {
            const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
            for (int k = 0; k < 16; ++k) d.x[i] += elementA(all, row, k) * elementB(all, k, column);
        }
        return 0;
    });
}

void loadMatrices(Half2 (&out)[4], const void* row) {
    const auto place = [](int lane, int which) { return std::pair(lane / 4, lane % 4 * 2 + which); };
    gather(out, row, place, {__func__, __FILE__, __LINE__});
}

void loadTransposed(Half2 (&out)[4], const void* row) {
    gather(out, row, acrossRows, {__func__, __FILE__, __LINE__});
}

void loadTransposed(Half2 (&out)[2], const void* row) {
    gather(out, row, acrossRows, {__func__, __FILE__, __LINE__});
}

Half2 transposed(Half2 x) {
    return exchange(~0U, {__func__, __FILE__, __LINE__}, x, [](const emulation::Brought<Half2>& all, int lane) {
        Half2 out = 0;
        for (int which = 0; which < 2; ++which) {
            const auto [row, column] = acrossRows(lane, which);
            out |= (all[std::size_t(row * 4 + column / 2)] >> (column % 2 * 16) & 0xffffU) << (16 * which);
        }
        return out;
    });
}

}  // namespace lectern::kernels
