// SPDX-License-Identifier: GPL-3.0-or-later
// Text of a model's own kind: what it writes by itself at temperature 1, one piece after another, each begun anew.
//   own_text MODEL FILE [TOKENS] [SEED]      TOKENS: at least that many (default 40,000), SEED: of the sampler (default
//   1)
// Small models were trained on texts that are not at hand; on their own writing their predictions mean something.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "engine/infer/sampler.h"
#include "engine/infer/transformer.h"
#include "engine/text/tokenizer.h"

using namespace lectern;

namespace {

constexpr int kPieceTokens = 480;  ///< small models were trained on 512

[[noreturn]] void fail(const std::string& message) {
    std::fprintf(stderr, "own_text: %s\n", message.c_str());
    std::exit(1);
}

/// One piece, from BOS to the model's own end or kPieceTokens.
std::vector<TokenId> piece(Transformer& transformer, const TokenizerSpec& spec, Sampler& sampler) {
    std::vector<TokenId> ids = {spec.bos};
    std::vector<float> logits(std::size_t(transformer.model().config.vocab));
    KvCache cache = transformer.makeCache(*parseKvSettings("fp16"));
    while (int(ids.size()) < kPieceTokens) {
        const auto read = transformer.forward(cache, {&ids.back(), 1}, Logits::Last, logits.data());
        if (!read) fail(read.error().message);
        const TokenId next = sampler.pick(logits, {});
        if (next == spec.eos || next == spec.bos) break;
        ids.push_back(next);
    }
    ids.erase(ids.begin());
    return ids;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) fail("own_text MODEL FILE [TOKENS] [SEED]");
    const auto model = Model::open(argv[1]);
    if (!model) fail(model.error().message);
    const auto tokenizer = Tokenizer::make((*model)->tokenizer);
    if (!tokenizer) fail(tokenizer.error().message);
    if ((*model)->tokenizer.bos < 0) fail("the model has no token to begin with");
    ThreadPool pool(1);
    Transformer transformer(*model, pool, kernels::bestKernels());
    SamplerSettings settings;
    settings.temperature = 1;
    settings.seed = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1;
    Sampler sampler(settings);
    const std::size_t wanted = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 40000;
    std::ofstream out(argv[2], std::ios::binary);
    for (std::size_t written = 0; written < wanted;) {
        const auto ids = piece(transformer, (*model)->tokenizer, sampler);
        out << (*tokenizer)->decode(ids) << '\n';
        written += ids.size();
    }
    out.close();
    if (!out) fail(std::string(argv[2]) + " cannot be written");
    return 0;
}
