// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>

#include "engine/calibrate/calibrator.h"
#include "engine/compute_device.h"
#include "engine/device/device_room.h"
#include "engine/machine.h"
#include "engine/model/convert.h"
#include "engine/model/weight_encoder.h"
#include "engine/model_files.h"
#include "engine/perplexity.h"
#include "engine/session_impl.h"
#include "engine/session_repair.h"
#include "engine/session_speed.h"
#include "engine/speed.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

VerifyReport reportOf(const StoreDamage& damage) {
    VerifyReport report;
    report.blocks = damage.checked;
    for (const auto& block : damage.blocks)
        report.damaged.push_back({block.layer, block.kind == 0 ? "key" : "value", block.page});
    report.problems = damage.problems;
    report.ok = report.damaged.empty() && report.problems.empty();
    return report;
}

Result<std::string> readText(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::error_code ignored;
    if (!in || fs::is_directory(file, ignored))
        return Error{ErrorCode::BadInput, "The text \"" + file.string() + "\" cannot be read."};
    return std::string(std::istreambuf_iterator<char>(in), {});
}

class EngineImpl final : public Engine {
public:
    explicit EngineImpl(EngineOptions options)
        : m_options(std::move(options)),
          m_pool(m_options.threads),
          m_device(m_options),
          m_models(m_options, m_pool, &m_device) {}

    std::vector<DeviceInfo> devices() const override;
    std::vector<ModelInfo> listModels() const override;
    Result<ModelInfo> modelInfo(std::string_view model) override { return m_models.info(model); }
    Result<std::vector<ContextFit>> contextFit(std::string_view model) override;
    Result<std::vector<std::int32_t>> tokenize(std::string_view model, std::string_view text, bool bos,
                                               bool eos) override;
    Result<std::string> detokenize(std::string_view model, const std::vector<std::int32_t>& ids) override;
    Result<std::vector<PerplexityRow>> perplexity(std::string_view model, const PerplexityRequest& request,
                                                  const std::function<void(double done)>& progress,
                                                  std::stop_token stop) override;

    Result<SpeedReport> speed(std::string_view model, const SpeedRequest& request,
                              const std::function<void(double done)>& progress, std::stop_token stop) override;

    Result<SessionSpeedReport> sessionSpeed(const SessionSpeedRequest& request,
                                            const std::function<void(double)>& progress,
                                            std::stop_token stop) override {
        return measureSession(request, kernels::bestKernels(), m_pool, progress, stop);
    }

    Result<CalibrationInfo> calibrate(std::string_view model, const CalibrationRequest& request,
                                      const std::function<void(double)>& progress, std::stop_token stop) override;
    Result<ConvertInfo> convertModel(std::string_view model, const ConvertRequest& request,
                                     const std::function<void(double)>& progress, std::stop_token stop) override;
    Result<fs::path> importModel(const fs::path& model, const fs::path& folder,
                                 const std::function<void(double)>& progress, std::stop_token stop) override {
        if (auto works = Model::open(model); !works) return works.error();
        return copyModel(model, folder, progress, std::move(stop));
    }
    std::vector<fs::path> modelFiles(const fs::path& model) const override { return lectern::modelFiles(model); }
    Result<std::unique_ptr<Session>> createSession(const NewSession& request) override {
        return widen(SessionImpl::create(context(), request));
    }
    Result<std::unique_ptr<Session>> openSession(const fs::path& file, std::string_view model) override {
        return widen(SessionImpl::open(context(), file, model));
    }
    Result<std::unique_ptr<Session>> peekSession(const fs::path& file) override {
        return widen(SessionImpl::peek(context(), file));
    }
    Result<std::unique_ptr<SessionRows>> editSession(const fs::path& file) override {
        auto session = SessionImpl::edit(context(), file);
        if (!session) return session.error();
        return std::unique_ptr<SessionRows>(std::move(*session));
    }
    Result<VerifyReport> verifySession(const fs::path& file, std::stop_token stop, double share) override;
    Result<VerifyReport> repairSession(const fs::path& file, std::string_view model, std::stop_token stop) override;
    Status rereadSession(const fs::path& file, std::string_view model, const IngestEvents& events,
                         std::stop_token stop) override;
    Result<FileSizes> compactSession(const fs::path& file) override { return compactFile(file); }
    Result<FileSizes> stripSession(const fs::path& file) override { return SessionImpl::strip(context(), file); }
    Result<SessionOnDisk> sessionOnDisk(const fs::path& file) override { return lectern::sessionOnDisk(file); }
    Status wipeSession(const fs::path& file) override { return wipeFile(file); }

private:
    using Quantizers = std::vector<std::shared_ptr<const Quantizer>>;

