// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

std::span<const Command> commands() {
    static constexpr std::array kCommands = {
        Command{"ingest", "Read documents into a session, or go on where reading stopped",
                "  lectern-cli ingest case.lectern contracts/ letter.pdf --kv nuq3\n"
                "  lectern-cli ingest case.lectern            go on after an interruption\n",
                declareIngest},
        Command{"ask", "Ask a question; the answer comes as it is made, then the pages it attended to",
                "  lectern-cli ask case.lectern \"Who signed the contract?\"\n"
                "  lectern-cli ask case.lectern --branch costs --json \"What did it cost?\"\n"
                "  lectern-cli ask case.lectern --branch other --from main:2 \"And in 1901?\"     ask turn 3 again\n",
                declareAsk},
        Command{"summarize", "Summarize the documents, or a part of them, section by section, with the pages",
                "  lectern-cli summarize case.lectern\n"
                "  lectern-cli summarize case.lectern --document report.pdf --length short --out report.md\n"
                "  lectern-cli summarize case.lectern --section \"The Accounts\" --json\n",
                declareSummarize},
        Command{"branch", "List, fork, rename, delete and bring back conversations",
                "  lectern-cli branch list case.lectern\n"
                "  lectern-cli branch fork case.lectern costs --from main:2\n"
                "  lectern-cli branch delete case.lectern costs\n",
                declareBranch},
        Command{"document", "Switch documents off for questions, take them out, or move them",
                "  lectern-cli document off case.lectern letter.pdf\n"
                "  lectern-cli document remove case.lectern letter.pdf\n"
                "  lectern-cli document move case.lectern contract.pdf --to 1\n",
                declareDocument},
        Command{"info", "Show a session: documents, coverage, branches, memory, layers",
                "  lectern-cli info case.lectern\n  lectern-cli info case.lectern --json\n"
                "  lectern-cli info case.lectern --fidelity     measure what compression changes first\n",
                declareInfo},
        Command{"verify", "Check every block of a session; --repair computes damaged ones again",
                "  lectern-cli verify case.lectern\n  lectern-cli verify case.lectern --sample 5\n"
                "  lectern-cli verify case.lectern --repair\n",
                declareVerify},
        Command{"export", "Write the conversations of a session as Markdown, HTML or JSON",
                "  lectern-cli export case.lectern --out case.md\n  lectern-cli export case.lectern --format json\n",
                declareExport},
        Command{"compact", "Write a session's file anew without the room that nothing uses",
                "  lectern-cli compact case.lectern\n", declareCompact},
        Command{"strip", "Drop the cache of a session; texts and conversations stay, and are read again when needed",
                "  lectern-cli strip case.lectern\n"
                "  lectern-cli strip --quota 20GB ~/Documents/Lectern     the longest unused; shows which, and asks\n",
                declareStrip},
        Command{"wipe", "Overwrite a session and delete it", "  lectern-cli wipe case.lectern\n", declareWipe},
        Command{"model", "Describe a model, list those that can be used by name, or write one as GGUF",
                "  lectern-cli model list\n  lectern-cli model info llama.gguf\n"
                "  lectern-cli model convert hf-folder --out model.gguf --weights Q8_0\n",
                declareModel},
        Command{"tokenize", "Token ids of the text on standard input, or text of token ids",
                "  echo -n \"Hello\" | lectern-cli tokenize\n"
                "  echo \"312 88\" | lectern-cli tokenize --model llama.gguf --decode\n",
                declareTokenize},
        Command{"calibrate", "Fit thresholds and codebooks of the compressed cache to a model",
                "  lectern-cli calibrate --model llama.gguf                 on Lectern's own text\n"
                "  lectern-cli calibrate --model llama.gguf --text book.txt\n"
                "  lectern-cli calibrate --text book.txt --outliers 0.005,0.01 --out mine.kvq\n",
                declareCalibrate},
        Command{"perplexity", "Measure what cache settings do to a model's predictions of a text",
                "  lectern-cli perplexity --text novel.txt --kv fp16,nuq4,nuq3,nuq2\n"
                "  lectern-cli perplexity --text novel.txt --kv nuq4,q4,int4+post-rope --ctx 1024 --chunks 8 --json\n",
                declarePerplexity},
        Command{"bench", "Measure the speed of prefill, decode and session files, or what each part of KVQuant brings",
                "  lectern-cli bench decode --kv fp16,nuq4,nuq3,nuq2 --context 1024,8192,32768\n"
                "  lectern-cli bench prefill --model llama.gguf --context 4096 --json\n"
                "  lectern-cli bench ablation --bits 3 --text novel.txt --calibration-text book.txt --ctx 1024\n"
                "  lectern-cli bench session --kv nuq2 --tokens 400000 --folder /mnt/disk\n",
                declareBench},
        Command{"devices", "List the processors that the engine can compute on",
                "  lectern-cli devices\n  lectern-cli devices --json\n", declareDevices},
    };
    return kCommands;
}

void say(CommandContext& context, std::string_view sentence) {
    if (context.io.out) context.io.err << "lectern-cli: " << printable(sentence) << std::endl;
}

int report(CommandContext& context, const Error& error) {
    say(context, error.message);
    return exitStatus(error.code);
}

int reportSession(CommandContext& context, const Error& error, std::string_view session) {
    const int status = report(context, error);
    if (error.code == ErrorCode::WrongModel) {
        say(context, "To read the stored text again with another model: lectern-cli ingest " + shellWord(session) +
                         " --reread --model MODEL");
    }
    return status;
}

int changeSession(CommandContext& context, const EngineOptions& options, const std::string& session,
                  std::string_view model, const std::function<Status(Session&)>& change) {
    const auto engine = context.make_engine(options);
    if (!engine) return report(context, engine.error());
    const auto opened = (*engine)->openSession(session, model);
    if (!opened) return reportSession(context, opened.error(), session);
    const Status done = change(**opened);
    return done ? kDone : reportSession(context, done.error(), session);
}

int changeRows(CommandContext& context, const std::string& session, const std::function<Status(SessionRows&)>& change) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto opened = (*engine)->editSession(session);
    if (!opened) return reportSession(context, opened.error(), session);
    const Status done = change(**opened);
    return done ? kDone : reportSession(context, done.error(), session);
}

}  // namespace lectern::cli
