// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/pre_tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/text/pre_tokenizer_families.h"
#include "engine/text/utf8.h"

namespace lectern {
namespace {

constexpr std::uint32_t kMatchLimit = 50'000'000;  // steps of one match; a second at most
// Items of a foreign regex that are tried and bytes that they pass, for a text: known regexes take up to 30 for a byte.
constexpr std::uint64_t kStepsPerByte = 500, kStepsMore = 5000;
constexpr std::size_t kMostRepeats = 1000;       // of a foreign regex's items: such a run counts as one step
constexpr std::string_view kBraced = "xopPNgk";  // escapes whose braces hold no count, as in \x{3040}
constexpr std::size_t kFirstStack = 64 << 10, kLargestStack = 64 << 20;
constexpr char kNotText = '\x1A';  // stands for a byte that is not UTF-8: one byte, neither letter, digit nor space

struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
    void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};
using Code = std::unique_ptr<pcre2_code, Free>;

Error refused(const std::string& regex, const std::string& why) {
    return {ErrorCode::BadInput, "The tokenizer's regular expression \"" + regex.substr(0, 80) +
                                     "\" cannot be used: " + why + "; use a model of another family."};
}

/// The largest number after the brace at `at`, "{3}" or "{1,80}"; 0 where it is no count.
std::size_t repeatsAt(const std::string& regex, std::size_t at) {
    std::size_t count = 0, most = 0;
    for (++at; at < regex.size() && regex[at] != '}'; ++at) {
        const bool digit = regex[at] >= '0' && regex[at] <= '9';
        if (!digit && regex[at] != ',' && regex[at] != ' ') return 0;
        count = digit ? std::min<std::size_t>(count * 10 + std::size_t(regex[at] - '0'), 1'000'000) : 0;
        most = std::max(most, count);
    }
    return most;
}

std::size_t mostRepeats(const std::string& regex) {
    std::size_t most = 0;
    for (std::size_t at = 0; at < regex.size(); ++at) {
        if (regex[at] == '\\')
            at += at + 2 < regex.size() && regex[at + 2] == '{' && kBraced.find(regex[at + 1]) != kBraced.npos ? 2 : 1;
        else if (regex[at] == '{')
            most = std::max(most, repeatsAt(regex, at));
    }
    return most;
}

/// `watched`: matching calls countSteps() before every item.
Result<Code> compile(const std::string& regex, bool watched) {
    if (regex.find("&&") != regex.npos) return refused(regex, "it intersects character classes");
    if (watched && mostRepeats(regex) > kMostRepeats)
        return refused(regex, "it repeats something more than " + std::to_string(kMostRepeats) + " times");
    const std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY |
                                  PCRE2_NO_AUTO_CAPTURE | (watched ? PCRE2_AUTO_CALLOUT : 0U);
    int error = 0;
    PCRE2_SIZE place = 0;
    Code code(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(), options, &error, &place, nullptr));
    if (code == nullptr) {
        PCRE2_UCHAR why[256] = {};
        pcre2_get_error_message(error, why, sizeof why);
        return refused(regex, std::string(reinterpret_cast<const char*>(why)) + " at byte " + std::to_string(place));
    }
    pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // without it (another processor) PCRE2 interprets
    return code;
}

/// The text with every byte that is not UTF-8 replaced, so that offsets stay; nothing where all of it is UTF-8.
std::optional<std::string> sanitised(std::string_view text) {
    std::optional<std::string> copy;
    for (std::size_t i = 0; i < text.size();) {
        const int length = utf8Length(text.substr(i));
        if (length == 0) {
            if (!copy) copy.emplace(text);
            (*copy)[i] = kNotText;
        }
        i += length == 0 ? 1 : std::size_t(length);
    }
    return copy;
}

/// What is left of a text's steps, and where the last one was.
struct Steps {
    std::uint64_t left = 0;
    PCRE2_SIZE place = 0;
};