    std::vector<ContextFit> fitsMemory(const ModelInfo& model) const;
    Result<std::optional<std::uint64_t>> deviceRoom(std::string_view model);
    Result<Quantizers> quantizersFor(const LoadedModel& model, const PerplexityRequest& request);
    static Result<std::unique_ptr<Session>> widen(Result<std::unique_ptr<SessionImpl>> session) {
        if (!session) return session.error();
        return std::unique_ptr<Session>(std::move(*session));
    }
    SessionContext context() { return {m_models, m_pool, m_options}; }

    EngineOptions m_options;
    ThreadPool m_pool;
    ComputeDevice m_device;
    mutable ModelLibrary m_models;
};

std::vector<DeviceInfo> EngineImpl::devices() const {
    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = processorName();
    cpu.memory = totalMemory();
    cpu.memory_free = freeMemory();
    cpu.cores = processorCores();
    cpu.isa = kernels::bestKernels().name;
    std::vector<DeviceInfo> all = {cpu};
    for (auto& device : m_device.infos()) all.push_back(std::move(device));
    return all;
}

/// What fits beside the weights of a model, at each bit width.
std::vector<ContextFit> EngineImpl::fitsMemory(const ModelInfo& model) const {
    const auto free = m_options.memory_limit != 0 ? m_options.memory_limit : freeMemory();
    const auto left = double(free - std::min(free, model.weights_bytes));
    std::vector<ContextFit> fits;
    for (const char* name : {"fp16", "nuq4", "nuq3", "nuq2"}) {
        const auto page = pageBytes(*parseKvSettings(name), model.layers, {model.kv_heads, model.head_dim});
        ContextFit fit{name, double(page) / kernels::kPageTokens, 0, 0};
        fit.tokens = std::uint64_t(left / fit.bytes_per_token);
        fits.push_back(std::move(fit));
    }
    return fits;
}

std::vector<ModelInfo> EngineImpl::listModels() const {
    std::vector<ModelInfo> all = m_models.list();
    for (ModelInfo& model : all)
        if (model.problem.empty()) model.fits = fitsMemory(model);
    return all;
}

Result<std::vector<ContextFit>> EngineImpl::contextFit(std::string_view model) {
    auto info = m_models.info(model);
    if (!info) return info.error();
    const auto room = deviceRoom(model);
    if (!room) return room.error();
    std::vector<ContextFit> fits = fitsMemory(*info);
    for (ContextFit& fit : fits) {
        const auto settings = parseKvSettings(fit.kv);
        if (!*room) continue;
        const ModelConfig& config = (*m_models.open(model))->model->config;
        fit.device_tokens = contextThatFits(*settings, config, **room);
        // Of a longer context the CPU has the rest, unless nothing can be read on the device.
        const bool none = leastContextBytes(*settings, config, fit.tokens) > **room;
        if (m_device.required() && none) fit.tokens = std::min(fit.tokens, fit.device_tokens);
    }
    return fits;
}

/// Device memory for pages of a model, or nothing where it is not computed on one. Errors: a device was named.
Result<std::optional<std::uint64_t>> EngineImpl::deviceRoom(std::string_view model) {
    if (!m_device.wanted()) return std::optional<std::uint64_t>();
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    const auto device = m_device.open();
    Status served = device ? DeviceModel::served(*(*loaded)->model) : Status(device.error());
    if (!served && m_device.required()) return served.error();
    if (!served) return std::optional<std::uint64_t>();
    auto room = m_models.deviceRoom(**loaded);
    if (!room) return room.error();
    return std::optional(*room);
}

Result<std::vector<std::int32_t>> EngineImpl::tokenize(std::string_view model, std::string_view text, bool bos,
                                                       bool eos) {
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    auto ids = tokenizer.encode(text);
    if (bos && tokenizer.spec().bos >= 0) ids.insert(ids.begin(), tokenizer.spec().bos);
    if (eos && tokenizer.spec().eos >= 0) ids.push_back(tokenizer.spec().eos);
    return ids;
}

