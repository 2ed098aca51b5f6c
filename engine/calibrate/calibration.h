// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/kv/codec.h"

namespace lectern {

/// A codebook and what Q-Norm makes of it: centroid·scale + shift. Source: KVQuant (arXiv:2401.18079), section 3.5.
struct CalibratedBook {
    std::vector<float> centroids;  ///< [1 << bits] ascending, normalised units
    float scale = 1, shift = 0;
};

/// One layer at one share of outliers.
struct CalibratedLayer {
    std::vector<float> offset, range;            ///< [channels] of keys before RoPE; range >= 0
    std::array<CalibratedBook, 3> keys, values;  ///< at 2, 3 and 4 bits
};

struct CalibratedShare {
    double outliers = 0;  ///< share of elements kept sparse, 0 … 0.05
    std::vector<CalibratedLayer> layers;
};

/// What the offline part of KVQuant found out about one model. Value type; immutable in use.
struct Calibration {
    std::string model;  ///< fingerprint of the model it is for
    KvShape shape;
    int sinks = 0;             ///< first tokens of each sequence that were left out
    std::uint64_t tokens = 0;  ///< of all sequences
    std::string text;          ///< name of the text, for people
    std::vector<CalibratedShare> shares;

    /// The quantizer of a cache with these settings. Errors: Usage where the share of outliers was not calibrated.
    Result<Quantizer> quantizer(const KvSettings& settings) const;
};

/// Writes `file` whole or not at all. Errors: Failed (cannot be written).
Status saveCalibration(const Calibration& calibration, const std::filesystem::path& file);
/// Every number is checked; the bytes are described in KVQ.md. Errors: BadInput, naming the file and the defect.
Result<Calibration> loadCalibration(const std::filesystem::path& file);
/// loadCalibration(), and that it fits the model. Errors: BadInput.
Result<Calibration> loadCalibration(const std::filesystem::path& file, const std::string& fingerprint, int layers,
                                    KvShape shape);

}  // namespace lectern
