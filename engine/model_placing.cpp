// SPDX-License-Identifier: GPL-3.0-or-later
// Where a model is computed: on the CPU, or with its weights on a device.
#include <algorithm>

#include "engine/machine.h"
#include "engine/model_library.h"

namespace lectern {

namespace {

/// "auto" divides a context only where the device takes this share of it, one in so many. The CPU could do all of it,
/// and must not be passed over for a device that fails in the middle: memory that other programs take from the device
/// then makes pages leave, and so there have to be some that can. Below, it is also little that the device saves the
/// CPU.
constexpr std::uint64_t kAutoShare = 8;

}  // namespace

ModelLibrary::Opened& ModelLibrary::openedOf(const LoadedModel& model) {
    const auto found = std::find_if(m_open.begin(), m_open.end(), [&](const auto& entry) {
        return entry.second.cpu.get() == &model || entry.second.device.get() == &model;
    });
    assert(found != m_open.end());
    return found->second;
}

Result<LoadedModel*> ModelLibrary::place(LoadedModel& model, std::span<const KvSettings> settings,
                                         std::uint64_t tokens) {
    Opened& opened = openedOf(model);
    if (m_device == nullptr || !m_device->wanted()) return opened.cpu.get();
    auto placed = onDevice(opened, settings, tokens);
    if (placed || m_device->required()) return placed;
    opened.cpu->processor.why = m_device->fallBack(placed.error());
    return opened.cpu.get();
}

/// The device, where it serves the model and the settings.
Result<std::shared_ptr<Device>> ModelLibrary::serving(const LoadedModel& model, std::span<const KvSettings> settings) {
    auto device = m_device->open();
    if (!device) return device;
    if (auto served = DeviceModel::served(*model.model); !served) return served.error();
    for (const KvSettings& each : settings)
        if (auto served = servesSettings(**device, model.model->config, each); !served) return served.error();
    return device;
}

Result<std::optional<ContextSplit>> ModelLibrary::plan(const LoadedModel& model, const KvSettings& settings,
                                                       std::uint64_t tokens) {
    if (m_device == nullptr || !m_device->wanted()) return std::optional<ContextSplit>();
    const auto device = serving(model, {&settings, 1});
    const auto divided = device ? split(model, settings, tokens) : Result<ContextSplit>(device.error());
    if (divided) return std::optional(*divided);
    if (m_device->required()) return divided.error();
    return std::optional<ContextSplit>();
}

Result<LoadedModel*> ModelLibrary::onDevice(Opened& opened, std::span<const KvSettings> settings,
                                            std::uint64_t tokens) {
    const auto device = serving(*opened.cpu, settings);
    if (!device) return device.error();
    if (!opened.device) {
        auto made = moved(*opened.cpu, *device);
        if (!made) return made.error();
        opened.device = std::move(*made);
    }
    for (const KvSettings& each : settings)
        if (auto divided = split(*opened.device, each, tokens); !divided) return divided.error();
    return opened.device.get();
}

Result<std::unique_ptr<LoadedModel>> ModelLibrary::moved(const LoadedModel& model, std::shared_ptr<Device> device) {
    const std::uint64_t limit = m_device->memoryLimit(), weights = DeviceModel::bytes(*model.model);
    if (limit != 0 && weights >= limit)
        return Error{ErrorCode::NoRoom,
                     "The model's weights take " + byteText(weights) + " of " + device->id() +
                         " and the memory limit is " + byteText(limit) +
                         ": raise it, use a smaller model or --device cpu.",
                     {Obstacle::DeviceMemory, {device->id()}, {weights, limit}}};
    const Processor processor{device->id(), device->info().name, {}};
    auto pass = DeviceTransformer::make(std::move(device), model.model, m_pool, Transformer::kChunk,
                                        limit == 0 ? 0 : limit - weights);
    if (!pass) return pass.error();
    auto loaded = std::make_unique<LoadedModel>();
    loaded->model = model.model;
    loaded->tokenizer = model.tokenizer;
    loaded->on_device = pass->get();
    loaded->processor = processor;
    loaded->transformer = std::make_unique<Transformer>(model.model, m_pool, kernels::bestKernels(), std::move(*pass));
    return loaded;
}

Result<std::uint64_t> ModelLibrary::deviceRoom(const LoadedModel& model) {
    auto device = m_device->open();
    if (!device) return device.error();
    auto free = (*device)->memoryFree();
    if (!free) return free;
    const DeviceTransformer* there = openedOf(model).device ? openedOf(model).device->on_device : nullptr;
    const std::uint64_t weights = DeviceModel::bytes(*model.model), limit = m_device->memoryLimit();
    // Once it is there its pages are given up for others; before, weights and work buffers are still to come.
    const std::uint64_t room = there != nullptr ? *free + there->pageBytes() : *free;
    const std::uint64_t besides = kDeviceReserve + (there != nullptr ? 0 : weights + kDeviceReserve);
    std::uint64_t left = room - std::min(room, besides);
    if (there != nullptr) left = std::min(left, there->pageBudget());
    return limit == 0 ? left : std::min(left, limit - std::min(limit, weights));
}

Result<ContextSplit> ModelLibrary::split(const LoadedModel& model, const KvSettings& settings, std::uint64_t tokens) {
    const ModelConfig& config = model.model->config;
    const auto room = deviceRoom(model);
    if (!room) return room.error();
    const ContextSplit split = splitContext(settings, config.layers, {config.kv_heads, config.head_dim}, tokens, *room);
    const std::uint64_t needed = split.device + split.host;
    std::uint64_t least = std::min(needed, leastContextBytes(settings, config, tokens));
    if (!m_device->required()) least += (needed - least) / kAutoShare;
    if (needed <= *room || least <= *room) return split;
    const auto device = m_device->open();
    if (!device) return device.error();
    const DeviceTransformer* there = openedOf(model).device ? openedOf(model).device->on_device : nullptr;
    return Error{ErrorCode::NoRoom,
                 "A context of " + countText(tokens) + " tokens at " + settings.name() + " takes " + byteText(needed) +
                     ", at least " + byteText(least) + " of " + (*device)->id() + " beside " +
                     byteText(DeviceModel::bytes(*model.model)) + " of weights and " +
                     byteText(there != nullptr ? there->scratchBytes() : kDeviceReserve) + " of work buffers, and " +
                     byteText(*room) + " are left for it: use fewer bits, fewer documents or --device cpu.",
                 {Obstacle::DeviceMemory, {(*device)->id()}, {least, *room}}};
}

}  // namespace lectern
