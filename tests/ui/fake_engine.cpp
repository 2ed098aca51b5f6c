// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/fake_engine.h"

#include <algorithm>
#include <fstream>

#include "tests/ui/support/fake_pages.h"
#include "tests/ui/support/fake_session.h"
#include "tests/ui/support/fake_summary.h"

namespace lectern::test {
namespace {

ModelInfo builtIn(const FakeWorld& world) {
    ModelInfo info;
    info.name = "Lectern Reader";
    info.architecture = "llama";
    info.fingerprint = world.other_model ? "fake-2" : "fake-1";
    info.path = "/fake/lectern-reader.gguf";
    info.trained_context = 4096;
    info.layers = kFakeLayers;
    info.kv_heads = kFakeHeads;
    info.head_dim = kFakeHeadDim;
    info.parameters = 4'900'000;
    info.weights_bytes = kFakeWeights;
    info.built_in = true;
    if (world.calibrated) info.calibrated = {0, 0.01};
    return info;
}

}  // namespace

ModelInfo fakeModel(const fs::path& path) {
    ModelInfo info;
    info.name = path.stem().string();
    info.architecture = "llama";
    info.path = path;
    info.weight_types = "F32, Q4_K, Q6_K";
    info.trained_context = 131'072;
    info.layers = 32;
    info.kv_heads = 8;
    info.head_dim = 128;
    info.parameters = 8'030'000'000;
    info.weights_bytes = 4'920'000'000;
    for (const auto& [name, tokens] :
         {std::pair("fp16", 125'000), {"nuq4", 440'000}, {"nuq3", 560'000}, {"nuq2", 790'000}})
        info.fits.push_back({name, 0, std::uint64_t(tokens)});
    return info;
}

namespace {

class FakeEngine final : public Engine {
public:
    FakeEngine(std::shared_ptr<FakeWorld> world, std::vector<fs::path> further)
        : m_world(std::move(world)), m_further(std::move(further)) {}

    std::vector<DeviceInfo> devices() const override {
        DeviceInfo cpu;
        cpu.id = "cpu";
        cpu.name = "Test CPU";
        cpu.cores = 16;
        cpu.isa = "avx512";
        return {cpu};
    }
    std::vector<ModelInfo> listModels() const override;
    Result<ModelInfo> modelInfo(std::string_view path) override {
        for (ModelInfo& model : listModels())
            if (model.path == path && !model.built_in) return model.fingerprint = "fake-" + model.name, model;
        return builtIn(*m_world);
    }
    Result<fs::path> importModel(const fs::path& model, const fs::path& folder,
                                 const std::function<void(double)>& progress, std::stop_token stop) override;
    std::vector<fs::path> modelFiles(const fs::path& model) const override { return {model}; }
    Result<std::vector<ContextFit>> contextFit(std::string_view) override {
        std::vector<ContextFit> fits;
        for (const auto& [name, bits] : {std::pair("nuq4", 4.6), {"nuq3", 3.6}, {"nuq2", 2.6}, {"fp16", 16.0}}) {
            const double bytes = double(kFakeFp16PerToken) * bits / 16;
            fits.push_back({name, bytes, std::uint64_t(6.2e9 / bytes)});
        }
        return fits;
    }
    Result<std::vector<std::int32_t>> tokenize(std::string_view, std::string_view, bool, bool) override {
        return std::vector<std::int32_t>();
    }
    Result<std::string> detokenize(std::string_view, const std::vector<std::int32_t>&) override {
        return std::string();
    }
    Result<std::vector<PerplexityRow>> perplexity(std::string_view, const PerplexityRequest&,
                                                  const std::function<void(double)>&, std::stop_token) override {
        return std::vector<PerplexityRow>();
    }
    Result<CalibrationInfo> calibrate(std::string_view, const CalibrationRequest& request,
                                      const std::function<void(double)>& progress, std::stop_token stop) override;
    Result<ConvertInfo> convertModel(std::string_view, const ConvertRequest& request,
                                     const std::function<void(double)>&, std::stop_token) override {
        return ConvertInfo{request.out, 0, 0};
    }
    Result<SessionSpeedReport> sessionSpeed(const SessionSpeedRequest&, const std::function<void(double)>&,
                                            std::stop_token) override {
        return SessionSpeedReport();
    }

