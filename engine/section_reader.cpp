// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/section_reader.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "engine/answer/sentences.h"
#include "engine/answer_pages.h"
#include "engine/base/log_sum_exp.h"
#include "engine/infer/sampler.h"
#include "engine/lone_stretch.h"

namespace lectern {

namespace {

constexpr std::uint64_t kStretchTokens = 448;  ///< that sentences are compared in: what quoting was trained on mostly
constexpr std::uint64_t kOverhang = 64;        ///< a stretch sees so much of the next one: its last sentence whole
constexpr std::size_t kFirstTokens = 3;        ///< of a sentence, that are asked for
constexpr double kByWords = 100;               ///< weight of the words it shares, beside their log-probability
constexpr std::size_t kPickBytes = 12'000;     ///< of sentences that a lead is picked from
constexpr std::size_t kLeadTokens = 4096;      ///< of summaries that a lead is made from

Error stopped() {
    return {ErrorCode::Interrupted, "The summary was stopped; the sections that were done are kept."};
}

void add(std::vector<float>& sum, const std::vector<float>& mass) {
    sum.resize(std::max(sum.size(), mass.size()));
    for (std::size_t i = 0; i < mass.size(); ++i) sum[i] += mass[i];
}

double massBetween(const std::vector<float>& mass, std::uint64_t begin, std::uint64_t end) {
    return std::accumulate(mass.begin() + std::ptrdiff_t(begin), mass.begin() + std::ptrdiff_t(end), 0.0);
}

std::vector<std::size_t> bestFirst(const std::vector<double>& scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    return order;
}

std::vector<PagePlace> pagesOf(const PlannedSection& section, std::span<const PagePlace> pages) {
    std::vector<PagePlace> inside;
    for (const PagePlace& page : pages) {
        if (page.token_begin < section.token_end && page.token_end > section.token_begin) inside.push_back(page);
    }
    return inside;
}

}  // namespace

SectionReader::SectionReader(LoadedModel& model, const PromptBuilder& prompt, const KvCache& documents,
                             std::vector<TokenRange> hidden)
    : m_model(model),
      m_prompt(prompt),
      m_documents(documents),
      m_hidden(std::move(hidden)),
      m_opening(prompt.opening().size()),
      m_logits(std::size_t(model.model->config.vocab)) {}

/// The question behind what `cache` holds; the last token as a decode step, whose attention counts.
Status SectionReader::ask(KvCache& cache, std::span<const TokenId> question, AttentionMass& mass,
                          std::stop_token stop) {
    Transformer& transformer = *m_model.transformer;
    if (stop.stop_requested()) return stopped();
    auto read = transformer.prefill(cache, question.first(question.size() - 1), nullptr, stop);
    if (!read) return read.error().code == ErrorCode::Interrupted ? stopped() : read;
    return transformer.forward(cache, question.last(1), Logits::Last, m_logits.data(), &mass);
}

Result<std::string> SectionReader::decode(KvCache& cache, int max_tokens,
                                          const std::function<void(const std::string&)>& on_text, std::stop_token stop,
                                          AttentionMass& mass, Said& said) {
    Sampler greedy(SamplerSettings{});
    StreamDecoder stream(*m_model.tokenizer, TextPlace::Continuing);
    std::string text;
    const auto show = [&](std::string piece) {
        if (text.empty()) piece.erase(0, std::min(piece.size(), piece.find_first_not_of(" \n\t")));
        text += piece;
        if (on_text && !piece.empty()) on_text(piece);
    };
    said.cut = true;
    for (int count = 0; count < max_tokens; ++count) {
        if (stop.stop_requested()) return stopped();
        const TokenId id = greedy.pick(m_logits, {});
        if (m_model.tokenizer->endsAnswer(id)) {
            said.cut = false;
            break;
        }
        ++said.tokens_answer;
        show(stream.push(id));
        auto stepped = m_model.transformer->forward(cache, {&id, 1}, Logits::Last, m_logits.data(), &mass);
        if (!stepped) return stepped.error();
    }
    show(stream.finish());
    text.erase(std::min(text.size(), text.find_last_not_of(" \t\r\n") + 1));
    return text;
}

Result<Said> SectionReader::write(const PlannedSection& section, std::span<const PagePlace> pages, int max_tokens,
                                  const std::function<void(const std::string&)>& on_text, std::stop_token stop) {
    Said said;
    AttentionMass mass;
    KvCache cache = loneStretch(m_documents, {section.token_begin, section.token_end}, m_hidden, m_opening);
    const auto question = m_prompt.question(sectionQuestion(section.title, section.sentences), true);
    said.tokens_reused = section.token_end - section.token_begin;
    said.tokens_new = question.size();
    if (auto asked = ask(cache, question, mass, stop); !asked) return asked.error();
    auto text = decode(cache, max_tokens, on_text, stop, mass, said);
    if (!text) return text.error();
    said.text = std::move(*text);
    said.cited = citePages(tokenMass(cache, mass, m_documents.tokens()), pagesOf(section, pages));
    return said;
}

std::vector<SectionReader::Stretch> SectionReader::stretches(const PlannedSection& section,
                                                             std::span<const PageSentence> sentences) const {
    const std::uint64_t tokens = section.token_end - section.token_begin;
    const std::uint64_t count = std::max<std::uint64_t>(1, (tokens + kStretchTokens - 1) / kStretchTokens);
    std::vector<Stretch> all(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        all[i].tokens = {section.token_begin + tokens * i / count,
                         std::min(section.token_end, section.token_begin + tokens * (i + 1) / count + kOverhang)};
    }
    for (std::size_t s = 0; s < sentences.size(); ++s) {
        const std::uint64_t at = std::clamp(sentences[s].token, section.token_begin, section.token_end - 1);
        std::uint64_t i = (at - section.token_begin) * count / tokens;
        while (i > 0 && at < all[i].tokens.begin) --i;
        all[i].sentences.push_back(s);
    }
    std::erase_if(all, [](const Stretch& stretch) { return stretch.sentences.empty(); });
    return all;
}

std::vector<TokenId> SectionReader::firstTokens(const std::string& sentence) const {
    auto ids = m_prompt.answer(sentence);
    ids.resize(std::min(ids.size(), kFirstTokens));
    return ids;
}

/// How likely an answer begins with `ids`, as a logarithm. `cache` ends with the question and is left so.
Result<double> SectionReader::begins(KvCache& cache, std::span<const TokenId> ids) {
    const std::uint64_t asked = cache.tokens();
    const std::size_t vocab = m_logits.size();
    double sum = double(m_logits[std::size_t(ids.front())]) - logSumExp(m_logits);
    const auto read = ids.first(ids.size() - 1);
    if (read.empty()) return sum;
    std::vector<float> logits(read.size() * vocab);
    if (auto done = m_model.transformer->forward(cache, read, Logits::All, logits.data()); !done) return done.error();
    for (std::size_t i = 0; i < read.size(); ++i) {
        const std::span<const float> row(logits.data() + i * vocab, vocab);
        sum += double(row[std::size_t(ids[i + 1])]) - logSumExp(row);
    }
    cache.rewind(asked);
    return sum;
}

/// How good each of some sentences is for a summary. `cache` ends with the question and is left so.
Result<std::vector<double>> SectionReader::scores(KvCache& cache, const std::vector<std::string>& sentences,
                                                  std::stop_token stop, Said& said) {
    std::vector<double> scores = sharedWords(sentences);
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        if (stop.stop_requested()) return stopped();
        const auto ids = firstTokens(sentences[i]);
        auto score = begins(cache, ids);
        if (!score) return score.error();
        scores[i] = *score + kByWords * scores[i];
        said.tokens_new += ids.size() - 1;
    }
    return scores;
}

