// SPDX-License-Identifier: GPL-3.0-or-later
// --device auto|cpu|cuda[:N]: what is chosen, what is refused, and what is said.
#include <gmock/gmock.h>

#include "tests/engine/on_device/device_session_fixture.h"

namespace lectern::test {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMegabyte = std::uint64_t(1) << 20;

class DeviceChoiceTest : public DeviceSessionTest {
protected:
    /// A model of a head dimension that the device's kernels do not serve.
    void useUnservedModel() {
        fs::create_directory(m_dir / "unserved");
        m_model = writeTinyGguf(m_dir / "unserved", {});
    }
    static PerplexityRequest measurement(const fs::path& text, std::vector<KvSettings> settings) {
        PerplexityRequest request;
        request.text = text;
        request.settings = std::move(settings);
        request.context = 80;
        request.chunks = 1;
        return request;
    }
};

TEST_F(DeviceChoiceTest, AutoTakesTheDeviceAndSaysNothing) {
    const auto engine = engineOn("auto");
    const auto session = engine->createSession({m_dir / "a.lectern", {}, {}});
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->processor().id, "cuda:0");
    EXPECT_EQ((*session)->processor().name, "emulated");
    EXPECT_TRUE(m_notices.empty()) << m_notices.front();
}

TEST_F(DeviceChoiceTest, AutoLeavesAModelThatIsNotServedToTheCpuAndSaysWhyOnce) {
    useUnservedModel();
    const auto engine = engineOn("auto");
    for (const char* name : {"a.lectern", "b.lectern"}) {
        const auto session = engine->createSession({m_dir / name, {}, {}});
        ASSERT_TRUE(session) << session.error().message;
        EXPECT_EQ((*session)->processor().id, "cpu");
        EXPECT_THAT((*session)->processor().why, HasSubstr("dimension 16"));
    }
    ASSERT_EQ(m_notices.size(), 1U);
    EXPECT_THAT(m_notices[0], testing::StartsWith("Computing on the CPU. "));
    EXPECT_THAT(m_notices[0], HasSubstr("dimension 16"));
}

TEST_F(DeviceChoiceTest, ANamedDeviceRefusesAModelThatItDoesNotServe) {
    useUnservedModel();
    const auto session = engineOn("cuda:0")->createSession({m_dir / "a.lectern", {}, {}});
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::Usage);
    EXPECT_THAT(session.error().message, HasSubstr("dimension 16"));
    EXPECT_FALSE(fs::exists(m_dir / "a.lectern"));
}

TEST_F(DeviceChoiceTest, ADeviceThatIsNotThereIsRefusedByName) {
    EngineOptions options;
    options.cuda = &emulatedModule();
    options.device = "cuda:3";
    const auto engine = Engine::create(options);
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().code, ErrorCode::Usage);
    EXPECT_THAT(engine.error().message, HasSubstr("\"cuda:3\" cannot be used: there are 1 devices"));
}

TEST_F(DeviceChoiceTest, AContextThatDoesNotFitIsRefusedWithNumbersBeforeItIsReadAndAutoReadsItOnTheCpu) {
    const fs::path text = shortText("a.txt", 12);
    const auto session = placed(*m_engine, m_dir / "a.lectern", text, "fp16");
    setEmulatedMemory(540 * kMegabyte);
    const auto refused = session->ingest({}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_THAT(refused.error().message, HasSubstr("tokens at fp16 takes"));
    EXPECT_THAT(refused.error().message, HasSubstr("of cuda:0 beside"));
    EXPECT_EQ(session->tokens(), 0U);
    setEmulatedMemory(16384 * kMegabyte);
    const auto automatic = engineOn("auto");
    const auto other = placed(*automatic, m_dir / "b.lectern", text, "fp16");
    EXPECT_EQ(other->processor().id, "cuda:0");
    setEmulatedMemory(540 * kMegabyte);
    ASSERT_TRUE(other->ingest({}, {}));
    EXPECT_EQ(other->processor().id, "cpu");
    ASSERT_EQ(m_notices.size(), 1U);
    EXPECT_THAT(m_notices[0], HasSubstr("are left for it"));
    setEmulatedMemory(16384 * kMegabyte);
    EXPECT_EQ(asked(*other).ledger.tokens_answer, 3U);
    EXPECT_EQ(other->processor().id, "cuda:0") << "there is room again";
}

TEST_F(DeviceChoiceTest, TheMemoryLimitHoldsForTheDeviceToo) {
    const auto weights = fs::file_size(m_model) / 2;
    const auto engine = engineOn("cuda", emulatedModule(), weights);
    const auto session = engine->createSession({m_dir / "a.lectern", {}, {}});
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::NoRoom);
    EXPECT_THAT(session.error().message, HasSubstr("the memory limit is"));
}

std::int32_t left_to_do = 0;  ///< operations until the device fails

/// The emulated device, which breaks down in the middle.
LecternCudaModule breakingModule() {
    LecternCudaModule table = emulatedModule();
    table.rmsNorm = [](const float* x, const float* weight, float eps, int rows, int cols, kernels::DeviceOutput out,
                       kernels::Stream stream) -> std::int32_t {
        return --left_to_do < 0 ? -700 : emulatedModule().rmsNorm(x, weight, eps, rows, cols, out, stream);
    };
    table.errorText = [](std::int32_t failure) {
        return failure == -700 ? "an illegal memory access was encountered" : emulatedModule().errorText(failure);
    };
    return table;
}

