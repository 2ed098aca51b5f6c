// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions on a tiny random model, with texts to read into them.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "engine/engine.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern::test {

namespace fs = std::filesystem;

class SessionTest : public testing::Test {
protected:
    void SetUp() override {
        TinyModelOptions options;
        m_model = writeTinyGguf(m_dir.path(), options);
        options.seed = 2;
        fs::create_directory(m_dir / "other");
        m_other = writeTinyGguf(m_dir / "other", options);
        m_engine = makeEngine();
    }

    std::unique_ptr<Engine> makeEngine(std::uint64_t memory_limit = 0) const {
        EngineOptions options;
        options.threads = 2;
        options.worker = fs::path(LECTERN_BINARY_DIR) / "bin/lectern-document-worker";
        options.built_in = m_model;
        options.memory_limit = memory_limit;
        auto engine = Engine::create(options);
        EXPECT_TRUE(engine);
        return std::move(*engine);
    }

    /// A text of about `pages` pages of 3,000 characters.
    fs::path writeText(const std::string& name, int pages, unsigned seed = 1) const {
        std::mt19937 random(seed);
        const std::vector<std::string> words = {"lamp", "keeper", "tower", "the", "of", "north",
                                                "sea",  "light",  "was",   "lit", "at", "dusk"};
        std::ofstream out(m_dir / name);
        for (int sentence = 0; sentence < pages * 60; ++sentence) {
            for (int word = 0; word < 9; ++word) out << words[random() % words.size()] << (word < 8 ? " " : ".");
            out << (sentence % 6 == 5 ? "\n\n" : " ");
        }
        return m_dir / name;
    }

    std::unique_ptr<Session> ingested(const fs::path& file, const std::vector<fs::path>& texts,
                                      const char* kv = "nuq4") {
        auto session = m_engine->createSession({file, {}, *parseKvSettings(kv)});
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        std::vector<ReadRequest> requests;
        for (const auto& text : texts) requests.push_back({text, {}, {}});
        auto plan = (*session)->addDocuments(requests, {}, {});
        EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
        const auto done = (*session)->ingest({}, {});
        EXPECT_TRUE(done) << (done ? "" : done.error().message);
        return std::move(*session);
    }

    static AskRequest question(const std::string& text, const std::string& branch = "main") {
        AskRequest request;
        request.question = text;
        request.branch = branch;
        request.max_tokens = 12;
        return request;
    }

    TempDir m_dir;
    fs::path m_model, m_other;
    std::unique_ptr<Engine> m_engine;
};

}  // namespace lectern::test