Result<Said> SectionReader::quote(const PlannedSection& section, std::span<const PagePlace> pages, int max_tokens,
                                  std::stop_token stop) {
    Said said;
    const auto places = pagesOf(section, pages);
    const auto sentences = summarySentences(places, section.token_begin, section.token_end);
    const auto textOf = [&](const PageSentence& sentence) {
        return oneSpaced(places[sentence.page].text->text.substr(sentence.begin, sentence.end - sentence.begin));
    };
    const auto question = m_prompt.question(kQuotesQuestion, true);
    std::vector<double> scores(sentences.size());
    std::vector<float> mass;
    for (const Stretch& stretch : stretches(section, sentences)) {
        KvCache cache = loneStretch(m_documents, stretch.tokens, m_hidden, m_opening);
        AttentionMass own;
        if (auto asked = ask(cache, question, own, stop); !asked) return asked.error();
        said.tokens_new += question.size();
        add(mass, tokenMass(cache, own, m_documents.tokens()));
        std::vector<std::string> texts;
        for (const std::size_t s : stretch.sentences) texts.push_back(textOf(sentences[s]));
        auto found = this->scores(cache, texts, stop, said);
        if (!found) return found.error();
        for (std::size_t i = 0; i < texts.size(); ++i) scores[stretch.sentences[i]] = (*found)[i];
    }
    std::vector<std::size_t> chosen;
    for (const std::size_t s : bestFirst(scores)) {
        if (chosen.size() == std::size_t(section.sentences)) break;
        const auto tokens = m_prompt.answer(textOf(sentences[s])).size();
        if (said.tokens_answer + tokens > std::uint64_t(max_tokens) && !chosen.empty()) {
            said.cut = true;
            break;
        }
        said.tokens_answer += tokens;
        chosen.push_back(s);
    }
    std::sort(chosen.begin(), chosen.end());
    for (const std::size_t s : chosen) {
        const PagePlace& page = places[sentences[s].page];
        said.sentences.push_back(textOf(sentences[s]));
        const double share = pageShare(mass, places, page.document, page.page);
        said.cited.push_back({page.document, page.page, share, sentences[s].begin, sentences[s].end});
    }
    said.text = listOfSentences(said.sentences);
    said.tokens_reused = section.token_end - section.token_begin;
    return said;
}

