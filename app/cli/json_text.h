// SPDX-License-Identifier: GPL-3.0-or-later
// The engine's values as the JSON that scripts may rely on.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "engine/engine.h"

namespace lectern::cli {

using Json = nlohmann::ordered_json;

/// One line, flushed. Bytes that are not UTF-8 become U+FFFD: the line is always valid JSON.
void writeLine(std::ostream& out, const Json& value);

std::string_view sourceName(SourceState state);   ///< "same", "touched", "changed", "missing"
std::string_view stateName(DocumentState state);  ///< "queued", "reading", "in_context", "partial", "failed"
std::string_view stateName(PageState state);      ///< "read", "empty", "image_only", "unreadable"
std::string_view modeName(SessionMode mode);      ///< "joint", "shelf"
std::string_view stopName(StopReason stop);       ///< "end", "max_tokens", "interrupted", "stop_string"

Json citationJson(const Citation& citation);
Json ledgerJson(const AnswerLedger& ledger);
Json messageJson(const Message& message);   ///< question, answer, citations, ledger, stop, time
Json branchJson(const BranchInfo& branch);  ///< name, tokens, messages (their number), parent or null, turn
Json memoryJson(const MemoryLedger& memory);
Json layerJson(int layer, const LayerStatistics& statistics);
Json comparisonJson(const Comparison& comparison);
Json fidelityJson(const Fidelity& fidelity, bool calibrated);
Json restoredJson(const Restored& restored);
Json verifyJson(const VerifyReport& report);
Json modelJson(const ModelInfo& model);
Json deviceJson(const DeviceInfo& device);
Json perplexityJson(const PerplexityRow& row);

}  // namespace lectern::cli
