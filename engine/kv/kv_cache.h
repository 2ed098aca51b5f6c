// SPDX-License-Identifier: GPL-3.0-or-later
// The KV cache of one context: fp16 or KVQuant behind one interface.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/kv/codec.h"
#include "engine/kv/kv_block.h"
#include "engine/kv/statistics_collector.h"
#include "kernels/dispatch.h"

namespace lectern {

/// What keys and values [tokens][channels] of a layer at positions first … go through before they are kept. For
/// measurements; called on the thread that appends.
using KvFilter = std::function<void(int layer, std::uint64_t first, float* k, float* v, int tokens)>;

/// Positions [begin, end) of a context.
struct TokenRange {
    std::uint64_t begin = 0, end = 0;
    bool operator==(const TokenRange&) const = default;
};

/// What a device keeps for a cache and the forks that have not changed since: its table of pages.
class KvDeviceTable {
public:
    virtual ~KvDeviceTable() = default;
};

class KvCache;
/// The pages of a cache after its sinks, placed from `page` of another context on.
struct KvPart {
    const KvCache* cache = nullptr;
    int page = 0;
};

/// One page of one layer as attention reads it. Borrowed until the cache is next written.
struct KvPageView {
    const KvBlock* key = nullptr;
    const KvBlock* value = nullptr;
    std::uint64_t begin = 0;  ///< position of its first token
    int tokens = 0;           ///< tokens of it that exist
};

class KvCache;

/// Layers of a cache that another thread brings. Shared by the cache that expects them and its forks.
class KvLayerSource {
public:
    virtual ~KvLayerSource() = default;
    /// Returns once the layer is there, whole and checked. Errors: why it will not come. Any thread.
    virtual Status wait(int layer) = 0;
    virtual const KvCache& cache() const = 0;  ///< whose layers those are; of a layer that wait() gave, blocks only
};

/// Codes full raw pages in the place of settle(): a device that has them. One caller at a time.
class KvPageCoder {
public:
    static constexpr int kMostPages = 8;  ///< of one call
    virtual ~KvPageCoder() = default;
    /// Codes pages first … first + count - 1 of all layers with the cache's quantizer; bytes() gives them until the
    /// next call. False where it cannot: the processor does it then, to the same bytes.
    virtual bool code(const KvCache& cache, int first, int count) = 0;
    virtual const std::byte* bytes(int layer, KvKind kind, int page) const = 0;
    /// The cache has the coded blocks of these pages now.
    virtual void placed(const KvCache& cache, int first, int count) = 0;
};

/// Keys (before RoPE) and values of every layer, in pages of 64 tokens after one page of sinks.
/// Tokens arrive with append() for each layer and count from advance(); settle() quantizes the pages that have left the
/// recent window. Copying a cache is a fork: blocks are shared and copied when either side writes to them. Not thread
/// safe; blocks are immutable while shared, so forks may live on other threads. Source: KVQuant (arXiv:2401.18079),
/// section 3; recent window and pages are ours (FORMAT.md has the bytes).
class KvCache {
public:
    static constexpr int kFitTokens =
        1024;                              ///< read in fp16 before thresholds are fitted, where there is no calibration
    static constexpr int kLeastFit = 128;  ///< finish() fits from this many already

    KvCache(int layers, KvShape shape, const KvSettings& settings, const kernels::KernelTable& kernels);
    KvCache(const KvCache& other);  ///< a fork: blocks are shared until one side writes to them
    KvCache(KvCache&&) = default;
    KvCache& operator=(KvCache&&) = default;
    KvCache& operator=(const KvCache&) = delete;

    std::uint64_t tokens() const { return m_tokens; }
    int layers() const { return int(m_layers.size()); }
    const KvShape& shape() const { return m_shape; }
    const KvSettings& settings() const { return m_settings; }
    const std::shared_ptr<const Quantizer>& quantizer() const { return m_quantizer; }
    void setQuantizer(std::shared_ptr<const Quantizer> quantizer) { m_quantizer = std::move(quantizer); }

    void setFilter(KvFilter filter) { m_filter = std::move(filter); }
    bool filtered() const { return bool(m_filter); }

