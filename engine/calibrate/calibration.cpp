// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/calibration.h"

#include <algorithm>
#include <cmath>

namespace lectern {

namespace {

LayerCodec codecOf(const std::array<CalibratedBook, 3>& books, int bits, const KvSettings& settings) {
    LayerCodec codec;
    if (bits == kernels::kRawBits) return codec;
    if (settings.codebook == Codebook::Uniform) {
        codec.setBook(dataFreeBook(settings.codebook, bits, settings.outliers));
        return codec;
    }
    const CalibratedBook& calibrated = books[std::size_t(bits) - 2];
    codec.setBook(calibrated.centroids);  // the codes are chosen by the book as fitted
    if (!settings.normalised(bits)) return codec;
    for (float& centroid : codec.book) centroid = centroid * calibrated.scale + calibrated.shift;
    return codec;
}

}  // namespace

Result<Quantizer> Calibration::quantizer(const KvSettings& settings) const {
    const auto share = std::find_if(shares.begin(), shares.end(), [&](const CalibratedShare& s) {
        return std::abs(s.outliers - settings.outliers) < 1e-9;
    });
    if (share == shares.end()) {
        std::string known;
        for (const auto& s : shares) known += (known.empty() ? "" : ", ") + outlierText(s.outliers);
        return Error{ErrorCode::Usage, "The model was not calibrated for " + outlierText(settings.outliers) +
                                           " outliers, only for " + known + ": calibrate it again with that share."};
    }
    Quantizer quantizer;
    quantizer.calibrated = true;
    for (std::size_t l = 0; l < share->layers.size(); ++l) {
        const CalibratedLayer& layer = share->layers[l];
        const LayerBits bits = settings.bitsOf(int(l));
        LayerCodec key = codecOf(layer.keys, bits.key_bits, settings);
        if (bits.key_bits != kernels::kRawBits) {
            key.offset = layer.offset;
            key.range = layer.range;
        }
        quantizer.keys.push_back(std::move(key));
        quantizer.values.push_back(codecOf(layer.values, bits.value_bits, settings));
    }
    return quantizer;
}

}  // namespace lectern
