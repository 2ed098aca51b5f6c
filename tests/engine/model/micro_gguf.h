// SPDX-License-Identifier: GPL-3.0-or-later
// The smallest GGUF that Lectern opens, with every key and tensor open to change: one layer, eight tokens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/gguf_writer.h"

namespace lectern::test {

class MicroGguf {
public:
    static constexpr int kHidden = 32, kHeads = 4, kKvHeads = 2, kHeadDim = 8, kFfn = 64, kVocab = 8;
    using Shape = std::vector<std::uint64_t>;
    using Write = std::function<void(GgufWriter&, const std::string& key)>;

    MicroGguf() {
        setKeys();
        setTensors();
    }

    /// The same tensors without any key.
    static MicroGguf empty() {
        MicroGguf file;
        file.m_keys.clear();
        return file;
    }
    /// Drops the tensors in whose name none of `parts` stands.
    void keepTensors(const std::vector<std::string>& parts) {
        std::erase_if(m_tensors, [&](const auto& entry) {
            for (const std::string& part : parts)
                if (entry.first.find(part) != std::string::npos) return false;
            return true;
        });
    }

    /// Replaces a key where it stands, or adds it at the end.
    void set(const std::string& key, Write write) { place(m_keys, key) = std::move(write); }
    void u32(const std::string& key, std::uint32_t value) {
        set(key, [value](GgufWriter& out, const std::string& name) { out.u32(name, value); });
    }
    void f32(const std::string& key, float value) {
        set(key, [value](GgufWriter& out, const std::string& name) { out.f32(name, value); });
    }
    void string(const std::string& key, const std::string& value) {
        set(key, [value](GgufWriter& out, const std::string& name) { out.string(name, value); });
    }
    void raw(const std::string& key, GgufKind kind, const std::string& payload) {
        set(key, [=](GgufWriter& out, const std::string& name) { out.raw(name, kind, payload); });
    }
    void drop(const std::string& key) {
        std::erase_if(m_keys, [&](const auto& entry) { return entry.first == key; });
    }

    /// `shape`: contiguous dimension first, `type` as ggml numbers it; `bytes` of data, all of them zero.
    void tensor(const std::string& name, Shape shape, std::uint32_t type, std::size_t bytes) {
        place(m_tensors, name) = [=](GgufWriter& out, const std::string& key) {
            out.tensor(key, shape, type, std::string(bytes, '\0'));
        };
    }
    void matrix(const std::string& name, std::uint64_t rows, std::uint64_t cols) {
        tensor(name, {cols, rows}, 0, rows * cols * 4);
    }
    void vector(const std::string& name, std::uint64_t size) { tensor(name, {size}, 0, size * 4); }
    void dropTensor(const std::string& name) {
        std::erase_if(m_tensors, [&](const auto& entry) { return entry.first == name; });
    }

    GgufWriter writer() const {
        GgufWriter out;
        for (const auto& [key, write] : m_keys) write(out, key);
        for (const auto& [name, write] : m_tensors) write(out, name);
        return out;
    }
    std::filesystem::path write(const std::filesystem::path& file) const {
        std::ofstream(file, std::ios::binary) << writer().bytes();
        return file;
    }

private:
    using Entries = std::vector<std::pair<std::string, Write>>;

    static Write& place(Entries& entries, const std::string& key) {
        for (auto& [name, write] : entries)
            if (name == key) return write;
        return entries.emplace_back(key, nullptr).second;
    }

    void setKeys() {
        string("general.architecture", "llama");
        u32("llama.block_count", 1);
        u32("llama.context_length", 64);
        u32("llama.embedding_length", kHidden);
        u32("llama.feed_forward_length", kFfn);
        u32("llama.attention.head_count", kHeads);
        u32("llama.attention.head_count_kv", kKvHeads);
        f32("llama.attention.layer_norm_rms_epsilon", 1e-5F);
        string("tokenizer.ggml.model", "llama");
        set("tokenizer.ggml.tokens", [](GgufWriter& out, const std::string& key) {
            out.strings(key, {"<unk>", "<s>", "</s>", "\u2581", "a", "b", "ab", "\u2581a"});
        });
        set("tokenizer.ggml.scores", [](GgufWriter& out, const std::string& key) {
            out.floats(key, {0, 0, 0, -1, -2, -3, -4, -5});
        });
        set("tokenizer.ggml.token_type", [](GgufWriter& out, const std::string& key) {
            out.ints(key, {2, 3, 3, 1, 1, 1, 1, 1});
        });
        u32("tokenizer.ggml.bos_token_id", 1);
        u32("tokenizer.ggml.eos_token_id", 2);
        u32("tokenizer.ggml.unknown_token_id", 0);
    }

    void setTensors() {
        matrix("token_embd.weight", kVocab, kHidden);
        vector("blk.0.attn_norm.weight", kHidden);
        matrix("blk.0.attn_q.weight", kHeads * kHeadDim, kHidden);
        matrix("blk.0.attn_k.weight", kKvHeads * kHeadDim, kHidden);
        matrix("blk.0.attn_v.weight", kKvHeads * kHeadDim, kHidden);
        matrix("blk.0.attn_output.weight", kHidden, kHeads * kHeadDim);
        vector("blk.0.ffn_norm.weight", kHidden);
        matrix("blk.0.ffn_gate.weight", kFfn, kHidden);
        matrix("blk.0.ffn_up.weight", kFfn, kHidden);
        matrix("blk.0.ffn_down.weight", kHidden, kFfn);
        vector("output_norm.weight", kHidden);
    }

    Entries m_keys, m_tensors;
};

}  // namespace lectern::test