Result<Said> SectionReader::lead(std::span<const std::string> titles, std::span<const std::string> summaries,
                                 int sentences, int max_tokens, const std::function<void(const std::string&)>& on_text,
                                 std::stop_token stop) {
    Said said;
    KvCache cache = loneStretch(m_documents, {0, 0}, {}, m_opening);
    const std::uint64_t before = cache.tokens();
    const std::size_t most = std::max<std::size_t>(32, kLeadTokens / std::max<std::size_t>(1, titles.size()));
    std::vector<TokenId> ids;
    std::vector<TokenRange> ranges;
    for (std::size_t i = 0; i < titles.size(); ++i) {
        auto piece = m_model.tokenizer->encode("## " + titles[i] + "\n\n" + summaries[i], false, TextPlace::Continuing);
        piece.resize(std::min(piece.size(), most));
        const auto gap = m_model.tokenizer->encode("\n\n", false, TextPlace::Continuing);
        const std::uint64_t begin = before + ids.size();
        ids.insert(ids.end(), piece.begin(), piece.end());
        ids.insert(ids.end(), gap.begin(), gap.end());
        ranges.push_back({begin, before + ids.size()});
    }
    const auto question = m_prompt.question(leadQuestion(sentences), true);
    said.tokens_new = ids.size() + question.size();
    auto read = m_model.transformer->prefill(cache, ids, nullptr, stop);
    if (!read) return read.error().code == ErrorCode::Interrupted ? stopped() : read.error();
    AttentionMass mass;
    if (auto asked = ask(cache, question, mass, stop); !asked) return asked.error();
    auto text = decode(cache, max_tokens, on_text, stop, mass, said);
    if (!text) return text.error();
    said.text = std::move(*text);
    const auto per_token = tokenMass(cache, mass, before + ids.size());
    const double all = massBetween(per_token, before, per_token.size());
    for (const TokenRange& range : ranges)
        said.shares.push_back(all > 0 ? massBetween(per_token, range.begin, range.end) / all : 0);
    return said;
}

Result<Said> SectionReader::pick(std::span<const std::string> sentences, int count, std::stop_token stop) {
    Said said;
    KvCache cache = loneStretch(m_documents, {0, 0}, {}, m_opening);
    PageText page;
    page.label = "1";
    std::size_t looked_at = 0;
    for (std::size_t bytes = 0; looked_at < sentences.size() && bytes < kPickBytes; ++looked_at) {
        bytes += sentences[looked_at].size();
        page.text += sentences[looked_at] + "\n";
    }
    const auto ids = m_prompt.page(page).ids;
    auto read = m_model.transformer->prefill(cache, ids, nullptr, stop);
    if (!read) return read.error().code == ErrorCode::Interrupted ? stopped() : read.error();
    const auto question = m_prompt.question(kQuotesQuestion, true);
    AttentionMass mass;
    if (auto asked = ask(cache, question, mass, stop); !asked) return asked.error();
    said.tokens_new = ids.size() + question.size();
    auto found = scores(cache, {sentences.begin(), sentences.begin() + std::ptrdiff_t(looked_at)}, stop, said);
    if (!found) return found.error();
    said.picked = bestFirst(*found);
    said.picked.resize(std::min(said.picked.size(), std::size_t(count)));
    std::sort(said.picked.begin(), said.picked.end());
    return said;
}

Result<double> SectionReader::seconds(const PlannedSection& section, std::span<const PagePlace> pages, bool quotes,
                                      int max_tokens) {
    const auto now = std::chrono::steady_clock::now;
    const auto since = [](auto begin) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    const auto first = now();
    AttentionMass mass;
    const TokenRange whole{section.token_begin, section.token_end};
    const TokenRange read{whole.begin, quotes ? std::min(whole.end, whole.begin + kStretchTokens) : whole.end};
    KvCache cache = loneStretch(m_documents, read, m_hidden, m_opening);
    const auto question =
        m_prompt.question(quotes ? kQuotesQuestion : sectionQuestion(section.title, section.sentences), true);
    if (auto asked = ask(cache, question, mass, {}); !asked) return asked.error();
    const double asking = since(first);
    const auto then = now();
    const std::vector<TokenId> step(quotes ? kFirstTokens - 1 : 1, question.back());
    if (auto done = m_model.transformer->forward(cache, step, Logits::Last, m_logits.data()); !done)
        return done.error();
    const double stepping = since(then);
    if (!quotes) return asking + stepping * max_tokens;
    const auto sentences = summarySentences(pagesOf(section, pages), section.token_begin, section.token_end);
    return asking * double(stretches(section, sentences).size()) + stepping * double(sentences.size());
}

}  // namespace lectern
