// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model_files.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "engine/machine.h"
#include "engine/model/gguf_parts.h"
#include "engine/model_library.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = std::size_t(4) << 20;  // bytes between two looks at the stop token
constexpr std::array kModelEndings = {".json", ".safetensors", ".model", ".tiktoken", ".jinja", ".txt", ".kvq", ".md"};

bool isFile(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

std::vector<fs::path> folderFiles(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string ending = entry.path().extension().string();
        const bool known = std::find(kModelEndings.begin(), kModelEndings.end(), ending) != kModelEndings.end();
        if (known && isFile(entry.path())) files.push_back(entry.path());
    }
    return files;
}

/// A folder that goes with all that is in it, unless it was given another name.
class Draft {
public:
    explicit Draft(fs::path path) : m_path(std::move(path)) { remove(); }
    ~Draft() { remove(); }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    const fs::path& path() const { return m_path; }

private:
    void remove() const {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    fs::path m_path;
};

/// What is told while files are copied.
struct CopyProgress {
    const std::function<void(double)>& report;
    std::stop_token stop;
    std::uint64_t done = 0, all = 0;
};

Status copyFile(const fs::path& from, const fs::path& to, CopyProgress& progress) {
    std::ifstream in(from, std::ios::binary);
    if (!in) return Error{ErrorCode::Failed, "\"" + from.string() + "\" cannot be read: check that you may read it."};
    std::ofstream out(to, std::ios::binary);
    std::vector<char> piece(kPiece);
    while (in && out) {
        if (progress.stop.stop_requested())
            return Error{ErrorCode::Interrupted,
                         "Copying \"" + from.string() + "\" was stopped; nothing of it is kept."};
        in.read(piece.data(), std::streamsize(piece.size()));
        out.write(piece.data(), in.gcount());
        progress.done += std::uint64_t(in.gcount());
        if (progress.report && progress.all > 0) progress.report(double(progress.done) / double(progress.all));
    }
    out.flush();
    if (in.bad() || !in.eof() || !out)
        return Error{ErrorCode::Failed, "\"" + from.string() + "\" could not be copied to \"" +
                                            to.parent_path().string() +
                                            "\": check that the disk has room and is writable."};
    return {};
}

/// Gives the copied files the names they are to have. A folder goes at once, files one after another, the one that the
/// model is opened by last.
Status unveil(const fs::path& draft, const fs::path& target, bool folder) {
    std::error_code failed;
    if (folder) {
        fs::rename(draft, target, failed);
    } else {
        for (const auto& entry : fs::directory_iterator(draft, failed))
            if (!failed && entry.path().filename() != target.filename())
                fs::rename(entry.path(), target.parent_path() / entry.path().filename(), failed);
        if (!failed) fs::rename(draft / target.filename(), target, failed);
    }
    if (!failed) return {};
    return Error{ErrorCode::Failed, "\"" + target.string() + "\" cannot be written (" + failed.message() +
                                        "): check that you may write there."};
}

}  // namespace

std::vector<fs::path> modelFiles(const fs::path& model) {
    std::error_code ignored;
    std::vector<fs::path> files;
    if (fs::is_directory(model, ignored)) {
        files = folderFiles(model);
    } else if (const auto part = ggufPartName(model)) {
        for (int number = 1; number <= part->parts; ++number)
            files.push_back(model.parent_path() / part->fileName(number));
    } else {
        files.push_back(model);
    }
    if (!fs::is_directory(model, ignored)) files.push_back(ModelLibrary::calibrationFile(model));
    std::erase_if(files, [](const fs::path& file) { return !isFile(file); });
    std::sort(files.begin(), files.end());
    return files;
}

Result<fs::path> copyModel(const fs::path& model, const fs::path& folder, const std::function<void(double)>& progress,
                           std::stop_token stop) {
    std::error_code failed;
    const fs::path source = model.has_filename() ? model : model.parent_path();  // "folder/" has none
    const fs::path target = folder / source.filename();
    fs::create_directories(folder, failed);
    if (fs::exists(target, failed))
        return Error{ErrorCode::Usage, "There is a model \"" + target.filename().string() + "\" in \"" +
                                           folder.string() +
                                           "\" already: remove that one first, or use this one where it is."};
    const std::vector<fs::path> files = modelFiles(source);
    CopyProgress copied{progress, std::move(stop)};
    for (const fs::path& file : files) copied.all += fs::file_size(file, failed);
    if (const std::uint64_t free = freeDisk(folder); free != 0 && copied.all > free)
        return Error{ErrorCode::NoRoom, "Copying \"" + source.string() + "\" needs " + byteText(copied.all) +
                                            " on disk and " + byteText(free) +
                                            " is free: use it where it is, or make room."};
    const Draft draft(folder / ("." + target.filename().string() + ".importing"));
    fs::create_directories(draft.path(), failed);
    for (const fs::path& file : files)
        if (auto one = copyFile(file, draft.path() / file.filename(), copied); !one) return one.error();
    if (auto there = unveil(draft.path(), target, fs::is_directory(source, failed)); !there) return there.error();
    return target;
}

}  // namespace lectern
