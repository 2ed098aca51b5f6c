// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/kv_settings.h"

#include <charconv>
#include <cmath>

namespace lectern {

namespace {

constexpr double kMaxOutliers = 0.05;
constexpr int kMaxSinks = 64;
constexpr int kMaxWindow = 1024;

Error badName(std::string_view name) {
    return {ErrorCode::Usage, "\"" + std::string(name) +
                                  "\" is not a cache setting; possible are fp16, nuq4, nuq3, nuq2, int4, int3, int2, "
                                  "key/value bits as in nuq4/2, and a share of outliers as in nuq3-0.5%."};
}

bool codedBits(int bits) {
    return bits >= 2 && bits <= 4;
}

bool takeBits(std::string_view& rest, int& bits) {
    if (rest.starts_with("16")) {
        bits = 16;
        rest.remove_prefix(2);
        return true;
    }
    if (rest.empty() || rest[0] < '2' || rest[0] > '4') return false;
    bits = rest[0] - '0';
    rest.remove_prefix(1);
    return true;
}

bool takeShare(std::string_view rest, double& share) {
    if (rest.size() < 3 || rest.front() != '-' || rest.back() != '%') return false;
    double percent = 0;
    const char* end = rest.data() + rest.size() - 1;
    const auto parsed = std::from_chars(rest.data() + 1, end, percent);
    share = percent / 100;
    return parsed.ec == std::errc() && parsed.ptr == end && share >= 0 && share <= kMaxOutliers;
}

}  // namespace

std::string outlierText(double share) {
    std::string text = std::to_string(std::round(share * 1e5) / 1e3);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text + "%";
}

std::string KvSettings::name() const {
    if (raw()) return "fp16";
    const bool uniform = codebook == Codebook::Uniform;
    std::string text = (uniform ? "int" : "nuq") + std::to_string(key_bits);
    if (value_bits != key_bits) text += "/" + std::to_string(value_bits);
    if (outliers != (uniform ? 0.0 : 0.01)) text += "-" + outlierText(outliers);
    return text;
}

Result<KvSettings> parseKvSettings(std::string_view name) {
    KvSettings settings;
    if (name == "fp16") {
        settings.key_bits = settings.value_bits = 16;
        return settings;
    }
    std::string_view rest = name;
    if (rest.starts_with("int")) {
        settings.codebook = Codebook::Uniform;
        settings.outliers = 0;
    } else if (!rest.starts_with("nuq")) {
        return badName(name);
    }
    rest.remove_prefix(3);
    if (!takeBits(rest, settings.key_bits)) return badName(name);
    settings.value_bits = settings.key_bits;
    if (rest.starts_with('/')) {
        rest.remove_prefix(1);
        if (!takeBits(rest, settings.value_bits)) return badName(name);
    }
    if (!rest.empty() && !takeShare(rest, settings.outliers)) return badName(name);
    return settings;
}

Status checkKvSettings(const KvSettings& settings) {
    const auto bits_ok = [](int bits) { return codedBits(bits) || bits == 16; };
    if (!bits_ok(settings.key_bits) || !bits_ok(settings.value_bits))
        return Error{ErrorCode::Usage, "Keys and values can be kept at 2, 3, 4 or 16 bits."};
    if (!(settings.outliers >= 0 && settings.outliers <= kMaxOutliers))
        return Error{ErrorCode::Usage, "The share of outliers must lie between 0 and 0.05."};
    if (settings.sinks < 0 || settings.sinks > kMaxSinks)
        return Error{ErrorCode::Usage, "The number of sink tokens must lie between 0 and 64."};
    if (settings.window < 0 || settings.window > kMaxWindow)
        return Error{ErrorCode::Usage, "The recent window must lie between 0 and 1024 tokens."};
    return {};
}

}  // namespace lectern
