// SPDX-License-Identifier: GPL-3.0-or-later
// What collecting statistics costs while reading: the same prefill with and without, in turns.
//   statistics_bench MODEL [TOKENS] [ROUNDS] [SETTING]      defaults: 8192 tokens, 7 rounds, nuq4
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "engine/infer/transformer.h"

using namespace lectern;

namespace {

/// Of this process: what counts where others use the machine too.
double cpuSeconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

[[noreturn]] void fail(const std::string& message) {
    std::fprintf(stderr, "statistics_bench: %s\n", message.c_str());
    std::exit(1);
}

/// As a session reads: the record is made after each chunk.
double prefillSeconds(Transformer& transformer, KvCache cache, const std::vector<std::int32_t>& ids) {
    const double begin = cpuSeconds();
    const auto store = [&](std::size_t) -> Status {
        if (cache.packedStatistics().empty()) fail("there is no record");
        return {};
    };
    if (const auto done = transformer.prefill(cache, ids, nullptr, {}, store); !done) fail(done.error().message);
    return cpuSeconds() - begin;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) fail("name a model");
    const std::size_t tokens = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 8192;
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 7;
    auto settings = parseKvSettings(argc > 4 ? argv[4] : "nuq4");
    if (!settings) fail(settings.error().message);
    const auto model = Model::open(argv[1]);
    if (!model) fail(model.error().message);
    ThreadPool pool(0);
    Transformer transformer(*model, pool, kernels::bestKernels());
    std::vector<std::int32_t> ids(tokens);
    for (std::size_t i = 0; i < tokens; ++i) ids[i] = std::int32_t(i * 2654435761U % unsigned((*model)->config.vocab));
    std::vector<double> with, without;
    for (int round = 0; round <= rounds; ++round) {
        const double a = prefillSeconds(transformer, transformer.makeCache(*settings), ids);
        const KvCache empty = transformer.makeCache(*settings);
        const double b = prefillSeconds(transformer, KvCache(empty), ids);  // a fork collects nothing
        if (round > 0) with.push_back(a), without.push_back(b);             // the first warms up
    }
    const double a = *std::min_element(with.begin(), with.end()), b = *std::min_element(without.begin(), without.end());
    std::printf("processor seconds for %zu tokens at %s: %.3f with statistics, %.3f without: %+.2f%%\n", tokens,
                settings->name().c_str(), a, b, 100 * (a / b - 1));
}
