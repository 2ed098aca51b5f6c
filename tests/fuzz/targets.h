// SPDX-License-Identifier: GPL-3.0-or-later
// Readers of what other people made, each as one function of the bytes. libfuzzer_entry.cpp gives them bytes that a
// fuzzer thought of, corpus_test.cpp what is in corpus/.
#pragma once

#include <cstddef>
#include <span>

namespace lectern::test {

/// Reads `input` as what its name says and uses what comes of it. A defect that it may not have ends the program: by
/// a sanitizer, an assertion or an exception. One thread; files that a reader wants lie in a folder of the process's
/// own.
using FuzzTarget = void(std::span<const std::byte> input);

FuzzTarget fuzzGguf;           ///< a GGUF file as a model: header, tensors, configuration, tokenizer
FuzzTarget fuzzSafetensors;    ///< one *.safetensors file
FuzzTarget fuzzHfConfig;       ///< config.json of a Hugging Face folder
FuzzTarget fuzzTokenizerJson;  ///< tokenizer.json; texts are encoded and decoded with it
FuzzTarget fuzzSentencePiece;  ///< tokenizer.model; the same
FuzzTarget fuzzChatTemplate;   ///< Jinja source, rendered with a conversation
FuzzTarget fuzzCalibration;    ///< a .kvq file without its checksum, which is made to match
/// A letter, and behind it a value of a session file as it stands there when its checksum is right: `d` a document's
/// outline, `m` message, `c` citations, `k` cache settings, `f` fidelity, `o` comparison, `s` summary, `t` statistics
/// of layers, `w` places of words.
FuzzTarget fuzzSessionRecords;

/// A letter of wire::FrameType, and behind it the payload that a worker which parses a document sends.
FuzzTarget fuzzWorkerMessages;

struct NamedFuzzTarget {
    const char* name;  ///< of its folder in corpus/
    FuzzTarget* run;
};

inline constexpr NamedFuzzTarget kFuzzTargets[] = {
    {"gguf", fuzzGguf},
    {"safetensors", fuzzSafetensors},
    {"hf_config", fuzzHfConfig},
    {"tokenizer_json", fuzzTokenizerJson},
    {"sentencepiece", fuzzSentencePiece},
    {"chat_template", fuzzChatTemplate},
    {"calibration", fuzzCalibration},
    {"session_records", fuzzSessionRecords},
    {"worker_messages", fuzzWorkerMessages},
};

}  // namespace lectern::test