    /// The table that a device made for this cache, and how many pages from the first on are still as it knows them.
    const std::shared_ptr<KvDeviceTable>& deviceTable() const { return m_device_table; }
    int deviceTablePages() const { return m_device_table_pages; }
    void setDeviceTable(std::shared_ptr<KvDeviceTable> table, int pages) {
        m_device_table = std::move(table);
        m_device_table_pages = pages;
    }

    /// Positions that queries get no attention to from now on: ascending, apart. Tokens read before saw them.
    void hide(std::vector<TokenRange> ranges) { m_hidden = std::move(ranges); }
    const std::vector<TokenRange>& hidden() const { return m_hidden; }

    int pageCount(std::uint64_t tokens) const;  ///< pages that `tokens` tokens fill or begin
    std::uint64_t pageBegin(int page) const;    ///< position of its first token
    int pageCapacity(int page) const;           ///< 64, or the number of sinks for page 0
    bool sinkPage(int page) const { return page == 0 && m_settings.sinks > 0; }

    /// Writes keys and values [tokens][channels] f32 of one layer at positions tokens() …; visible to view() at once,
    /// counted by advance(). Errors: Failed, naming the layer, where an element is not finite (a broken model).
    Status append(int layer, const float* k, const float* v, int tokens, ThreadPool& pool);
    /// Where another processor computes them: blocks for `tokens` more, held by this cache alone. Then append() of each
    /// layer, or fillRows() or fillRaw() of every block that the tokens fall into where all of these are raw; then
    /// advance().
    void makeRoom(int tokens, ThreadPool& pool);
    /// Keys or values [tokens][channels] f32, finite, into raw blocks, as append() does; any thread, one for each layer
    /// and kind.
    void fillRows(int layer, KvKind kind, const float* x, int tokens);
    /// Puts the bytes of a raw block whole; any thread, one for each block.
    void fillRaw(int layer, KvKind kind, int page, const std::byte* bytes);
    /// The error of append().
    static Error notFinite(int layer);
    void advance(int tokens) { m_tokens += std::uint64_t(tokens); }
    /// Fits the quantizer once enough tokens are there (a fork never does: thresholds belong to the documents) and
    /// quantizes the pages that left the window, by `coder` where one is given.
    void settle(ThreadPool& pool, KvPageCoder* coder = nullptr);
    /// settle(), and fits from fewer tokens: call at the end of the documents.
    void finish(ThreadPool& pool);
    /// Quantizes what is still raw, the page being filled too: nothing is appended any more. Without thresholds:
    /// nothing.
    void close(ThreadPool& pool);
    KvCache emptyTwin() const;  ///< counts into the same ledger, with the same thresholds; fits and collects by itself
    /// Becomes a context of pages that other caches hold, with the sinks of the first. Source: KVQUANT.md,
    /// "Position-free cache".
    void compose(std::span<const KvPart> parts, std::uint64_t tokens);
    /// Forgets tokens from `tokens` on. What is appended next gives the same bytes as if they had never been.
    void rewind(std::uint64_t tokens);

    /// `visible`: tokens that exist for this reader (tokens() plus those just appended to this layer).
    KvPageView view(int layer, int page, std::uint64_t visible) const;

    /// Of the blocks of this cache and all its forks, each once; fp16_bytes and tokens of this context.
    MemoryLedger ledger() const;
    MemoryLedger overhead() const;  ///< directories, tables and work buffers of this cache alone
    /// Of the tokens this cache has quantized; a fork collects none. Forgotten tokens stay counted.
    std::vector<LayerStatistics> statistics() const { return summaries(m_statistics, m_quantizer.get()); }
    std::string packedStatistics() const { return packStatistics(m_statistics, m_shape.channels()); }
    /// Goes on from a record of a cache of the same shape; any other is left alone.
    void restoreStatistics(std::string_view record);

    std::vector<int> takeDirtyPages();  ///< pages written since the last call, ascending
    void markOpenPages();               ///< as written: pages that the cache they came from may still change
    const KvBlock* block(int layer, KvKind kind, int page) const;
    /// Puts a stored block back. Errors: Damaged where the size does not fit the layout.
    Status restore(int layer, KvKind kind, int page, int bits, std::span<const std::byte> bytes);
    /// After restore() of everything: sets the length. Errors: Damaged, naming the first block that is missing from
    /// page `first` on.
    Status finishRestore(std::uint64_t tokens, int first = 0);

