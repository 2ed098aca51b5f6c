// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/made_up_session.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "engine/branch_tree.h"
#include "engine/session_records.h"

namespace lectern {

namespace {

constexpr std::size_t kTextBytes = 2400;  ///< of a page: a printed one
constexpr int kWords = 400;
constexpr std::uint64_t kTalkTokens = 320;  ///< of a question and its answer

std::vector<std::byte> copyOf(const KvBlock& block) {
    return {block.data(), block.data() + block.bytes()};
}

PageText pageText(int number) {
    PageText page;
    page.label = std::to_string(number + 1);
    page.width = 595;
    page.height = 842;
    while (page.text.size() < kTextBytes) page.text += "word" + std::to_string(page.text.size() + std::size_t(number));
    for (int word = 0; word < kWords; ++word) {
        WordBox box;
        box.begin = std::uint32_t(word) * 6;
        box.end = box.begin + 5;
        const int line = word / 12;
        box.box = {float(word % 12) * 45, float(line) * 20, 40, 12};
        page.words.push_back(box);
    }
    return page;
}

}  // namespace

MadeUpSession::MadeUpSession(const MadeUpShape& shape, const KvSettings& settings, const kernels::KernelTable& kernels,
                             ThreadPool& pool)
    : m_shape(shape), m_settings(settings), m_kernels(&kernels), m_layout(emptyCache()) {
    const KvShape one{shape.kv_heads, shape.head_dim};
    KvCache cache(1, one, settings, kernels);
    constexpr int kTokens = 2 * KvCache::kFitTokens;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> k(std::size_t(kTokens) * std::size_t(one.channels())), v = k;
    for (auto* values : {&k, &v})
        for (auto& x : *values) x = normal(random);
    if (!cache.append(0, k.data(), v.data(), kTokens, pool)) return;  // normal numbers are finite
    cache.advance(kTokens);
    cache.finish(pool);
    if (cache.quantizer()) {
        const auto layers = std::size_t(shape.layers);
        m_quantizer = std::make_shared<const Quantizer>(Quantizer{
            std::vector(layers, cache.quantizer()->keys[0]), std::vector(layers, cache.quantizer()->values[0]), false});
    }
    m_plan = SavePlan(m_layout);
    std::vector<float> scratch(kernels::packScratchFloats(one.channels()));
    for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
        const auto at = std::size_t(kind);
        const KvBlock& coded = *cache.block(0, kind, 2);
        m_coded[at] = copyOf(coded);
        m_bits[at] = coded.layout().bits;
        const KvBlockLayout raw = rawLayout(kind, one);
        m_raw[at].resize(raw.bytes());
        kernels.pack(raw, {}, k.data(), 0, kernels::kPageTokens, scratch.data(), m_raw[at].data());
    }
}

KvCache MadeUpSession::emptyCache() const {
    KvCache cache(m_shape.layers, KvShape{m_shape.kv_heads, m_shape.head_dim}, m_settings, *m_kernels);
    cache.setQuantizer(m_quantizer);
    return cache;
}

std::uint64_t MadeUpSession::payloadBytes() const {
    const int pages = m_layout.pageCount(m_shape.tokens), settled = settledPages(m_layout, m_shape.tokens);
    const auto raw = std::uint64_t(pages - settled + (m_settings.sinks > 0 ? 1 : 0));
    const auto layers = std::uint64_t(m_shape.layers);
    return layers * ((std::uint64_t(pages) - raw) * (m_coded[0].size() + m_coded[1].size()) +
                     raw * (m_raw[0].size() + m_raw[1].size()));
}

SessionIdentity MadeUpSession::identity() const {
    SessionIdentity identity;
    identity.model_fingerprint = identity.tokenizer_fingerprint = "made up";
    identity.model_name = "Made up";
    identity.kv = settingsText(m_settings, SessionMode::Joint);
    identity.layout = "1";
    identity.prompt_template = "plain";
    return identity;
}

