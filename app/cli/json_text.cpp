// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json_text.h"

#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/ledger_record.h"

namespace lectern::cli {

namespace {

Json seriesJson(const ShareSeries& series) {
    return {{"run_tokens", series.run}, {"points", series.points}};
}

Json statisticsJson(const KvStatistics& statistics) {
    return {{"bytes", statistics.bytes},
            {"outlier_share", statistics.outlier_share},
            {"snr_db", statistics.snr_db},
            {"drift", statistics.drift},
            {"tokens", statistics.tokens},
            {"sampled_tokens", statistics.sampled},
            {"tokens_by_outliers", statistics.tokens_by_outliers},
            {"outliers_over_time", seriesJson(statistics.outliers_over_time)},
            {"drift_over_time", seriesJson(statistics.drift_over_time)},
            {"codebook", statistics.codebook},
            {"codes_used", statistics.codes_used},
            {"histogram", {{"low", -kHistogramEdge}, {"high", kHistogramEdge}, {"counts", statistics.histogram}}},
            {"magnitude", statistics.magnitude},
            {"threshold_low", statistics.low},
            {"threshold_high", statistics.high}};
}

}  // namespace

void writeLine(std::ostream& out, const Json& value) {
    out << value.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
}

std::string_view sourceName(SourceState state) {
    constexpr std::array<std::string_view, 4> kNames = {"same", "touched", "changed", "missing"};
    return kNames[std::size_t(state)];
}

std::string_view stateName(DocumentState state) {
    switch (state) {
        case DocumentState::Queued:
            return "queued";
        case DocumentState::Reading:
            return "reading";
        case DocumentState::InContext:
            return "in_context";
        case DocumentState::Partial:
            return "partial";
        case DocumentState::Failed:
            return "failed";
    }
    return "failed";
}

std::string_view stateName(PageState state) {
    switch (state) {
        case PageState::Read:
            return "read";
        case PageState::Empty:
            return "empty";
        case PageState::ImageOnly:
            return "image_only";
        case PageState::Unreadable:
            return "unreadable";
    }
    return "unreadable";
}

std::string_view modeName(SessionMode mode) {
    return mode == SessionMode::Shelf ? "shelf" : "joint";
}

std::string_view stopName(StopReason stop) {
    switch (stop) {
        case StopReason::EndOfAnswer:
            return "end";
        case StopReason::MaxTokens:
            return "max_tokens";
        case StopReason::Interrupted:
            return "interrupted";
        case StopReason::StopString:
            return "stop_string";
    }
    return "interrupted";
}

Json citationJson(const Citation& citation) {
    Json rects = Json::array();
    for (const Rect& rect : citation.rects) {
        rects.push_back({{"x", rect.x}, {"y", rect.y}, {"width", rect.width}, {"height", rect.height}});
    }
    return {{"document", citation.document}, {"page", citation.page}, {"page_label", citation.page_label},
            {"share", citation.share},       {"text", citation.text}, {"rects", std::move(rects)}};
}

Json ledgerJson(const AnswerLedger& ledger) {
    Json all = lectern::ledgerJson<Json>(ledger);
    if (!ledger.saysHowItWasChosen()) all["sampler"] = nullptr;
    return all;
}

Json messageJson(const Message& message) {
    Json citations = Json::array();
    for (const Citation& citation : message.citations) citations.push_back(citationJson(citation));
    Json documents = Json::array();
    for (const DocumentShare& part : message.documents)
        documents.push_back({{"document", part.document}, {"share", part.share}});
    return {{"question", message.question},      {"answer", message.answer}, {"citations", std::move(citations)},
            {"documents", std::move(documents)}, {"layers", message.layers}, {"ledger", ledgerJson(message.ledger)},
            {"stop", stopName(message.stop)},    {"time", message.time}};
}

Json branchJson(const BranchInfo& branch) {
    return {{"name", branch.name},
            {"tokens", branch.tokens},
            {"messages", branch.messages.size()},
            {"parent", branch.parent.empty() ? Json() : Json(branch.parent)},
            {"turn", branch.turn}};
}

Json memoryJson(const MemoryLedger& memory) {
    return {{"kv_bytes", memory.kvBytes()},
            {"fp16_bytes", memory.fp16_bytes},
            {"ratio", memory.ratio()},
            {"weights_bytes", memory.weights},
            {"file_bytes", memory.file_bytes},
            {"key_code_bytes", memory.key_codes},
            {"value_code_bytes", memory.value_codes},
            {"correction_bytes", memory.corrections},
            {"raw_bytes", memory.raw},
            {"table_bytes", memory.tables},
            {"activation_bytes", memory.activations},
            {"peak_bytes", memory.peak},
            {"device_weights_bytes", memory.device_weights},
            {"device_pages_bytes", memory.device_pages},
            {"device_scratch_bytes", memory.device_scratch},
            {"host_pages_bytes", memory.host_pages},
            {"tokens", memory.tokens}};
}

Json layerJson(int layer, const LayerStatistics& statistics) {
    return {{"layer", layer}, {"k", statisticsJson(statistics.keys)}, {"v", statisticsJson(statistics.values)}};
}

Json fidelityJson(const Fidelity& fidelity, bool calibrated) {
    return {{"kv", fidelity.kv},
            {"kl_mean", fidelity.kl_mean},
            {"kl_p99", fidelity.kl_p99},
            {"top1_agreement", fidelity.top1_agreement},
            {"grade", gradeName(gradeOf(fidelity))},
            {"warning", fidelityWarning(fidelity, calibrated)},
            {"tokens", fidelity.tokens},
            {"context_tokens", fidelity.context},
            {"time", fidelity.time}};
}

Json restoredJson(const Restored& restored) {
    return {{"tokens", restored.tokens},
            {"bytes", restored.bytes},
            {"seconds", restored.seconds},
            {"reading_seconds", restored.reading_seconds}};
}

Json comparisonJson(const Comparison& comparison) {
    Json settings = Json::array();
    for (const ComparedSetting& one : comparison.settings) {
        const char* qnorm = one.kv.qnorm == QNorm::On ? "on" : one.kv.qnorm == QNorm::Off ? "off" : "auto";
        settings.push_back({{"kv", one.kv.name()},
                            {"sinks", one.kv.sinks},
                            {"window", one.kv.window},
                            {"qnorm", qnorm},
                            {"calibrated", one.calibrated},
                            {"perplexity", one.perplexity},
                            {"kl_mean", one.kl_mean},
                            {"kl_p99", one.kl_p99},
                            {"top1_agreement", one.top1_agreement},
                            {"bytes_per_token", one.bytes_per_token}});
    }
    return {{"settings", std::move(settings)},
            {"tokens", comparison.tokens},
            {"context_tokens", comparison.context},
            {"time", comparison.time}};
}

Json verifyJson(const VerifyReport& report) {
    Json damaged = Json::array();
    for (const DamagedBlock& block : report.damaged) {
        damaged.push_back({{"layer", block.layer}, {"kind", block.kind}, {"block", block.block}});
    }
    return {{"ok", report.ok},
            {"blocks", report.blocks},
            {"damaged", std::move(damaged)},
            {"problems", report.problems},
            {"repaired", report.repaired},
            {"computed", report.computed},
            {"identical", report.identical}};
}

Json modelJson(const ModelInfo& model) {
    return {{"name", model.name},
            {"path", model.path.string()},
            {"built_in", model.built_in},
            {"architecture", model.architecture},
            {"fingerprint", model.fingerprint},
            {"tokenizer", model.tokenizer},
            {"weight_types", model.weight_types},
            {"parameters", model.parameters},
            {"weights_bytes", model.weights_bytes},
            {"layers", model.layers},
            {"hidden", model.hidden},
            {"heads", model.heads},
            {"kv_heads", model.kv_heads},
            {"head_dim", model.head_dim},
            {"vocab", model.vocab},
            {"experts", model.experts},
            {"experts_used", model.experts_used},
            {"trained_context", model.trained_context},
            {"text_alone", model.text_alone},
            {"calibrated_outliers", model.calibrated},
            {"problem", model.problem}};
}

Json deviceJson(const DeviceInfo& device) {
    return {{"id", device.id},
            {"name", device.name},
            {"usable", device.problem.empty()},
            {"problem", device.problem},
            {"memory_bytes", device.memory},
            {"memory_free_bytes", device.memory_free},
            {"cores", device.cores},
            {"isa", device.isa},
            {"compute_capability", device.capability_major == 0 ? Json()
                                                                : Json(std::to_string(device.capability_major) + "." +
                                                                       std::to_string(device.capability_minor))}};
}

Json perplexityJson(const PerplexityRow& row) {
    return {{"kv", row.kv},
            {"perplexity", row.perplexity},
            {"fp16_perplexity", row.fp16_perplexity},
            {"kl_mean", row.kl_mean},
            {"kl_p99", row.kl_p99},
            {"top1_agreement", row.top1_agreement},
            {"bits_per_value", row.bits_per_value},
            {"bytes_per_token", row.bytes_per_token},
            {"tokens", row.tokens}};
}

}  // namespace lectern::cli