Result<std::string> EngineImpl::detokenize(std::string_view model, const std::vector<std::int32_t>& ids) {
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    for (const auto id : ids) {
        if (id < 0 || id >= tokenizer.vocabSize())
            return Error{ErrorCode::Usage, "There is no token " + std::to_string(id) +
                                               " in this model's vocabulary of " +
                                               std::to_string(tokenizer.vocabSize()) + "."};
    }
    return tokenizer.decode(ids);
}

Result<EngineImpl::Quantizers> EngineImpl::quantizersFor(const LoadedModel& model, const PerplexityRequest& request) {
    if (request.calibrations.empty()) return m_models.quantizers(model, request.settings, request.calibration);
    if (request.calibrations.size() != request.settings.size())
        return Error{ErrorCode::Usage, "A measurement needs one calibration for each setting, or one for all."};
    std::map<std::string, Quantizers> known;  // by file: each is read once
    Quantizers quantizers;
    for (std::size_t i = 0; i < request.settings.size(); ++i) {
        const std::string& which = request.calibrations[i];
        if (known.count(which) == 0) {
            std::vector<KvSettings> users = request.settings;
            for (std::size_t other = 0; other < users.size(); ++other)
                if (request.calibrations[other] != which) users[other] = *parseKvSettings("fp16");
            auto made = m_models.quantizers(model, users, which);
            if (!made) return made.error();
            known[which] = std::move(*made);
        }
        quantizers.push_back(known[which][i]);
    }
    return quantizers;
}

Result<std::vector<PerplexityRow>> EngineImpl::perplexity(std::string_view model, const PerplexityRequest& request,
                                                          const std::function<void(double)>& progress,
                                                          std::stop_token stop) {
    const auto text = readText(request.text);
    if (!text) return text.error();
    const auto fit_text = request.fit_text.empty() ? Result<std::string>(std::string()) : readText(request.fit_text);
    if (!fit_text) return fit_text.error();
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    auto quantizers = quantizersFor(**loaded, request);
    if (!quantizers) return quantizers.error();
    auto placed = m_models.place(**loaded, request.settings, std::uint64_t(std::max(0, request.context)));
    if (!placed) return placed.error();
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    return measurePerplexity(**placed, std::move(*quantizers), m_pool, tokenizer.encode(*text), request, progress, stop,
                             tokenizer.encode(*fit_text));
}

Result<ConvertInfo> EngineImpl::convertModel(std::string_view model, const ConvertRequest& request,
                                             const std::function<void(double)>& progress, std::stop_token stop) {
    const auto started = std::chrono::steady_clock::now();
    const auto type = writableWeightType(request.weights);
    if (!type)
        return Error{ErrorCode::Usage, "Weights cannot be written as \"" + request.weights +
                                           "\"; possible are F32, F16, BF16, Q8_0, Q4_K and Q4_0."};
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    const auto bytes = lectern::convertModel(*(*loaded)->model, *type, request.out, progress, stop, &m_pool);
    if (!bytes) return bytes.error();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    return ConvertInfo{request.out, *bytes, seconds.count()};
}

Result<CalibrationInfo> EngineImpl::calibrate(std::string_view model, const CalibrationRequest& request,
                                              const std::function<void(double)>& progress, std::stop_token stop) {
    const auto started = std::chrono::steady_clock::now();
    if (m_device.required())
        return Error{ErrorCode::Usage, "Calibrating is computed on the CPU alone, \"" + m_options.device +
                                           "\" cannot do it: use --device cpu, or leave it out."};
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    const Tokenizer& tokenizer = *(*loaded)->tokenizer;
    std::vector<std::int32_t> ids;
    std::string names;
    auto texts = request.texts;
    if (texts.empty() && m_options.calibration_text.empty())
        return Error{ErrorCode::Usage, "Lectern's own calibration text is not installed: give a text to calibrate on."};
    if (texts.empty()) texts = {m_options.calibration_text};
    for (const auto& file : texts) {
        const auto text = readText(file);
        if (!text) return text.error();
        const auto more = tokenizer.encode(*text);
        ids.insert(ids.end(), more.begin(), more.end());
        names += (names.empty() ? "" : ", ") + file.filename().string();
    }
    const auto bos = tokenizer.spec().add_bos ? tokenizer.spec().bos : -1;
    auto made = lectern::calibrate((*loaded)->model, m_pool, kernels::bestKernels(), ids, bos, request.settings,
                                   progress, stop);
    if (!made) return made.error();
    made->text = names;
    CalibrationInfo info;
    info.file = request.out.empty() ? ModelLibrary::calibrationFile((*loaded)->model->path) : request.out;
    if (auto saved = saveCalibration(*made, info.file); !saved) return saved.error();
    info.tokens = made->tokens;
    info.outliers = request.settings.outliers;
    info.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return info;
}