TEST_F(DeviceChoiceTest, ADeviceThatBreaksDownIsAnErrorAndWhatWasReadIsKept) {
    static const LecternCudaModule table = breakingModule();
    const auto engine = engineOn("auto", table);
    const fs::path file = m_dir / "a.lectern";
    {
        const auto session = placed(*engine, file, shortText("a.txt", 30), "nuq3");
        left_to_do = 6;  // one chunk has four
        const auto done = session->ingest({}, {});
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::Failed);
        EXPECT_THAT(done.error().message, HasSubstr("cuda:0 stopped working (an illegal memory access"));
        EXPECT_EQ(session->tokens(), 512U);
    }
    const auto cpu = engineOn("cpu");
    const auto session = opened(*cpu, file);
    EXPECT_EQ(session->tokens(), 512U);
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_GT(session->tokens(), 512U);
}

TEST_F(DeviceChoiceTest, PerplexityOnTheDeviceIsThatOfTheCpu) {
    const auto request = measurement(shortText("a.txt", 7), {*parseKvSettings("nuq4")});
    const auto on_device = m_engine->perplexity({}, request, {}, {});
    ASSERT_TRUE(on_device) << on_device.error().message;
    const auto on_cpu = engineOn("cpu")->perplexity({}, request, {}, {});
    ASSERT_TRUE(on_cpu);
    EXPECT_NEAR(on_device->front().fp16_perplexity / on_cpu->front().fp16_perplexity, 1, 0.01);
    EXPECT_NEAR(on_device->front().perplexity / on_cpu->front().perplexity, 1, 0.02);
}

TEST_F(DeviceChoiceTest, FormsOfComparisonAreMeasuredOnTheCpu) {
    const auto request = measurement(shortText("a.txt", 7), {*parseBenchSettings("q4")});
    const auto refused = m_engine->perplexity({}, request, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    EXPECT_THAT(refused.error().message, HasSubstr("measured on the CPU"));
    const auto measured = engineOn("auto")->perplexity({}, request, {}, {});
    ASSERT_TRUE(measured) << measured.error().message;
    ASSERT_EQ(m_notices.size(), 1U);
}

TEST_F(DeviceChoiceTest, CalibratingNamesTheCpu) {
    const auto refused = m_engine->calibrate({}, {}, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    EXPECT_THAT(refused.error().message, HasSubstr("on the CPU alone"));
}

TEST_F(DeviceChoiceTest, SpeedIsMeasuredOnTheDeviceAndNamesIt) {
    SpeedRequest request;
    request.settings = {*parseKvSettings("nuq3")};
    request.contexts = {70};
    request.decode_tokens = 1;
    const auto report = m_engine->speed({}, request, {}, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->device, "cuda:0");
    EXPECT_EQ(report->device_name, "emulated");
    EXPECT_GT(report->device_gb_per_s, 0);
    ASSERT_EQ(report->rows.size(), 1U);
    EXPECT_GT(report->rows[0].decode_tokens_per_s, 0);
}

TEST_F(DeviceChoiceTest, TheContextThatFitsTheDeviceIsCounted) {
    const auto large = m_engine->contextFit({});
    ASSERT_TRUE(large) << large.error().message;
    setEmulatedMemory(1200 * kMegabyte);
    const auto small = m_engine->contextFit({});
    ASSERT_TRUE(small);
    for (std::size_t i = 0; i < large->size(); ++i) {
        EXPECT_GT((*small)[i].device_tokens, 0U);
        EXPECT_GT((*large)[i].device_tokens, 50 * (*small)[i].device_tokens);
        EXPECT_GT((*small)[i].tokens, (*small)[i].device_tokens) << "the CPU has the rest";
    }
    EXPECT_GT(small->back().device_tokens, 4 * small->front().device_tokens) << "2 bits against 16";
    setEmulatedMemory(1025 * kMegabyte);
    const auto none = m_engine->contextFit({});
    ASSERT_TRUE(none);
    EXPECT_LE(none->back().tokens, none->back().device_tokens) << "not even what is read at once fits";
}

TEST_F(DeviceChoiceTest, DevicesAreToldWithTheirCapability) {
    const auto devices = m_engine->devices();
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[1].id, "cuda:0");
    EXPECT_EQ(devices[1].problem, "");
    EXPECT_EQ(devices[1].capability_major, 9);
}

TEST_F(DeviceChoiceTest, ADeviceThatIsTooOldSaysSo) {
    static LecternCudaModule table = emulatedModule();
    table.deviceInfo = [](std::int32_t index, LecternCudaDevice* device) -> std::int32_t {
        const std::int32_t done = emulatedModule().deviceInfo(index, device);
        device->capability_major = 6, device->capability_minor = 1;
        return done;
    };
    const auto automatic = engineOn("auto", table);
    EXPECT_EQ(automatic->devices().at(1).problem, "its compute capability 6.1 is too old, 7.5 is the least");
    const auto session = automatic->createSession({m_dir / "a.lectern", {}, {}});
    ASSERT_TRUE(session);
    EXPECT_EQ((*session)->processor().id, "cpu");
    ASSERT_EQ(m_notices.size(), 1U);
    EXPECT_THAT(m_notices[0], HasSubstr("too old"));
}

}  // namespace
}  // namespace lectern::test
