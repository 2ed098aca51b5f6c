// SPDX-License-Identifier: GPL-3.0-or-later
// Models copied into a folder, and fingerprints that are not worked out twice.
#include "engine/model_files.h"

#include <fstream>

#include "engine/fingerprint_cache.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

class ModelFilesTest : public test::SessionTest {
protected:
    fs::path made(const fs::path& file, const std::string& content) const {
        fs::create_directories((m_dir.path() / file).parent_path());
        std::ofstream(m_dir.path() / file, std::ios::binary) << content;
        return m_dir.path() / file;
    }
    static std::string content(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    static std::vector<std::string> namesIn(const fs::path& folder) {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    using Names = std::vector<std::string>;
};

TEST_F(ModelFilesTest, AModelIsAllItsFilesAndItsCalibration) {
    const auto names = [](const fs::path& model) {
        Names all;
        for (const auto& file : modelFiles(model)) all.push_back(file.filename().string());
        return all;
    };
    made("one.gguf", "1"), made("one.kvq", "k"), made("other.gguf", "2");
    EXPECT_EQ(names(m_dir / "one.gguf"), (Names{"one.gguf", "one.kvq"}));
    const auto first = made("big-00001-of-00003.gguf", "a");
    made("big-00003-of-00003.gguf", "c");
    EXPECT_EQ(names(first), (Names{"big-00001-of-00003.gguf", "big-00003-of-00003.gguf"})) << "those that are there";
    made("hf/config.json", "{}"), made("hf/model.safetensors", "w"), made("hf/notes.odt", "no model's");
    made("hf/runs/log.txt", "nor this");
    EXPECT_EQ(names(m_dir / "hf"), (Names{"config.json", "model.safetensors"}));
    EXPECT_EQ(names(m_dir / "gone.gguf"), Names());
}

TEST_F(ModelFilesTest, ACopyIsWholeOrNotThere) {
    const std::string large(std::size_t(9) << 20, 'w');
    const auto model = made("from/big-00001-of-00002.gguf", large);
    made("from/big-00002-of-00002.gguf", "rest"), made("from/big-00001-of-00002.kvq", "k");
    const fs::path folder = m_dir / "models";
    std::stop_source stop;
    const auto halfway = [&](double share) {
        if (share > 0.3) stop.request_stop();
    };
    const auto stopped = copyModel(model, folder, halfway, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    EXPECT_EQ(namesIn(folder), Names());
    double share = 0;
    const auto there = copyModel(model, folder, [&](double now) { share = now; }, {});
    ASSERT_TRUE(there) << there.error().message;
    EXPECT_EQ(share, 1);
    EXPECT_EQ(*there, folder / "big-00001-of-00002.gguf");
    EXPECT_EQ(namesIn(folder), (Names{"big-00001-of-00002.gguf", "big-00001-of-00002.kvq", "big-00002-of-00002.gguf"}));
    EXPECT_EQ(content(*there), large);
    const auto again = copyModel(model, folder, {}, {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::Usage);
    EXPECT_NE(again.error().message.find("already"), std::string::npos);
}

TEST_F(ModelFilesTest, ASlashBehindAFolderChangesNothing) {
    made("from/hf/config.json", "{}"), made("from/hf/model.safetensors", "w");
    const auto there = copyModel(m_dir / "from/hf/", m_dir / "models", {}, {});
    ASSERT_TRUE(there) << there.error().message;
    EXPECT_EQ(*there, m_dir / "models" / "hf");
    EXPECT_EQ(namesIn(*there), (Names{"config.json", "model.safetensors"}));
}

TEST_F(ModelFilesTest, AFolderThatCannotBeWrittenIsNamed) {
    const auto model = made("from/one.gguf", "1");
    const auto blocked = copyModel(model, made("a-file", "in the way"), {}, {});
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().code, ErrorCode::Failed);
    EXPECT_NE(blocked.error().message.find("a-file"), std::string::npos) << blocked.error().message;
}

TEST_F(ModelFilesTest, TheEngineImportsWhatWorksAndListsItWithTheModelsBesideTheFolders) {
    const auto torn = made("torn.gguf", "GGUF and no more");
    const auto refused = m_engine->importModel(torn, m_dir / "models", {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::BadInput);
    const auto there = m_engine->importModel(m_model, m_dir / "models", {}, {});
    ASSERT_TRUE(there) << there.error().message;
    EngineOptions options;
    options.built_in = m_model;
    options.threads = 2;
    options.model_folders = {m_dir / "models"};
    options.models = {torn};
    options.fingerprints = m_dir / "cache" / "fingerprints";
    const auto list = [&] {
        auto engine = Engine::create(options);
        return (*engine)->listModels();
    };
    ASSERT_EQ(list().size(), 3U);
    EXPECT_EQ(list()[1].path, *there);
    EXPECT_EQ(list()[1].fingerprint, "") << "a list reads no weights";
    EXPECT_EQ(list()[2].path, torn);
    EXPECT_NE(list()[2].problem, "");
    const auto known = (*Engine::create(options))->modelInfo(there->string());
    ASSERT_TRUE(known);
    EXPECT_EQ(list()[1].fingerprint, known->fingerprint) << "kept, for other programs too";
    fs::last_write_time(*there, fs::last_write_time(*there) + std::chrono::seconds(5));
    EXPECT_EQ(list()[1].fingerprint, "") << "the file is another one now";
}

TEST_F(ModelFilesTest, AModelIsFoundByItsFileAndByTheNameThatTheListShows) {
    const fs::path folder = m_dir / "models";
    fs::create_directories(folder);
    fs::copy_file(m_model, folder / "one.gguf");
    EngineOptions options;
    options.threads = 2;
    options.model_folders = {folder};
    const auto engine = *Engine::create(options);
    for (const char* name : {"one.gguf", "one", "tiny"}) {
        const auto found = engine->modelInfo(name);
        ASSERT_TRUE(found) << name << ": " << found.error().message;
        EXPECT_EQ(found->path, folder / "one.gguf");
    }
    fs::copy_file(m_model, folder / "two.gguf");
    const auto several = engine->modelInfo("tiny");
    ASSERT_FALSE(several);
    EXPECT_EQ(several.error().message,
              "Several models are called \"tiny\": give the path of one, as " + (folder / "one.gguf").string() + ".");
    EXPECT_TRUE(engine->modelInfo("two"));
    EXPECT_FALSE(engine->modelInfo("huge"));
}

TEST_F(ModelFilesTest, WhatOfAModelIsLeftOutIsSaidOnce) {
    test::TinyModelOptions images;
    images.architecture = "gemma3", images.tied = true, images.text_part = "language_model.model.";
    const auto model = test::writeTinyHfFolder(m_dir / "images", images);
    std::vector<std::string> said;
    EngineOptions options;
    options.threads = 2;
    options.built_in = m_model;
    options.notice = [&](const std::string& sentence) { said.push_back(sentence); };
    const auto engine = Engine::create(options);
    ASSERT_TRUE(engine);
    for (const char* name : {"a.lectern", "b.lectern"}) {
        const auto session = (*engine)->createSession({m_dir / name, model.string(), *parseKvSettings("nuq4")});
        ASSERT_TRUE(session) << session.error().message;
    }
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("reads images too"), std::string::npos) << said[0];
    const auto info = (*engine)->modelInfo(model.string());
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->text_alone);
    EXPECT_FALSE((*engine)->modelInfo({})->text_alone);
}

TEST_F(ModelFilesTest, ACacheOfFingerprintsThatIsNoneIsAnEmptyOne) {
    const auto model = made("one.gguf", "1");
    const auto file = made("fingerprints", "no line of ours\n\t\t\n");
    FingerprintCache cache(file);
    EXPECT_EQ(cache.find(model), "");
    cache.note(model, "abc");
    EXPECT_EQ(cache.find(model), "abc");
    EXPECT_EQ(FingerprintCache(file).find(model), "abc");
    FingerprintCache nowhere({});
    nowhere.note(model, "abc");
    EXPECT_EQ(nowhere.find(model), "");
    FingerprintCache unwritable(m_dir / "one.gguf" / "fingerprints");
    unwritable.note(model, "abc");
    EXPECT_EQ(unwritable.find(model), "abc");
}

}  // namespace
}  // namespace lectern