Result<SpeedReport> EngineImpl::speed(std::string_view model, const SpeedRequest& request,
                                      const std::function<void(double)>& progress, std::stop_token stop) {
    auto loaded = m_models.open(model);
    if (!loaded) return loaded.error();
    if (auto sane = checkSpeed(**loaded, request); !sane) return sane.error();
    const auto longest = *std::max_element(request.contexts.begin(), request.contexts.end());
    auto placed = m_models.place(**loaded, request.settings, std::uint64_t(longest + request.decode_tokens));
    if (!placed) return placed.error();
    SpeedReport report;
    report.threads = m_pool.threads();
    report.read_gb_per_s = readBandwidth(m_pool) / 1e9;
    report.device = (*placed)->processor.id;
    report.device_name = (*placed)->processor.name;
    if ((*placed)->on_device != nullptr) {
        const auto device = m_device.open();
        const auto bandwidth = device ? deviceBandwidth(*device) : Result<double>(device.error());
        if (!bandwidth) return bandwidth.error();
        report.device_gb_per_s = *bandwidth / 1e9;
    }
    auto rows = measureSpeed(**placed, request, progress, stop);
    if (!rows) return rows.error();
    report.rows = std::move(*rows);
    return report;
}

Result<VerifyReport> EngineImpl::verifySession(const fs::path& file, std::stop_token stop, double share) {
    auto store = SessionStore::open(file, OpenMode::ReadOnly);
    if (!store) return store.error();
    auto damage = store->verify([stop] { return stop.stop_requested(); }, share);
    if (!damage) return damage.error();
    return reportOf(*damage);
}

Result<VerifyReport> EngineImpl::repairSession(const fs::path& file, std::string_view model, std::stop_token stop) {
    StoreDamage damage;
    {
        auto store = SessionStore::open(file, OpenMode::ReadOnly);
        if (!store) return store.error();
        auto found = store->verify([stop] { return stop.stop_requested(); });
        if (!found) return found.error();
        damage = std::move(*found);
    }
    // With texts and tokens gone there is nothing to compute from.
    if (damage.blocks.empty() || !damage.problems.empty()) return reportOf(damage);
    auto outcome = repairBlocks(context(), file, model, damage.blocks, stop);
    if (!outcome) return outcome.error();
    auto after = verifySession(file, stop, 1);
    if (!after) return after;
    after->repaired = damage.blocks.size();
    after->computed = outcome->computed;
    after->identical = outcome->identical;
    return after;
}

Status EngineImpl::rereadSession(const fs::path& file, std::string_view model, const IngestEvents& events,
                                 std::stop_token stop) {
    auto session = SessionImpl::reopenWithModel(context(), file, model);
    if (!session) return session.error();
    return (*session)->ingest(events, stop);
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(EngineOptions options) {
    const std::string& device = options.device;
    if (device != "auto" && device != "cpu" && device != "cuda" && !device.starts_with("cuda:"))
        return Error{ErrorCode::Usage, "\"" + device + "\" is not a device; possible are auto, cpu, cuda and cuda:N."};
    ComputeDevice named(options);
    if (named.required()) {
        if (auto there = named.open(); !there) return there.error();
    }
    if (options.threads < 0 || options.threads > 512)
        return Error{ErrorCode::Usage, "The number of threads must lie between 1 and 512 (0 = all cores)."};
    return std::unique_ptr<Engine>(std::make_unique<EngineImpl>(std::move(options)));
}

}  // namespace lectern
