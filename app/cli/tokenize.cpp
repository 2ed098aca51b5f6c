// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli tokenize: text to token ids and back.
#include <CLI/CLI.hpp>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

struct TokenizeFlags {
    EngineFlags engine;
    bool bos = false, eos = false, decode = false, json = false;
};

constexpr std::string_view kSpace = " \t\r\n";

Result<std::vector<std::int32_t>> parseIds(std::string_view text) {
    std::vector<std::int32_t> ids;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
        if (text.empty()) return ids;
        const std::string_view word = text.substr(0, text.find_first_of(kSpace));
        std::int32_t id = 0;
        const auto parsed = std::from_chars(word.data(), word.data() + word.size(), id);
        if (parsed.ec != std::errc() || parsed.ptr != word.data() + word.size()) {
            return Error{ErrorCode::BadInput,
                         "\"" + oneLine(word, 40) + "\" on standard input is no token id: give numbers with spaces."};
        }
        ids.push_back(id);
        text.remove_prefix(word.size());
    }
}

int decode(Engine& engine, const TokenizeFlags& flags, const std::string& input, CommandContext& context) {
    const auto ids = parseIds(input);
    if (!ids) return report(context, ids.error());
    const auto text = engine.detokenize(flags.engine.model, *ids);
    if (!text) return report(context, text.error());
    if (flags.json)
        writeLine(context.io.out, {{"text", *text}});
    else
        context.io.out << *text;
    return kDone;
}

int encode(Engine& engine, const TokenizeFlags& flags, const std::string& input, CommandContext& context) {
    const auto ids = engine.tokenize(flags.engine.model, input, flags.bos, flags.eos);
    if (!ids) return report(context, ids.error());
    if (flags.json) {
        writeLine(context.io.out, {{"ids", *ids}});
        return kDone;
    }
    for (std::size_t i = 0; i < ids->size(); ++i) context.io.out << (i == 0 ? "" : " ") << (*ids)[i];
    context.io.out << '\n';
    return kDone;
}

int tokenize(const TokenizeFlags& flags, CommandContext& context) {
    const std::string input(std::istreambuf_iterator<char>(context.io.in), {});
    if (context.stop.stop_requested()) return kInterrupted;
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    return flags.decode ? decode(**engine, flags, input, context) : encode(**engine, flags, input, context);
}

}  // namespace

Action declareTokenize(CLI::App& app) {
    const auto flags = std::make_shared<TokenizeFlags>();
    addModel(app, flags->engine, "A model file, folder or name (default: the built-in model)");
    CLI::Option* bos = app.add_flag("--bos", flags->bos, "Begin with the token that begins texts");
    CLI::Option* eos = app.add_flag("--eos", flags->eos, "End with the token that ends texts");
    app.add_flag("--decode", flags->decode, "Token ids on standard input to text")->excludes(bos)->excludes(eos);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return tokenize(*flags, context); };
}

}  // namespace lectern::cli
