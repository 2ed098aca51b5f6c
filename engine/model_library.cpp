// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model_library.h"

#include <algorithm>
#include <array>
#include <set>

#include "engine/machine.h"
#include "engine/model_files.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

std::string weightTypes(const Model& model) {
    std::set<std::string> names;
    const auto note = [&](const WeightView& w) { names.insert(kernels::weightBlock(w.type).name); };
    note(model.embedding), note(model.output);
    for (const auto& w : model.layers) {
        for (const auto* view : w.matrices()) note(*view);
    }
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::uint64_t parameters(const Model& model) {
    const auto size = [](const WeightView& w) { return std::uint64_t(w.rows) * std::uint64_t(w.cols); };
    std::uint64_t count = size(model.embedding) + (model.tied ? 0 : size(model.output)) + model.final_norm.size();
    for (const auto& w : model.layers) {
        for (const auto* vector : {&w.attn_norm, &w.ffn_norm, &w.q_bias, &w.k_bias, &w.v_bias, &w.o_bias, &w.gate_bias,
                                   &w.up_bias, &w.down_bias, &w.q_norm, &w.k_norm, &w.post_attn_norm, &w.post_ffn_norm})
            count += vector->size();
        for (const auto* view : w.matrices()) count += size(*view);
    }
    return count;
}

}  // namespace

ModelLibrary::ModelLibrary(const EngineOptions& options, ThreadPool& pool, ComputeDevice* device)
    : m_built_in(options.built_in),
      m_folders(options.model_folders),
      m_models(options.models),
      m_fingerprints(options.fingerprints),
      m_notice(options.notice),
      m_pool(pool),
      m_device(device) {}

std::vector<fs::path> ModelLibrary::candidates() const {
    std::vector<fs::path> found;
    std::error_code failed;
    for (const auto& folder : m_folders) {
        std::vector<fs::path> here;
        for (const auto& entry :
             fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, failed)) {
            const bool hidden = entry.path().filename().string().starts_with('.');  // on its way here, say
            if (!hidden && entry.path() != m_built_in && looksLikeModel(entry.path())) here.push_back(entry.path());
        }
        std::sort(here.begin(), here.end());
        found.insert(found.end(), here.begin(), here.end());
    }
    for (const auto& model : m_models)
        if (std::find(found.begin(), found.end(), model) == found.end()) found.push_back(model);
    return found;
}

/// Those that say this name of themselves, as the list shows it.
std::vector<fs::path> ModelLibrary::modelsCalled(std::string_view name) const {
    std::vector<fs::path> called;
    for (const auto& path : candidates()) {
        const auto opened = Model::open(path);
        if (opened && (*opened)->config.name == name) called.push_back(path);
    }
    return called;
}

Result<fs::path> ModelLibrary::find(std::string_view model) const {
    std::error_code failed;
    if (model.empty() || model == "built-in") {
        if (fs::exists(m_built_in, failed)) return m_built_in;
        const std::string where = m_built_in.empty() ? "" : " (\"" + m_built_in.string() + "\")";
        return Error{ErrorCode::BadInput,
                     "The built-in model" + where + " is missing: reinstall Lectern or name another model.",
                     {Obstacle::NoModel, {m_built_in.string()}}};
    }
    if (fs::exists(fs::path(model), failed)) return fs::path(model);
    if (m_built_in.stem() == model) return m_built_in;
    for (const auto& path : candidates()) {
        if (path.filename() == model || path.stem() == model) return path;
    }
    const auto called = modelsCalled(model);
    if (called.size() == 1) return called.front();
    if (called.size() > 1)
        return Error{ErrorCode::BadInput, "Several models are called \"" + std::string(model) +
                                              "\": give the path of one, as " + called.front().string() + "."};
    return Error{
        ErrorCode::BadInput,
        "There is no model \"" + std::string(model) + "\": give the path of a GGUF file or of a Hugging Face folder.",
        {Obstacle::NoModel, {std::string(model)}}};
}

Result<LoadedModel*> ModelLibrary::open(std::string_view model) {
    auto found = find(model);
    if (!found) return found.error();
    std::error_code failed;
    const fs::path path = fs::weakly_canonical(*found, failed);
    const auto key = std::pair(path, modelStamp(path));
    if (const auto known = m_open.find(key); known != m_open.end()) return known->second.cpu.get();
    auto opened = Model::open(path);
    if (!opened) return opened.error();
    auto loaded = std::make_unique<LoadedModel>();
    loaded->model = *opened;
    auto tokenizer = Tokenizer::make(loaded->model->tokenizer);
    if (!tokenizer) return tokenizer.error();
    loaded->tokenizer = std::move(*tokenizer);
    loaded->transformer = std::make_unique<Transformer>(loaded->model, m_pool, kernels::bestKernels());
    loaded->processor = {"cpu", processorName(), {}};
    if (loaded->model->text_alone && m_notice)
        m_notice("The model \"" + path.string() + "\" reads images too; Lectern uses what of it reads text.");
    return m_open.emplace(key, Opened{std::move(loaded), nullptr}).first->second.cpu.get();
}