SessionCommit MadeUpSession::texts() const {
    SessionCommit commit;
    SessionDocument document;
    document.info.id = 1;
    document.info.name = "made-up.pdf";
    document.info.kind = "pdf";
    document.info.state = DocumentState::InContext;
    document.info.token_end = m_shape.tokens;
    const auto pages = std::uint64_t(m_shape.text_pages);
    for (std::uint64_t number = 0; number < pages; ++number) {
        SessionPage page{
            pageText(int(number)), kWords, m_shape.tokens * number / pages, m_shape.tokens * (number + 1) / pages, {}};
        for (auto t = page.token_begin; t < page.token_end; ++t)
            page.token_offsets.push_back(
                std::uint32_t((t - page.token_begin) * kTextBytes / (page.token_end - page.token_begin)));
        commit.pages.push_back(toRecord(1, int(number), page));
        commit.words.push_back(wordsRecord(1, int(number), page));
    }
    commit.documents.push_back(toRecord(document, 0));
    constexpr std::uint64_t kRun = 1 << 20;
    for (std::uint64_t begin = 0; begin < m_shape.tokens; begin += kRun)
        commit.tokens.push_back({0, begin, std::vector<std::int32_t>(std::min(kRun, m_shape.tokens - begin), 17)});
    commit.meta["trunk_tokens"] = "0";
    return commit;
}

ModelConfig MadeUpSession::config() const {
    ModelConfig config;
    config.layers = m_shape.layers;
    config.heads = m_shape.heads;
    config.kv_heads = m_shape.kv_heads;
    config.head_dim = m_shape.head_dim;
    config.rope.theta = 500'000;
    config.rope.dims = m_shape.head_dim;
    return config;
}

SessionCommit MadeUpSession::conversation() const {
    SessionCommit commit;
    Branch branch;
    branch.id = 1;
    branch.name = "main";
    branch.trunk = m_shape.tokens;
    branch.stored = kTalkTokens;
    commit.branches.push_back(toRecord(branch));
    commit.tokens.push_back({1, 0, std::vector<std::int32_t>(kTalkTokens, 17)});
    StoredMessage message;
    message.message.question = "Which word is it?";
    message.message.answer = "It is a word.";
    message.token_end = kTalkTokens;
    commit.messages.push_back(toRecord(1, 0, message));
    const std::uint64_t end = m_shape.tokens + kTalkTokens;
    for (int page = settledPages(m_layout, m_shape.tokens); page < m_layout.pageCount(end); ++page)
        addPage(commit, 1, page, page >= settledPages(m_layout, end), end);
    return commit;
}

SessionCommit MadeUpSession::fork() const {
    SessionCommit commit;
    Branch branch;
    branch.id = 2;
    branch.name = "fork";
    branch.parent = 1;
    branch.trunk = m_shape.tokens;
    branch.shared = kTalkTokens;
    branch.shared_messages = 1;
    commit.truncate.push_back({2, 0, 0, 0});
    commit.branches.push_back(toRecord(branch));
    return commit;
}

void MadeUpSession::addPage(SessionCommit& commit, int branch, int page, bool raw, std::uint64_t tokens) const {
    const auto count =
        std::min<std::uint64_t>(tokens - m_layout.pageBegin(page), std::uint64_t(m_layout.pageCapacity(page)));
    for (int layer = 0; layer < m_shape.layers; ++layer) {
        for (std::size_t kind = 0; kind < 2; ++kind) {
            BlockRecord block{branch,
                              layer,
                              int(kind),
                              std::uint32_t(page),
                              raw ? kernels::kRawBits : m_bits[kind],
                              int(count),
                              raw ? m_raw[kind] : m_coded[kind]};
            const std::uint64_t number = std::uint64_t(page) << 16 | std::uint64_t(layer);
            std::memcpy(block.bytes.data(), &number, sizeof number);  // of codes: any are good ones
            commit.blocks.push_back(std::move(block));
        }
    }
}

SessionCommit MadeUpSession::read(std::uint64_t tokens) {
    const auto now = SavePlan::Clock::now();
    std::vector<int> changed;
    const int before = settledPages(m_layout, m_layout.tokens());
    m_layout.advance(int(tokens - m_layout.tokens()));
    for (int page = before; page < m_layout.pageCount(tokens); ++page) changed.push_back(page);
    const bool point = tokens == m_shape.tokens || m_plan.pointDue(tokens, now);
    const int settled = settledPages(m_layout, tokens);
    SessionCommit commit;
    for (const int page : m_plan.pages(m_layout, changed, point, now))
        addPage(commit, 0, page, page >= settled || m_layout.sinkPage(page), tokens);
    if (point) commit.meta["trunk_tokens"] = std::to_string(tokens);
    return commit;
}

}  // namespace lectern