    // Loading in parallel: reserve(), then blockFor() and put() of every block, from any thread, one for each block.
    /// Of a stored block. Errors: Damaged where the numbers do not fit this cache.
    Result<KvBlockLayout> layoutFor(int layer, KvKind kind, int page, int bits, std::size_t bytes) const;
    void reserve(std::uint64_t tokens) {
        growPages(tokens);
        changed(0);
    }
    /// In `memory`, where given: KvBlock has what it must be.
    Result<std::unique_ptr<KvBlock>> blockFor(int layer, KvKind kind, int page, int bits, std::size_t bytes,
                                              std::shared_ptr<std::byte> memory = nullptr) const;
    void put(int layer, KvKind kind, int page, std::unique_ptr<KvBlock> block);
    Status whole(int layer) const;  ///< Errors: Damaged, naming the first block of the layer that is missing

    /// The first `tokens` tokens come from `source`: this cache, empty so far, and its forks are as long at once, and
    /// take over each layer when ready() is called for it, which Transformer does before it reads the layer.
    void expect(std::uint64_t tokens, std::shared_ptr<KvLayerSource> source);
    Status ready(int layer);  ///< waits for the layer. Errors: those of the source
    Status ready();           ///< for all of them
    void clearDirty() { m_dirty.assign(m_dirty.size(), false); }

private:
    using Slot = std::shared_ptr<KvBlock>;
    struct Layer {
        std::vector<std::array<Slot, 2>> pages;  ///< [page][kind]
    };
    struct Scratch {
        std::vector<float> pack, page, back;  ///< packer scratch; [64][channels]; [16][channels]
        AlignedBuffer raw;                    ///< one raw block
    };

    bool coded(int layer, int page, KvKind kind) const;
    const LayerCodec& codec(int layer, KvKind kind) const;
    void changed(int page) { m_device_table_pages = std::min(m_device_table_pages, page); }
    KvBlock& writable(int layer, KvKind kind, int page);
    std::unique_ptr<KvBlock> makeBlock(const KvBlockLayout& layout) const;
    bool open(int page) const;
    bool has(int layer, int page) const;
    void adopt(int layer);
    void expectNothing();
    void growPages(std::uint64_t tokens);
    void writePage(int layer, KvKind kind, int page, const float* x, int first, int tokens, Scratch& scratch);
    void fit(int tokens, ThreadPool& pool);
    void readRaw(int layer, KvKind kind, int tokens, std::vector<float>& out) const;
    void quantizePages(ThreadPool& pool, std::uint64_t window, KvPageCoder* coder = nullptr);
    std::vector<int> codeElsewhere(KvPageCoder& coder, const std::vector<int>& pages, ThreadPool& pool);
    void takeCoded(const KvPageCoder& coder, int layer, KvKind kind, int page, Scratch& scratch);
    void quantizeBlock(int layer, KvKind kind, int page, int tokens, Scratch& scratch);
    void collect(int layer, KvKind kind, const KvBlock& block, const TokensGiven& x, int first, int tokens,
                 Scratch& scratch);
    Scratch& scratch(int index);  ///< of a worker or, in append(), of a kind

    KvShape m_shape;
    KvSettings m_settings;
    const kernels::KernelTable* m_kernels;
    std::vector<Layer> m_layers;
    std::vector<LayerCollectors> m_statistics;  ///< [layers], or none in a fork
    std::shared_ptr<const Quantizer> m_quantizer;
    KvFilter m_filter;
    std::vector<TokenRange> m_hidden;
    std::shared_ptr<KvLayerSource> m_source;  ///< of layers that are not here yet
    std::vector<bool> m_expected;             ///< [layers], or none
    int m_expected_pages = 0;                 ///< of each of those layers
    std::uint64_t m_tokens = 0;
    int m_settled = 0;  ///< pages before this one need no quantizing any more
    std::vector<bool> m_dirty;
    std::shared_ptr<BlockAccount> m_account;  ///< shared with forks
    bool m_fits = true;                       ///< may fit thresholds: not a fork
    std::vector<Scratch> m_scratch;
    std::shared_ptr<KvDeviceTable> m_device_table;
    int m_device_table_pages = 0;
};

}  // namespace lectern
