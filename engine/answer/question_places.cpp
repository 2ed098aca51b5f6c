// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/question_places.h"

#include <algorithm>

#include "engine/answer/prompt.h"
#include "engine/answer/sentences.h"

namespace lectern {

QuestionPlaces::QuestionPlaces(std::string_view question, std::span<const PagePlace> pages)
    : m_words(question), m_pages(pages) {
    if (!m_words.any()) return;
    for (std::size_t page = 0; page < pages.size(); ++page) addPage(page);
    QuestionWords::Set all = 0;
    for (const Sentence& sentence : m_sentences) {
        m_words.count(sentence.own);
        all |= sentence.own;
    }
    m_everywhere = m_words.share(all);
    for (std::size_t i = 0; i < m_sentences.size(); ++i)
        m_both.push_back(SharedWords{m_words.share(m_sentences[i].own), m_words.share(around(i, i))}.both());
}

void QuestionPlaces::addPage(std::size_t page) {
    const std::string& text = m_pages[page].text->text;
    const auto& offsets = *m_pages[page].token_offsets;
    const auto space = [&](std::uint32_t i) { return text[i] == ' ' || text[i] == '\n' || text[i] == '\t'; };
    std::size_t token = 0;  // of the page; each sentence goes on where the last one ended
    for (std::uint32_t begin = 0, i = 0; i < text.size(); ++i) {
        if (!endsSentence(text, i) && i + 1 < text.size()) continue;
        while (begin < i && space(begin)) ++begin;
        while (token < offsets.size() && (offsets[token] == kNoPlace || offsets[token] < begin)) ++token;
        Sentence sentence{page, begin, i + 1, m_pages[page].token_begin + token, 0, 0};
        while (token < offsets.size() && offsets[token] != kNoPlace && offsets[token] <= i) ++token;
        sentence.token_end = m_pages[page].token_begin + token;
        sentence.own = m_words.in(std::string_view(text).substr(begin, i + 1 - begin));
        m_sentences.push_back(sentence);
        begin = i + 1;
    }
}

/// Words of sentences first … last and of those beside them on their page.
QuestionWords::Set QuestionPlaces::around(std::size_t first, std::size_t last) const {
    QuestionWords::Set set = 0;
    const std::size_t end = std::min(last + 2, m_sentences.size());
    for (std::size_t i = first > 0 ? first - 1 : 0; i < end; ++i)
        if (m_sentences[i].page == m_sentences[first].page) set |= m_sentences[i].own;
    return set;
}

double QuestionPlaces::most(std::uint64_t begin, std::uint64_t end) const {
    const auto first = std::partition_point(m_sentences.begin(), m_sentences.end(),
                                            [&](const Sentence& s) { return s.token_begin < begin; });
    double most = 0;
    for (auto i = std::size_t(first - m_sentences.begin()); i < m_sentences.size(); ++i) {
        if (m_sentences[i].token_begin >= end) break;
        most = std::max(most, m_both[i]);
    }
    return most;
}

SharedWords QuestionPlaces::shared(std::size_t page, std::uint32_t begin, std::uint32_t end) const {
    const std::string_view text = std::string_view(m_pages[page].text->text).substr(begin, end - begin);
    SharedWords shared{m_words.share(m_words.in(text)), 0};
    const auto in = [&](const Sentence& s) { return s.page == page && s.begin < end && s.end > begin; };
    const auto first = std::find_if(m_sentences.begin(), m_sentences.end(), in);
    auto last = first;
    while (last != m_sentences.end() && in(*last)) ++last;
    shared.around = shared.own;
    if (first != last)
        shared.around = m_words.share(
            around(std::size_t(first - m_sentences.begin()), std::size_t(last - m_sentences.begin()) - 1));
    return shared;
}

std::vector<QuestionSentence> QuestionPlaces::best(std::size_t count, std::uint32_t longest) const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < m_sentences.size(); ++i)
        if (m_both[i] > 0 && m_sentences[i].own != 0 && m_sentences[i].end - m_sentences[i].begin <= longest)
            order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return m_both[a] > m_both[b]; });
    order.resize(std::min(order.size(), count));
    std::vector<QuestionSentence> best;
    for (const std::size_t i : order) {
        const Sentence& s = m_sentences[i];
        best.push_back(
            {s.page, s.begin, s.end, s.token_begin, s.token_end, {m_words.share(s.own), m_words.share(around(i, i))}});
    }
    return best;
}

}  // namespace lectern
