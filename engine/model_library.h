// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/thread_pool.h"
#include "engine/calibrate/calibration.h"
#include "engine/compute_device.h"
#include "engine/device/device_room.h"
#include "engine/device/device_transformer.h"
#include "engine/engine.h"
#include "engine/fingerprint_cache.h"
#include "engine/infer/transformer.h"
#include "engine/text/tokenizer.h"

namespace lectern {

/// A model ready for work: weights, tokenizer, and the transformer with its work buffers.
struct LoadedModel {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::unique_ptr<Transformer> transformer;
    const DeviceTransformer* on_device = nullptr;  ///< what the transformer computes with; null: this machine's CPU
    Processor processor;
};

/// Finds and opens models; an opened one stays open, also where another takes its place on disk. One thread at a time.
class ModelLibrary {
public:
    /// Of `options`: the built-in model, folders, models and the file of fingerprints. `device`: what place() may
    /// choose, borrowed; null: the CPU alone.
    ModelLibrary(const EngineOptions& options, ThreadPool& pool, ComputeDevice* device = nullptr);

    /// `model`: a path, a name from list(), or empty for the built-in model. It computes on the CPU; place() moves it.
    /// Errors: BadInput, naming what was looked for.
    Result<LoadedModel*> open(std::string_view model);
    /// The same model (and tokenizer) where contexts of `tokens` at each of `settings` are computed: on the device
    /// asked for, which leaves the pages that it has no room for to the host; where "auto" has the choice and the
    /// device does not serve the model or a setting, or has room for too little, on the CPU, and says so. Call before
    /// each longer work. Errors (a device was named): Usage; NoRoom, with numbers; Failed.
    Result<LoadedModel*> place(LoadedModel& model, std::span<const KvSettings> settings, std::uint64_t tokens);
    /// What place() would do with a context, without moving the model: how its pages are divided between the device and
    /// the host; nothing where all of it is the CPU's. Errors: those of place().
    Result<std::optional<ContextSplit>> plan(const LoadedModel& model, const KvSettings& settings,
                                             std::uint64_t tokens);
    /// How the pages of a context are divided once the model is on the device. Errors: NoRoom, with numbers, where too
    /// little of it has room there.
    Result<ContextSplit> split(const LoadedModel& model, const KvSettings& settings, std::uint64_t tokens);
    std::string deviceId() const { return m_device->id(); }  ///< of the device that place() chooses
    /// The same model on the CPU.
    LoadedModel& onCpu(const LoadedModel& model) { return *openedOf(model).cpu; }
    /// Device memory for pages, bytes, with the model's weights and work buffers on it. Errors: of the device.
    Result<std::uint64_t> deviceRoom(const LoadedModel& model);
    /// The quantizers that caches with these settings begin with; null: none, it is fitted to the first tokens read.
    /// `which` names a calibration file, read once; "auto": the one beside the model, where there is one for the
    /// settings' share of outliers; "none". Errors: BadInput (unreadable, damaged, of another model), Usage (a named
    /// file that was not made for the share).
    Result<std::vector<std::shared_ptr<const Quantizer>>> quantizers(const LoadedModel& loaded,
                                                                     std::span<const KvSettings> settings,
                                                                     const std::string& which) const;
    /// Where "auto" looks: MODEL.kvq beside a model file, model.kvq in a model's folder.
    static std::filesystem::path calibrationFile(const std::filesystem::path& model);
    std::vector<ModelInfo> list();  ///< with the fingerprints that are known already
    Result<ModelInfo> info(std::string_view model);

private:
    /// One model, where it is computed.
    struct Opened {
        std::unique_ptr<LoadedModel> cpu, device;
    };

    Opened& openedOf(const LoadedModel& model);
    Result<std::shared_ptr<Device>> serving(const LoadedModel& model, std::span<const KvSettings> settings);
    Result<LoadedModel*> onDevice(Opened& opened, std::span<const KvSettings> settings, std::uint64_t tokens);
    Result<std::unique_ptr<LoadedModel>> moved(const LoadedModel& model, std::shared_ptr<Device> device);
    Result<std::filesystem::path> find(std::string_view model) const;
    std::vector<std::filesystem::path> candidates() const;
    std::vector<std::filesystem::path> modelsCalled(std::string_view name) const;
    ModelInfo describe(const Model& model, bool with_fingerprint) const;

    std::filesystem::path m_built_in;
    std::vector<std::filesystem::path> m_folders, m_models;
    FingerprintCache m_fingerprints;
    std::function<void(const std::string& sentence)> m_notice;
    ThreadPool& m_pool;
    ComputeDevice* m_device;
    std::map<std::pair<std::filesystem::path, std::string>, Opened> m_open;  ///< by path and modelStamp()
};

}  // namespace lectern
