// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/thread_pool.h"
#include "engine/calibrate/calibration.h"
#include "engine/engine.h"
#include "engine/infer/transformer.h"
#include "engine/text/tokenizer.h"

namespace lectern {

/// A model ready for work: weights, tokenizer, and the transformer with its work buffers.
struct LoadedModel {
    std::shared_ptr<const Model> model;
    std::unique_ptr<Tokenizer> tokenizer;
    std::unique_ptr<Transformer> transformer;
};

/// Finds and opens models; an opened one stays open. One thread at a time.
class ModelLibrary {
public:
    ModelLibrary(std::filesystem::path built_in, std::vector<std::filesystem::path> folders, ThreadPool& pool);

    /// `model`: a path, a name from list(), or empty for the built-in model. Errors: BadInput, naming what was looked
    /// for.
    Result<LoadedModel*> open(std::string_view model);
    /// The quantizers that caches with these settings begin with; null: none, it is fitted to the first tokens read.
    /// `which` names a calibration file, read once; "auto": the one beside the model, where there is one for the
    /// settings' share of outliers; "none". Errors: BadInput (unreadable, damaged, of another model), Usage (a named
    /// file that was not made for the share).
    Result<std::vector<std::shared_ptr<const Quantizer>>> quantizers(const LoadedModel& loaded,
                                                                     std::span<const KvSettings> settings,
                                                                     const std::string& which) const;
    /// Where "auto" looks: MODEL.kvq beside a model file, model.kvq in a model's folder.
    static std::filesystem::path calibrationFile(const Model& model);
    std::vector<ModelInfo> list();
    Result<ModelInfo> info(std::string_view model);

private:
    Result<std::filesystem::path> find(std::string_view model) const;
    std::vector<std::filesystem::path> candidates() const;
    ModelInfo describe(const Model& model, bool with_fingerprint) const;

    std::filesystem::path m_built_in;
    std::vector<std::filesystem::path> m_folders;
    ThreadPool& m_pool;
    std::map<std::filesystem::path, std::unique_ptr<LoadedModel>> m_open;
};

}  // namespace lectern