    Result<SpeedReport> speed(std::string_view, const SpeedRequest&, const std::function<void(double)>&,
                              std::stop_token) override {
        return SpeedReport();
    }
    Result<std::unique_ptr<Session>> createSession(const NewSession& request) override;
    Result<std::unique_ptr<Session>> openSession(const fs::path& file, std::string_view) override;
    Result<std::unique_ptr<Session>> peekSession(const fs::path& file) override;
    Result<std::unique_ptr<SessionRows>> editSession(const fs::path& file) override {
        return std::unique_ptr<SessionRows>(std::make_unique<FakeSession>(m_world, file, false));
    }
    Result<VerifyReport> verifySession(const fs::path&, std::stop_token, double) override { return VerifyReport(); }
    Result<VerifyReport> repairSession(const fs::path&, std::string_view, std::stop_token) override {
        m_world->damaged = false;
        VerifyReport report;
        report.ok = true;
        report.repaired = report.computed = report.identical = 4;
        return report;
    }
    Result<FileSizes> compactSession(const fs::path&) override { return FileSizes(); }
    Result<FileSizes> stripSession(const fs::path& file) override {
        const std::lock_guard lock(m_world->lock);
        if (m_world->busy) return Error{ErrorCode::Busy, "\"" + file.string() + "\" is open elsewhere."};
        m_world->stripped.push_back(file);
        return FileSizes{fs::file_size(file), 1000};
    }
    /// A file is as large as it was made; all of it is cache.
    Result<SessionOnDisk> sessionOnDisk(const fs::path& file) override {
        std::error_code missing;
        const auto bytes = fs::file_size(file, missing);
        if (missing) return Error{ErrorCode::BadInput, "There is no session \"" + file.string() + "\"."};
        return SessionOnDisk{file, bytes, bytes, 0};
    }
    Status wipeSession(const fs::path&) override { return {}; }
    Status rereadSession(const fs::path& file, std::string_view, const IngestEvents& events,
                         std::stop_token stop) override;

private:
    std::shared_ptr<FakeWorld> m_world;
    std::vector<fs::path> m_further;  ///< models that are used where they are
};

/// Those of the world whose files are there.
std::vector<ModelInfo> FakeEngine::listModels() const {
    std::vector<ModelInfo> all = {builtIn(*m_world)};
    const std::lock_guard lock(m_world->lock);
    for (const ModelInfo& model : m_world->models)
        if (fs::exists(model.path)) all.push_back(model);
    for (const fs::path& path : m_further) all.push_back(fakeModel(path));
    return all;
}

Result<fs::path> FakeEngine::importModel(const fs::path& model, const fs::path& folder,
                                         const std::function<void(double)>& progress, std::stop_token stop) {
    const fs::path target = folder / model.filename();
    if (fs::exists(target)) return Error{ErrorCode::Usage, "There is a model " + target.string() + " already."};
    for (int piece = 1; piece <= 16; ++piece) {
        if (!pass(m_world->piece_ms, stop)) return interrupted();
        progress(piece / 16.0);
    }
    fs::create_directories(folder);
    fs::copy_file(model, target);
    const std::lock_guard lock(m_world->lock);
    m_world->models.push_back(fakeModel(target));
    return target;
}

Result<CalibrationInfo> FakeEngine::calibrate(std::string_view, const CalibrationRequest& request,
                                              const std::function<void(double)>& progress, std::stop_token stop) {
    for (int sequence = 1; sequence <= 16; ++sequence) {
        if (!pass(m_world->piece_ms, stop)) return interrupted();
        progress(sequence / 16.0);
    }
    m_world->calibration_texts = int(request.texts.size());
    m_world->calibration_shares = int(request.settings.outliers.size());
    m_world->calibrated = true;
    return CalibrationInfo{"/fake/lectern-reader.kvq", 32'768, request.settings.outliers, 12};
}

Result<std::unique_ptr<Session>> FakeEngine::createSession(const NewSession& request) {
    const fs::path& file = request.file;
    if (fs::exists(file)) return Error{ErrorCode::BadInput, file.string() + " is there already; choose another name."};
    std::ofstream(file) << "fake session";
    if (!fs::exists(file))
        return Error{ErrorCode::Failed, file.string() + " cannot be written; choose another folder."};
    {
        const std::lock_guard guard(m_world->lock);
        m_world->files[file] = {builtIn(*m_world).fingerprint, request.kv, {}, {}, 0, m_world->calibrated, {}};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, false));
}

Result<std::unique_ptr<Session>> FakeEngine::openSession(const fs::path& file, std::string_view) {
    pass(m_world->open_ms, {});
    if (m_world->busy)
        return Error{ErrorCode::Busy, file.filename().string() + " is open in another program; close it there."};
    {
        const std::lock_guard guard(m_world->lock);
        const auto known = m_world->files.find(file);
        if (known == m_world->files.end()) return Error{ErrorCode::BadInput, "There is no such session."};
        if (known->second.fingerprint != builtIn(*m_world).fingerprint)
            return Error{ErrorCode::WrongModel, file.filename().string() +
                                                    " was made by another model, Lectern Reader 0; its "
                                                    "cache is of no use to the one chosen."};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, false));
}

Result<std::unique_ptr<Session>> FakeEngine::peekSession(const fs::path& file) {
    {
        const std::lock_guard guard(m_world->lock);
        if (!m_world->files.contains(file) || !fs::exists(file))
            return Error{ErrorCode::BadInput,
                         file.filename().string() + " is not a Lectern session; choose a .lectern file."};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, true));
}

Status FakeEngine::rereadSession(const fs::path& file, std::string_view, const IngestEvents& events,
                                 std::stop_token stop) {
    {
        const std::lock_guard guard(m_world->lock);
        FakeFile& state = m_world->files[file];
        state.fingerprint = builtIn(*m_world).fingerprint;
        state.tokens = 0;
        for (FakeDocument& document : state.documents) {
            if (document.info.state != DocumentState::Failed) document.info.state = DocumentState::Queued;
            for (PageInfo& page : document.pages) page.in_context = false;
        }
    }
    return FakeSession(m_world, file, false).ingest(events, stop);
}

}  // namespace

ui::Services fakeServices(std::shared_ptr<FakeWorld> world, fs::path sample) {
    ui::Services services;
    services.sample = std::move(sample);
    services.make_engine = [world](const EngineOptions& options) -> Result<std::unique_ptr<Engine>> {
        pass(world->start_ms, {});
        return std::unique_ptr<Engine>(std::make_unique<FakeEngine>(world, options.models));
    };
    services.needs_password = [](const Error& error) { return error.message.find("password") != std::string::npos; };
    services.document_problem = [](const Error& error) {
        const bool gone = error.message.find("is not where it was") != std::string::npos;
        return DocumentProblemParts{gone ? DocumentProblem::Missing : DocumentProblem::Other, {}};
    };
    services.can_recognize = [world] { return world->can_recognize.load(); };
    services.machine_memory = [] { return ui::MachineMemory{32'000'000'000, 21'400'000'000}; };
    services.conversation_text = fakeConversationText;
    services.summary_text = fakeSummaryText;
    services.make_page_source = makeFakePageSource;
    return services;
}

}  // namespace lectern::test
