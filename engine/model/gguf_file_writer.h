// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "kernels/weight_type.h"

namespace lectern {

/// Collects the keys and tensors of a GGUF file (version 3, layout in gguf.h), then writes it in one pass. Not thread
/// safe.
class GgufFileWriter {
public:
    /// Gives rows [begin, end) of a tensor as f32 [end - begin][cols]. Any thread.
    using Rows = std::function<void(int begin, int end, float* out)>;

    void number(std::string_view key, std::uint32_t value);
    void real(std::string_view key, float value);
    void flag(std::string_view key, bool value);
    void text(std::string_view key, std::string_view value);
    void texts(std::string_view key, const std::vector<std::string>& values);
    void reals(std::string_view key, const std::vector<float>& values);
    void integers(std::string_view key, const std::vector<std::int32_t>& values);
    void bytes(std::string_view key, std::string_view values);
    /// `rows` 0: a vector of `cols` elements, one row. `type`: what writtenType() gives. `stacked`: of how many
    /// matrices in a third dimension `rows` are the rows, 0 = of one in two dimensions.
    void tensor(std::string name, int rows, int cols, kernels::WeightType type, Rows values, int stacked = 0);

    std::uint64_t bytes() const;  ///< of the file

    /// Writes beside `path` and gives the file its name when it is whole; an existing one is replaced. Errors: NoRoom
    /// (said before anything is written), Failed, Interrupted, naming the file; nothing is left behind then.
    /// `pool` may be null: then this thread alone makes and encodes the rows.
    Status write(const std::filesystem::path& path, const std::function<void(double done)>& progress,
                 std::stop_token stop, ThreadPool* pool = nullptr) const;

private:
    struct Tensor {
        std::string name;
        int rows, cols;
        kernels::WeightType type;
        Rows values;
        int stacked;
        std::uint64_t bytes() const { return std::uint64_t(rows == 0 ? 1 : rows) * kernels::rowBytes(type, cols); }
    };

    void key(std::string_view name, std::uint32_t type);
    std::string header() const;
    Status writeTensor(std::ostream& out, const Tensor& tensor, std::stop_token stop, ThreadPool* pool) const;

    std::string m_keys;
    std::uint64_t m_key_count = 0;
    std::vector<Tensor> m_tensors;
};

}  // namespace lectern
