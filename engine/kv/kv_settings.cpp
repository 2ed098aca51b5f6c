// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/kv_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace lectern {

namespace {

constexpr double kMaxOutliers = 0.05;
constexpr int kMaxWindow = 1024;
constexpr int kMaxLayer = 1023;
constexpr std::size_t kMaxRanges = 64;

constexpr std::array<std::pair<std::string_view, bool ResearchForm::*>, 3> kEndings = {
    {{"+post-rope", &ResearchForm::post_rope_keys},
     {"+token-keys", &ResearchForm::token_keys},
     {"+channel-values", &ResearchForm::channel_values}}};

Error badName(std::string_view name) {
    return {ErrorCode::Usage, "\"" + std::string(name) +
                                  "\" is not a cache setting; possible are fp16, nuq4, nuq3, nuq2, int4, int3, int2, "
                                  "key/value bits as in nuq4/2, a share of outliers as in nuq3-0.5%, and other bits "
                                  "for single layers as in nuq3@0-1=4/2."};
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

/// "4" or "4/2"
bool takeBothBits(std::string_view& rest, int& key_bits, int& value_bits) {
    if (!takeBits(rest, key_bits)) return false;
    value_bits = key_bits;
    if (!rest.starts_with('/')) return true;
    rest.remove_prefix(1);
    return takeBits(rest, value_bits);
}

bool takeNumber(std::string_view& rest, int& number) {
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (parsed.ec != std::errc() || number < 0) return false;
    rest.remove_prefix(std::size_t(parsed.ptr - rest.data()));
    return true;
}

/// "0-3=4/2" or "7=4"
bool takeLayers(std::string_view rest, LayerBits& bits) {
    if (!takeNumber(rest, bits.first)) return false;
    bits.last = bits.first;
    if (rest.starts_with('-')) {
        rest.remove_prefix(1);
        if (!takeNumber(rest, bits.last)) return false;
    }
    if (!rest.starts_with('=')) return false;
    rest.remove_prefix(1);
    return takeBothBits(rest, bits.key_bits, bits.value_bits) && rest.empty();
}

std::string bitsText(int key_bits, int value_bits) {
    return std::to_string(key_bits) + (value_bits != key_bits ? "/" + std::to_string(value_bits) : "");
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

bool KvSettings::raw() const {
    return key_bits == 16 && value_bits == 16 && std::all_of(layers.begin(), layers.end(), [](const LayerBits& l) {
               return l.key_bits == 16 && l.value_bits == 16;
           });
}

LayerBits KvSettings::bitsOf(int layer) const {
    const auto names = [layer](const LayerBits& l) { return l.first <= layer && layer <= l.last; };
    const auto last = std::find_if(layers.rbegin(), layers.rend(), names);
    return last != layers.rend() ? *last : LayerBits{layer, layer, key_bits, value_bits};
}

std::string KvSettings::name() const {
    if (research.blocks) return "q4";
    const bool uniform = codebook == Codebook::Uniform;
    std::string text =
        key_bits == 16 && value_bits == 16 ? "fp16" : (uniform ? "int" : "nuq") + bitsText(key_bits, value_bits);
    if (!raw() && outliers != (uniform ? 0.0 : 0.01)) text += "-" + outlierText(outliers);
    for (const LayerBits& l : layers) {
        text += "@" + std::to_string(l.first) + (l.last != l.first ? "-" + std::to_string(l.last) : "");
        text += "=" + bitsText(l.key_bits, l.value_bits);
    }
    for (const auto& [ending, member] : kEndings)
        if (research.*member) text += ending;
    return text;
}

Result<KvSettings> parseKvSettings(std::string_view name) {
    KvSettings settings;
    std::string_view rest = name.substr(0, name.find('@')), layers = name.substr(rest.size());
    if (rest.starts_with("fp16")) {
        settings.key_bits = settings.value_bits = 16;
        rest.remove_prefix(4);
    } else {
        const bool uniform = rest.starts_with("int");
        if (!uniform && !rest.starts_with("nuq")) return badName(name);
        if (uniform) settings.codebook = Codebook::Uniform, settings.outliers = 0;
        rest.remove_prefix(3);
        if (!takeBothBits(rest, settings.key_bits, settings.value_bits)) return badName(name);
    }
    if (!rest.empty() && !takeShare(rest, settings.outliers)) return badName(name);
    while (!layers.empty()) {
        const auto part = layers.substr(1, layers.find('@', 1) - 1);
        if (!takeLayers(part, settings.layers.emplace_back())) return badName(name);
        layers.remove_prefix(1 + part.size());
    }
    return settings;
}

Result<KvSettings> parseBenchSettings(std::string_view name) {
    KvSettings settings;
    if (name == "q4") {
        settings.research.blocks = settings.research.post_rope_keys = true;
        settings.outliers = 0;
        settings.sinks = 0;
        return settings;
    }
    ResearchForm form;
    std::string_view rest = name;
    for (auto ending = kEndings.rbegin(); ending != kEndings.rend(); ++ending) {
        if (!rest.ends_with(ending->first)) continue;
        form.*(ending->second) = true;
        rest.remove_suffix(ending->first.size());
    }
    auto parsed = parseKvSettings(rest);
    if (!parsed || (form.any() && (parsed->raw() || !parsed->layers.empty()))) return badName(name);
    parsed->research = form;
    return parsed;
}

Status checkKvSettings(const KvSettings& settings) {
    const auto bits_ok = [](int bits) { return codedBits(bits) || bits == 16; };
    const bool layers_ok = std::all_of(settings.layers.begin(), settings.layers.end(), [&](const LayerBits& l) {
        return bits_ok(l.key_bits) && bits_ok(l.value_bits) && l.first >= 0 && l.first <= l.last && l.last <= kMaxLayer;
    });
    if (!layers_ok || settings.layers.size() > kMaxRanges)
        return Error{ErrorCode::Usage,
                     "Bits of single layers are up to 64 ranges of layers 0 to 1023, as in @0-3=4/2."};
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

Status checkLayers(const KvSettings& settings, int layers) {
    for (const LayerBits& l : settings.layers)
        if (l.last >= layers)
            return Error{ErrorCode::Usage, "\"" + settings.name() + "\" names layer " + std::to_string(l.last) +
                                               "; this model has the layers 0 to " + std::to_string(layers - 1) + "."};
    return {};
}

}  // namespace lectern
