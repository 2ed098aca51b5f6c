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
constexpr char kDraftEnding[] = ".importing";
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
    explicit Draft(fs::path path) : m_path(std::move(path)) {}
    ~Draft() {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

/// Drafts of copies that were cut off: nobody sees them, and they take room.
void sweep(const fs::path& folder) {
    std::error_code ignored;
    std::vector<fs::path> drafts;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') && name.ends_with(kDraftEnding)) drafts.push_back(entry.path());
    }
    for (const fs::path& draft : drafts) fs::remove_all(draft, ignored);
}

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

Error cannotBeWritten(const fs::path& target, const std::error_code& why) {
    return {ErrorCode::Failed,
            "\"" + target.string() + "\" cannot be written (" + why.message() + "): check that you may write there."};
}

/// Puts the copied files of a GGUF model beside the draft's folder, the one that it is opened by last: all or none.
Status moveOut(const fs::path& draft, const std::vector<fs::path>& files, const fs::path& target) {
    std::error_code failed;
    std::vector<fs::path> moved;
    const auto move = [&](const fs::path& name) {
        if (failed) return;
        moved.push_back(target.parent_path() / name);
        fs::rename(draft / name, moved.back(), failed);
    };
    for (const fs::path& file : files)
        if (file.filename() != target.filename()) move(file.filename());
    move(target.filename());
    if (!failed) return {};
    const Error error = cannotBeWritten(target, failed);
    for (const fs::path& file : moved) fs::remove(file, failed);
    return error;
}

/// The first of the model's files whose name is taken in `folder`; empty: none.
fs::path taken(const fs::path& folder, const fs::path& target, const std::vector<fs::path>& files, bool whole) {
    std::error_code ignored;
    if (fs::exists(target, ignored)) return target;
    for (const fs::path& file : files)
        if (!whole && fs::exists(folder / file.filename(), ignored)) return folder / file.filename();
    return {};
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

std::string modelStamp(const fs::path& model) {
    std::string stamp;
    for (const fs::path& file : modelFiles(model)) {
        if (file.extension() == ".kvq") continue;  // a calibration is none of the model's content
        std::error_code ignored;
        stamp += std::to_string(fs::file_size(file, ignored)) + '@' +
                 std::to_string(fs::last_write_time(file, ignored).time_since_epoch().count()) + ';';
    }
    return stamp;
}

Result<fs::path> copyModel(const fs::path& model, const fs::path& folder, const std::function<void(double)>& progress,
                           std::stop_token stop) {
    std::error_code failed;
    const fs::path source = model.has_filename() ? model : model.parent_path();  // "folder/" has none
    const fs::path target = folder / source.filename();
    const std::vector<fs::path> files = modelFiles(source);
    const bool whole = fs::is_directory(source, failed);
    fs::create_directories(folder, failed);
    if (const fs::path there = taken(folder, target, files, whole); !there.empty())
        return Error{ErrorCode::Usage, "There is \"" + there.filename().string() + "\" in \"" + folder.string() +
                                           "\" already: remove that model first, or use this one where it is."};
    sweep(folder);
    CopyProgress copied{progress, std::move(stop)};
    for (const fs::path& file : files) copied.all += fs::file_size(file, failed);
    if (const std::uint64_t free = freeDisk(folder); free != 0 && copied.all > free)
        return Error{ErrorCode::NoRoom, "Copying \"" + source.string() + "\" needs " + byteText(copied.all) +
                                            " on disk and " + byteText(free) +
                                            " is free: use it where it is, or make room."};
    const Draft draft(folder / ("." + target.filename().string() + kDraftEnding));
    fs::create_directories(draft.path(), failed);
    for (const fs::path& file : files)
        if (auto one = copyFile(file, draft.path() / file.filename(), copied); !one) return one.error();
    if (!whole) {
        if (auto there = moveOut(draft.path(), files, target); !there) return there.error();
        return target;
    }
    fs::rename(draft.path(), target, failed);
    if (failed) return cannotBeWritten(target, failed);
    return target;
}

}  // namespace lectern
