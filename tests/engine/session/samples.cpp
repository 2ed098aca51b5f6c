// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/session/samples.h"

#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>

#include "engine/session/schema.h"

namespace lectern::test {

SessionIdentity sampleIdentity() {
    return {"model-fp", "tokenizer-fp", "Tiny Stories", "/models/tiny.gguf", "theta=10000", "nuq3", "1", "plain"};
}

std::vector<std::byte> sampleBytes(std::size_t size, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(size);
    for (auto& b : bytes) b = std::byte(random());
    return bytes;
}

BlockRecord sampleBlock(int branch, std::uint32_t page, int layer, int kind, std::size_t size, std::uint32_t seed) {
    const auto own = seed * 1'000'003U + std::uint32_t(branch) * 7919U + page * 31U + std::uint32_t(layer * 2 + kind);
    return {branch, layer, kind, page, 4, 64, sampleBytes(size, own)};
}

std::vector<BlockRecord> sampleBlocks(int branch, std::uint32_t begin, std::uint32_t end, std::size_t size,
                                      std::uint32_t seed) {
    std::vector<BlockRecord> blocks;
    for (auto page = begin; page < end; ++page) {
        for (int layer = 0; layer < 2; ++layer) {
            for (int kind = 0; kind < 2; ++kind) blocks.push_back(sampleBlock(branch, page, layer, kind, size, seed));
        }
    }
    return blocks;
}

DocumentRecord sampleDocument(int id) {
    DocumentRecord r;
    r.id = id;
    r.name = "Document " + std::to_string(id);
    r.source = "/papers/" + std::to_string(id) + ".pdf";
    r.kind = "pdf";
    r.title = "Über die Größe";
    r.author = "N. N.";
    r.content_hash = "hash";
    r.outline_json = R"([{"level":0,"title":"One","page":0}])";
    r.file_bytes = 123456789012;
    r.token_begin = std::uint64_t(id) * 300;
    r.token_end = r.token_begin + 300;
    r.state = 2;
    return r;
}

PageRecord samplePage(int document, int page) {
    PageRecord r;
    r.document = document;
    r.page = page;
    r.state = page % 3;
    r.label = "iv";
    r.text = "Text of page " + std::to_string(page) + " of document " + std::to_string(document) + ".\n";
    r.problem = page % 3 == 2 ? "It has no text." : "";
    r.width = 595.276F;
    r.height = 841.89F;
    r.words = 10;
    r.token_begin = std::uint64_t(page) * 10;
    r.token_end = r.token_begin + 10;
    for (std::uint32_t i = 0; i < 10; ++i) r.token_offsets.push_back(i * 3);
    return r;
}

WordsRecord sampleWords(int document, int page) {
    return {document, page, sampleBytes(240, std::uint32_t(page))};
}

MessageRecord sampleMessage(int branch, int index) {
    return {branch, index, R"({"question":"Why )" + std::to_string(index) + R"(?","answer":"Because."})",
            std::uint64_t(index) * 20, std::uint64_t(index) * 20 + 20};
}

SessionCommit sampleCommit(int n) {
    SessionCommit c;
    const auto u = std::uint32_t(n);
    c.documents.push_back(sampleDocument(n));
    for (int page = 0; page < 3; ++page) c.pages.push_back(samplePage(n, page));
    for (int page = 0; page < 3; ++page) c.words.push_back(sampleWords(n, page));
    TokenRun run{0, std::uint64_t(n) * 300, {}};
    for (int i = 0; i < 300; ++i) run.ids.push_back(n * 1000 + i);
    c.tokens.push_back(run);
    c.blocks = sampleBlocks(0, 4 * u, 4 * u + 4, 3000);
    auto window = sampleBlocks(0, 4 * u + 4, 4 * u + 6, 9000, 77);  // written again, smaller, by the next commit
    for (auto& block : window) block.bits = 16;
    c.blocks.insert(c.blocks.end(), window.begin(), window.end());
    const auto own = sampleBlocks(1 + n, 0, 1, 5000, 5);
    c.blocks.insert(c.blocks.end(), own.begin(), own.end());
    c.branches.push_back({1 + n, "branch " + std::to_string(n), 0, std::uint64_t(n) * 300});
    c.tokens.push_back({1 + n, 0, {1, 2, 3, n}});
    c.messages.push_back(sampleMessage(1 + n, 0));
    c.meta["trunk_tokens"] = std::to_string(n);
    c.meta["binary"] = std::string("\0\xFF\x80 bytes", 9);
    return c;
}

namespace {

void show(std::ostream& out, const SessionIdentity& i) {
    out << i.model_fingerprint << '|' << i.tokenizer_fingerprint << '|' << i.model_name << '|' << i.model_path << '|'
        << i.rope << '|' << i.kv << '|' << i.layout << '|' << i.prompt_template << '\n';
}

void show(std::ostream& out, const DocumentRecord& r) {
    out << "document " << r.id << '|' << r.name << '|' << r.source << '|' << r.kind << '|' << r.title << '|' << r.author
        << '|' << r.content_hash << '|' << r.problem << '|' << r.outline_json << '|' << r.file_bytes << '|'
        << r.token_begin << '|' << r.token_end << '|' << r.state << '|' << r.used << '|' << r.place << '|' << r.modified
        << '|' << r.read_tokens << '\n';
}

void show(std::ostream& out, const std::vector<std::byte>& bytes) {
    out.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
}

void show(std::ostream& out, const PageRecord& r) {
    out << "page " << r.document << '|' << r.page << '|' << r.state << '|' << r.label << '|' << r.text << '|'
        << r.problem << '|' << r.width << '|' << r.height << '|' << r.token_begin << '|' << r.token_end << '|';
    out << r.words;
    for (const auto offset : r.token_offsets) out << ',' << offset;
    out << '\n';
}

void show(std::ostream& out, const BlockRecord& r) {
    out << "block " << r.branch << '|' << r.page << '|' << r.layer << '|' << r.kind << '|' << r.bits << '|' << r.tokens
        << '|';
    show(out, r.bytes);
    out << '\n';
}

Status showBranch(std::ostream& out, const SessionStore& store, int branch) {
    auto ids = store.tokens(branch);
    if (!ids) return ids.error();
    out << "tokens of " << branch << ':';
    for (const auto id : *ids) out << ' ' << id;
    auto messages = store.messages(branch);
    if (!messages) return messages.error();
    for (const auto& m : *messages)
        out << "\nmessage " << m.branch << '|' << m.index << '|' << m.json << '|' << m.token_begin << '|'
            << m.token_end;
    out << '\n';
    std::map<std::int64_t, BlockRecord> blocks;  // in order of their keys: rows depend on how they came about
    auto read = store.readBlocks(branch, [&](BlockRecord&& b) -> Status {
        blocks[blockKey(b.branch, b.page, b.layer, b.kind)] = std::move(b);
        return {};
    });
    for (const auto& [key, block] : blocks) show(out, block);
    return read;
}

Status showDocuments(std::ostream& out, const SessionStore& store) {
    auto documents = store.documents();
    if (!documents) return documents.error();
    for (const auto& document : *documents) {
        show(out, document);
        auto pages = store.pages(document.id);
        if (!pages) return pages.error();
        for (const auto& page : *pages) {
            show(out, page);
            if (page.words == 0) continue;
            auto words = store.words(page.document, page.page);
            if (!words) return words.error();
            show(out, words->boxes);
        }
    }
    return {};
}

}  // namespace

Result<std::string> contentsOf(const SessionStore& store) {
    std::ostringstream out;
    auto identity = store.identity();
    if (!identity) return identity.error();
    show(out, *identity);
    if (auto shown = showDocuments(out, store); !shown) return shown.error();
    auto branches = store.branches();
    if (!branches) return branches.error();
    if (auto trunk = showBranch(out, store, 0); !trunk) return trunk.error();
    for (const auto& b : *branches) {
        out << "branch " << b.id << '|' << b.name << '|' << b.parent << '|' << b.base_tokens << '|' << b.shared_tokens
            << '|' << b.shared_messages << '|' << b.stored_tokens << '|' << b.state << '\n';
        if (auto shown = showBranch(out, store, b.id); !shown) return shown.error();
    }
    auto meta = store.meta();
    if (!meta) return meta.error();
    for (const auto& [name, value] : *meta) out << name << '=' << value << '\n';
    return out.str();
}

Result<std::string> contentsOf(const std::filesystem::path& file, OpenMode mode) {
    auto store = SessionStore::open(file, mode);
    if (!store) return store.error();
    return contentsOf(*store);
}

void makeSession(const std::filesystem::path& file, int commits) {
    auto store = SessionStore::create(file, sampleIdentity());
    ASSERT_OK(store);
    for (int n = 0; n < commits; ++n) ASSERT_OK(store->commit(sampleCommit(n)));
}

std::string readFile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void writeFile(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

}  // namespace lectern::test
