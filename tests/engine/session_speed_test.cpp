// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/session_fixture.h"

namespace lectern::test {
namespace {

TEST_F(SessionTest, SessionsAreMeasuredAgainstAPlainFileAndNothingIsLeftBehind) {
    fs::create_directory(m_dir / "bench");
    SessionSpeedRequest request;
    request.folder = m_dir / "bench";
    request.kv = *parseKvSettings("nuq2");
    request.tokens = 4096;
    request.pages = 20;
    request.runs = 1;
    const auto report = m_engine->sessionSpeed(request, {}, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->tokens, 4096U);
    EXPECT_GE(report->file_bytes, report->payload_bytes);
    EXPECT_GE(report->written_bytes, report->payload_bytes);
    for (const auto& row : report->rows) EXPECT_GT(row.seconds, 0) << row.step;
    EXPECT_TRUE(fs::is_empty(m_dir / "bench"));
    request.tokens = std::uint64_t(1) << 50;
    const auto refused = m_engine->sessionSpeed(request, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_TRUE(fs::is_empty(m_dir / "bench"));
}

}  // namespace
}  // namespace lectern::test
