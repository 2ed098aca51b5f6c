// SPDX-License-Identifier: GPL-3.0-or-later
// How commands that measure a model open it and show how far they are.
#pragma once

#include <memory>
#include <string_view>

#include "app/cli/command.h"
#include "app/cli/options.h"
#include "app/cli/progress_line.h"

namespace lectern::cli {

/// An engine and what it knows of the model that was asked for.
struct OpenedModel {
    std::unique_ptr<Engine> engine;
    ModelInfo info;
};

/// Errors: of Engine::create and Engine::modelInfo.
inline Result<OpenedModel> openModel(const EngineFlags& flags, CommandContext& context) {
    auto engine = context.make_engine(flags.options);
    if (!engine) return engine.error();
    auto info = (*engine)->modelInfo(flags.model);
    if (!info) return info.error();
    return OpenedModel{std::move(*engine), std::move(*info)};
}

/// Calls work(progress), where progress(done) draws a line that says `verb`; the line is gone when it returns.
template <class Work>
auto withProgress(CommandContext& context, std::string_view verb, Work work) {
    ProgressLine line(context.io.err, context.io.err_is_terminal ? context.io.columns : 0);
    return work([&](double done) { line.show(done, verb); });
}

}  // namespace lectern::cli
