// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/fingerprint.h"

#include <bit>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace lectern {
namespace {

class Fnv1a {
public:
    void add(std::string_view text) {
        add(std::uint64_t(text.size()));
        for (const char byte : text) step(static_cast<unsigned char>(byte));
    }
    void add(std::uint64_t number) {
        for (int i = 0; i < 8; ++i) step(static_cast<unsigned char>(number >> 8 * i));
    }
    std::uint64_t value() const { return m_state; }

private:
    void step(unsigned char byte) { m_state = (m_state ^ byte) * 0x100000001B3U; }
    std::uint64_t m_state = 0xCBF29CE484222325U;
};

}  // namespace

std::string tokenizerFingerprint(const TokenizerSpec& spec) {
    Fnv1a sum;
    sum.add(std::uint64_t(spec.kind));
    sum.add(spec.pre);
    sum.add(std::uint64_t(spec.pre_regexes.size()));
    for (const auto& regex : spec.pre_regexes) sum.add(regex);
    sum.add(std::uint64_t(spec.tokens.size()));
    for (const auto& token : spec.tokens) sum.add(token);
    sum.add(std::uint64_t(spec.scores.size()));
    for (const float score : spec.scores) sum.add(std::uint64_t(std::bit_cast<std::uint32_t>(score)));
    sum.add(std::uint64_t(spec.types.size()));
    for (const TokenType type : spec.types) sum.add(std::uint64_t(type));
    sum.add(std::uint64_t(spec.merges.size()));
    for (const auto& [left, right] : spec.merges) sum.add(left), sum.add(right);
    for (const auto id : {spec.bos, spec.eos, spec.unknown}) sum.add(std::uint64_t(std::uint32_t(id)));
    for (const bool flag : {spec.add_bos, spec.add_eos, spec.add_space_prefix, spec.prefix_after_special,
                            spec.prefix_if_missing, spec.byte_fallback, spec.ignore_merges, spec.escape_with_suffix})
        sum.add(std::uint64_t(flag));
    if (spec.normal_form != NormalForm::None) sum.add(std::uint64_t(spec.normal_form));
    if (spec.merge_spaces || spec.split_at_spaces || !spec.char_map.empty()) {
        sum.add(std::uint64_t(spec.merge_spaces) + 2 * std::uint64_t(spec.split_at_spaces));
        sum.add(spec.char_map);
    }
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(sum.value()));
    return digits;
}

}  // namespace lectern