/// Called by PCRE2 before each item of a watched regex: what an item passed over counts too.
int countSteps(pcre2_callout_block* block, void* data) {
    Steps& steps = *static_cast<Steps*>(data);
    const PCRE2_SIZE place = block->current_position;
    const std::uint64_t taken = 1 + (place > steps.place ? place - steps.place : steps.place - place);
    steps.place = place;
    if (taken > steps.left) {
        steps.left = 0;
        return PCRE2_ERROR_CALLOUT;
    }
    steps.left -= taken;
    return 0;
}

/// What matching one text needs.
class Matcher {
public:
    explicit Matcher(std::size_t bytes)
        : m_steps{kStepsMore + kStepsPerByte * bytes, 0},
          m_context(pcre2_match_context_create(nullptr)),
          m_stack(pcre2_jit_stack_create(kFirstStack, kLargestStack, nullptr)),
          m_data(pcre2_match_data_create(1, nullptr)) {
        if (m_context == nullptr) return;
        pcre2_set_match_limit(m_context.get(), kMatchLimit);
        pcre2_set_callout(m_context.get(), countSteps, &m_steps);
        if (m_stack != nullptr) pcre2_jit_stack_assign(m_context.get(), nullptr, m_stack.get());
    }

    /// Cuts `piece` of `text` with `code` and appends the pieces to `out`.
    void cut(const pcre2_code* code, std::string_view text, TextSpan piece, std::vector<TextSpan>& out) {
        const std::string_view subject = text.substr(piece.begin, piece.end - piece.begin);
        std::size_t done = 0;
        const auto add = [&](std::size_t end) {
            if (done < end) out.push_back({piece.begin + std::uint32_t(done), piece.begin + std::uint32_t(end)});
            done = end;
        };
        while (done < subject.size() && match(code, subject, done)) {
            const PCRE2_SIZE* found = pcre2_get_ovector_pointer(m_data.get());
            if (found[0] < done || found[1] <= found[0] || found[1] > subject.size()) break;  // \K can do such things
            add(found[0]);
            add(found[1]);
        }
        add(subject.size());
    }

private:
    bool match(const pcre2_code* code, std::string_view subject, std::size_t from) {
        if (m_data == nullptr || m_steps.left == 0) return false;
        m_steps.place = from;
        return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), from,
                           PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY, m_data.get(), m_context.get()) >= 0;
    }

    Steps m_steps;
    std::unique_ptr<pcre2_match_context, Free> m_context;
    std::unique_ptr<pcre2_jit_stack, Free> m_stack;
    std::unique_ptr<pcre2_match_data, Free> m_data;
};

}  // namespace

struct PreTokenizer::Compiled {
    std::vector<Code> regexes;
};

PreTokenizer::PreTokenizer(std::unique_ptr<Compiled> compiled) : m_compiled(std::move(compiled)) {}
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer& PreTokenizer::operator=(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Result<PreTokenizer> PreTokenizer::make(const std::vector<std::string>& regexes) {
    auto compiled = std::make_unique<Compiled>();
    for (const std::string& regex : regexes) {
        auto code = compile(regex, !isKnownRegex(regex));
        if (!code) return code.error();
        compiled->regexes.push_back(std::move(*code));
    }
    return PreTokenizer(std::move(compiled));
}

std::vector<TextSpan> PreTokenizer::split(std::string_view text) const {
    if (text.empty()) return {};
    const auto copy = sanitised(text);
    const std::string_view readable = copy ? std::string_view(*copy) : text;
    std::vector<TextSpan> pieces = {{0, std::uint32_t(text.size())}}, finer;
    Matcher matcher(text.size());
    for (const Code& code : m_compiled->regexes) {
        finer.clear();
        finer.reserve(pieces.size());
        for (const TextSpan& piece : pieces) matcher.cut(code.get(), readable, piece, finer);
        pieces.swap(finer);
    }
    return pieces;
}

}  // namespace lectern