fs::path ModelLibrary::calibrationFile(const fs::path& model) {
    std::error_code failed;
    if (fs::is_directory(model, failed)) return model / "model.kvq";
    return fs::path(model).replace_extension(".kvq");
}

Result<std::vector<std::shared_ptr<const Quantizer>>> ModelLibrary::quantizers(const LoadedModel& loaded,
                                                                               std::span<const KvSettings> settings,
                                                                               const std::string& which) const {
    std::vector<std::shared_ptr<const Quantizer>> quantizers(settings.size());
    const bool own = which == "auto" || which.empty();
    const Model& model = *loaded.model;
    const fs::path file = own ? calibrationFile(model.path) : fs::path(which);
    std::error_code failed;
    const bool raw = std::all_of(settings.begin(), settings.end(), [](const KvSettings& s) { return s.raw(); });
    if (which == "none" || raw || (own && !fs::exists(file, failed))) return quantizers;
    auto calibration =
        loadCalibration(file, model.fingerprint(), model.config.layers, {model.config.kv_heads, model.config.head_dim});
    if (!calibration) return calibration.error();
    for (std::size_t i = 0; i < settings.size(); ++i) {
        if (settings[i].raw() || settings[i].research.any()) continue;
        auto quantizer = calibration->quantizer(settings[i]);
        if (quantizer)
            quantizers[i] = std::make_shared<const Quantizer>(std::move(*quantizer));
        else if (!own)
            return quantizer.error();
    }
    return quantizers;
}

ModelInfo ModelLibrary::describe(const Model& model, bool with_fingerprint) const {
    const ModelConfig& c = model.config;
    ModelInfo info;
    info.name = c.name.empty() ? model.path.stem().string() : c.name;
    info.architecture = c.architecture;
    info.path = model.path;
    if (with_fingerprint) info.fingerprint = model.fingerprint();
    constexpr std::array kTokenizers = {"SentencePiece BPE", "byte-level BPE", "SentencePiece unigram"};
    info.tokenizer = kTokenizers[std::size_t(model.tokenizer.kind)];
    if (!model.tokenizer.pre.empty()) info.tokenizer += " (" + model.tokenizer.pre + ")";
    info.weight_types = weightTypes(model);
    info.layers = c.layers;
    info.hidden = c.hidden;
    info.heads = c.heads;
    info.kv_heads = c.kv_heads;
    info.head_dim = c.head_dim;
    info.vocab = c.vocab;
    info.experts = c.experts;
    info.experts_used = c.experts_used;
    info.trained_context = c.trained_context;
    info.weights_bytes = model.weights_bytes;
    info.parameters = parameters(model);
    std::error_code failed;
    if (with_fingerprint && fs::exists(calibrationFile(model.path), failed)) {
        const auto calibration =
            loadCalibration(calibrationFile(model.path), info.fingerprint, c.layers, {c.kv_heads, c.head_dim});
        for (std::size_t i = 0; calibration && i < calibration->shares.size(); ++i)
            info.calibrated.push_back(calibration->shares[i].outliers);
    }
    info.text_alone = model.text_alone;
    info.built_in = fs::equivalent(model.path, m_built_in, failed) && !failed;
    return info;
}

std::vector<ModelInfo> ModelLibrary::list() {
    std::vector<ModelInfo> all;
    std::vector<fs::path> paths = candidates();
    std::error_code failed;
    if (fs::exists(m_built_in, failed)) paths.insert(paths.begin(), m_built_in);
    for (const auto& path : paths) {
        auto opened = Model::open(path);
        if (opened) {
            all.push_back(describe(**opened, false));
            all.back().fingerprint = m_fingerprints.find(fs::weakly_canonical(path, failed));
        } else {
            ModelInfo broken;
            broken.name = path.filename().string();
            broken.path = path;
            broken.problem = opened.error().message;
            all.push_back(broken);
        }
    }
    return all;
}

Result<ModelInfo> ModelLibrary::info(std::string_view model) {
    auto found = find(model);
    if (!found) return found.error();
    auto opened = Model::open(*found);
    if (!opened) return opened.error();
    ModelInfo described = describe(**opened, true);
    std::error_code failed;
    m_fingerprints.note(fs::weakly_canonical(*found, failed), described.fingerprint);
    return described;
}

}  // namespace lectern
