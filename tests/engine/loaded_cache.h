// SPDX-License-Identifier: GPL-3.0-or-later
// The cache of a session's documents as loading brings it back, and what a model says after it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "engine/cache_load.h"
#include "engine/model_library.h"
#include "engine/session_records.h"

namespace lectern::test {

/// Logits [vocab] of the last of `ids` after the documents that `file` holds.
inline std::vector<float> logitsAfter(const std::filesystem::path& file, const std::filesystem::path& model,
                                      const std::vector<TokenId>& ids) {
    ThreadPool pool(2);
    EngineOptions options;
    options.built_in = model;
    ModelLibrary models(options, pool);
    const auto loaded = models.open("");
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    EXPECT_TRUE(loaded && store);
    const auto settings = settingsFromText(store->identity()->kv);
    auto meta = *store->meta();
    KvCache cache = (*loaded)->transformer->makeCache(*settings);
    if (!meta["quantizer"].empty()) {
        auto quantizer = unpackQuantizer(meta["quantizer"], *settings, cache.layers(), cache.shape().channels());
        EXPECT_TRUE(quantizer);
        cache.setQuantizer(std::make_shared<const Quantizer>(std::move(*quantizer)));
    }
    const std::uint64_t tokens = std::stoull(meta["trunk_tokens"]);
    auto load = CacheLoad::begin(*store, 0, tokens, KvCache(cache));
    EXPECT_TRUE(load) << (load ? "" : load.error().message);
    cache.expect(tokens, *load);
    std::vector<float> logits(std::size_t((*loaded)->model->config.vocab));
    const auto done = (*loaded)->transformer->prefill(cache, ids, logits.data(), {});
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return logits;
}

}  // namespace lectern::test
