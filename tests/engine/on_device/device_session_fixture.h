// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of a tiny model on a device that the host emulates: the engine as users have it, from the option to the
// file.
#pragma once

#include "kernels/cuda/cuda_module.h"
#include "tests/engine/session_fixture.h"
#include "tests/engine/stored_blocks.h"
#include "tests/support/cuda_emulation/emulated_module.h"

namespace lectern::test {

class DeviceSessionTest : public SessionTest {
protected:
    void SetUp() override {
        m_model = writeTinyGguf(m_dir.path(), servedModel());
        m_engine = engineOn("cuda");
    }
    void TearDown() override { setEmulatedMemory(std::uint64_t(16) << 30); }

    /// Its shape is one that the device's kernels serve.
    static TinyModelOptions servedModel() {
        TinyModelOptions options;
        options.heads = 2, options.kv_heads = 1, options.head_dim = 64;
        options.vocab = kTinyVocabMin;
        return options;
    }

    std::unique_ptr<Engine> engineOn(const std::string& device, const LecternCudaModule& table = emulatedModule(),
                                     std::uint64_t memory_limit = 0) {
        EngineOptions options;
        options.device = device;
        options.threads = 2;
        options.memory_limit = memory_limit;
        options.worker = fs::path(LECTERN_BINARY_DIR) / "bin/lectern-document-worker";
        options.built_in = m_model;
        options.cuda = &table;
        options.notice = [this](const std::string& sentence) { m_notices.push_back(sentence); };
        auto engine = Engine::create(options);
        EXPECT_TRUE(engine) << (engine ? "" : engine.error().message);
        return std::move(*engine);
    }

    /// A text of `sentences` short sentences: emulated kernels are slow.
    fs::path shortText(const std::string& name, int sentences) const {
        std::ofstream out(m_dir / name);
        for (int i = 0; i < sentences; ++i) out << "The keeper lit lamp " << i << ". ";
        return m_dir / name;
    }

    static std::unique_ptr<Session> opened(Engine& engine, const fs::path& file) {
        auto session = engine.openSession(file);
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        return std::move(*session);
    }
    /// A session with its document placed and nothing read.
    std::unique_ptr<Session> placed(Engine& engine, const fs::path& file, const fs::path& text, const char* kv) {
        auto session = engine.createSession({file, {}, *parseKvSettings(kv)});
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        EXPECT_TRUE((*session)->addDocuments({{text, {}, {}}}, {}, {}));
        return std::move(*session);
    }
    /// The answer to a question of a few tokens.
    static Message asked(Session& session, const std::string& branch = "main") {
        AskRequest request = question("Lamp?", branch);
        request.max_tokens = 3;
        auto message = session.ask(request, {}, {});
        EXPECT_TRUE(message) << (message ? "" : message.error().message);
        return message ? *message : Message();
    }

    std::vector<std::string> m_notices;
};

}  // namespace lectern::test
