// SPDX-License-Identifier: GPL-3.0-or-later
// How long reading will take.
#include <algorithm>

#include "engine/reading_pace.h"
#include "engine/session_impl.h"

namespace lectern {

Result<ReadingEstimate> SessionImpl::estimateReading(const KvSettings& settings, std::stop_token stop) {
    ReadingEstimate estimate;
    if (auto sane = checkKvSettings(settings); !sane) return sane.error();
    if (auto there = finishLoading(); !there) return there.error();
    const std::uint64_t read = readTokens(), left = tokensLeft();
    if (left == 0) return estimate;
    const bool own = settings == m_settings;
    if (auto chosen = own ? chooseProcessor(read + left) : Status(); !chosen) return chosen.error();
    const auto placed =
        own ? Result<LoadedModel*>(m_model) : m_context.models.place(*m_model, {&settings, 1}, read + left);
    if (!placed) return placed.error();
    const LoadedModel& model = **placed;
    estimate.processor = model.processor;
    if (model.on_device != nullptr) {
        auto room = m_context.models.deviceRoom(model);
        if (!room) return room.error();
        estimate.device_room = *room;
        const auto divided = m_context.models.split(model, settings, read + left);
        if (!divided) return divided.error();
        estimate.device_bytes = divided->device;
        estimate.host_bytes = divided->host;
    }
    auto calibrated = m_context.models.quantizers(model, {&settings, 1}, "auto");
    if (!calibrated) return calibrated.error();
    const auto quantizer = own ? m_trunk->quantizer() : calibrated->front();
    const auto pace = measureReading(*model.transformer, settings, quantizer, m_trunk_ids, stop);
    if (!pace) return pace.error();
    // Of tokens that the device has no room for the CPU has the attention, at its own pace.
    ReadingPace beyond;
    std::uint64_t fit = 0;
    if (estimate.host_bytes > 0) {
        const auto cpu =
            measureReading(*m_context.models.onCpu(model).transformer, settings, quantizer, m_trunk_ids, stop);
        if (!cpu) return cpu.error();
        beyond.per_seen = cpu->per_seen;
        fit = contextThatFits(settings, model.model->config, estimate.device_room);
    }
    const auto seconds = [&](std::uint64_t begin, std::uint64_t end) {
        return pace->seconds(begin, end) + beyond.seconds(std::max(begin, fit) - fit, std::max(end, fit) - fit);
    };
    if (m_mode == SessionMode::Joint) {
        estimate.seconds = seconds(read, read + left);
        return estimate;
    }
    for (const auto& document : m_documents) {
        if (document.info.state == DocumentState::Failed) continue;
        estimate.seconds += seconds(readOf(document), document.info.token_end - document.info.token_begin);
    }
    return estimate;
}

}  // namespace lectern
