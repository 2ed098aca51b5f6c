// SPDX-License-Identifier: GPL-3.0-or-later
// Every tolerance of the kernel tests, as normalised error: largest difference over the largest reference magnitude.
// f32 has 6e-8; sums of n terms in another order lose a small multiple of sqrt(n) of it.
#pragma once

namespace lectern::test {

inline constexpr double kTileTolerance = 1e-6;         ///< a few roundings per element, corrections included
inline constexpr double kAttendTolerance = 2e-5;       ///< scores up to ±60 in f32 before exp
inline constexpr double kHalfAttendTolerance = 4e-3;   ///< operands of the products rounded to fp16 (5e-4 each)
inline constexpr double kBf16AttendTolerance = 4e-2;   ///< factors rounded to bfloat16 (4e-3 each), scores up to ±16
inline constexpr double kLogSumExpTolerance = 1e-5;    ///< per row of group sums
inline constexpr double kRotateTolerance = 3e-7;       ///< two products and a sum
inline constexpr double kMergeTolerance = 1e-6;        ///< one exp and a weighted sum
inline constexpr double kMatvecTolerance = 2e-6;       ///< relative to sum |w·x|
inline constexpr double kElementwiseTolerance = 1e-6;  ///< one exp, one division
inline constexpr double kGeluTolerance = 4e-6;         ///< one exp, of a cubic that rounds three times
inline constexpr double kNormTolerance = 4e-6;         ///< a sum of up to 32k squares in four-lane registers
inline constexpr double kExpTolerance = 2e-7;          ///< relative error of the exponential alone

}  // namespace lectern::test
