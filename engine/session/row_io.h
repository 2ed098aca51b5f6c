// SPDX-License-Identifier: GPL-3.0-or-later
// Writing, reading and checking rows of any kind (rows.h), and the seals that notice a row gone missing.
#pragma once

#include <bit>
#include <cstring>
#include <map>

#include "engine/base/crc32c.h"
#include "engine/session/rows.h"

namespace lectern {

/// A column's value from a field: what SQLite stores and the checksum covers. Floats are kept as their bits.
inline std::int64_t asColumn(int v) {
    return v;
}
inline std::int64_t asColumn(std::int64_t v) {
    return v;
}
inline std::int64_t asColumn(std::uint32_t v) {
    return v;
}
inline std::int64_t asColumn(std::uint64_t v) {
    return std::int64_t(v);
}
inline std::int64_t asColumn(float v) {
    return std::bit_cast<std::uint32_t>(v);
}
inline std::string_view asColumn(std::string_view v) {
    return v;
}
template <typename T>
std::span<const std::byte> asColumn(std::span<const T> v) {
    return std::as_bytes(v);
}
template <typename T>
std::span<const std::byte> asColumn(const std::vector<T>& v) {
    return std::as_bytes(std::span(v));
}

/// CRC-32C of a row: its kind, its key, its columns. Integers as 8 bytes, texts and blobs behind their length in 8.
class RowCrc {
public:
    explicit RowCrc(RowKind kind) : m_crc(crc32c(std::as_bytes(std::span(&kind, 1)))) {}
    bool operator()(const auto& field) { return add(asColumn(field)), true; }
    std::uint32_t value() const { return m_crc; }

private:
    void add(std::int64_t v) { m_crc = crc32c(std::as_bytes(std::span(&v, 1)), m_crc); }
    void add(std::string_view v) { add(std::as_bytes(std::span(v.data(), v.size()))); }
    void add(std::span<const std::byte> v) {
        add(std::int64_t(v.size()));
        m_crc = crc32c(v, m_crc);
    }

    std::uint32_t m_crc;
};

template <typename Record>
std::uint32_t rowCrc(const Record& record) {
    RowCrc crc(Row<Record>::kKind);
    crc(Row<Record>::key(record));
    Row<Record>::fields(record, crc);
    return crc.value();
}

/// The chain of tokens up to the end of `run`, where `before` is the chain up to its beginning (0 for none).
inline std::uint32_t chained(const TokenRun& run, std::uint32_t before) {
    return crc32c(std::as_bytes(std::span(run.ids)), before);
}

/// Takes columns one by one into fields; false at the first that cannot be what it claims.
class ColumnReader {
public:
    ColumnReader(const Query& query, int column) : m_query(&query), m_column(column) {}
    bool operator()(std::int64_t& v) { return m_query->get(m_column++, v); }
    bool operator()(std::string& v) { return m_query->get(m_column++, v); }
    bool operator()(int& v) { return number(v, INT32_MIN, INT32_MAX); }
    bool operator()(std::uint64_t& v) { return number(v, 0, INT64_MAX); }
    bool operator()(float& v) {
        std::uint32_t bits = 0;
        if (!number(bits, 0, UINT32_MAX)) return false;
        v = std::bit_cast<float>(bits);
        return true;
    }
    bool operator()(std::uint32_t& v) { return number(v, 0, UINT32_MAX); }
    template <typename T>
    bool operator()(std::vector<T>& v) {
        std::span<const std::byte> bytes;
        if (!m_query->get(m_column++, bytes) || bytes.size() % sizeof(T) != 0) return false;
        v.resize(bytes.size() / sizeof(T));
        if (!bytes.empty()) std::memcpy(v.data(), bytes.data(), bytes.size());
        return true;
    }

private:
    template <typename T>
    bool number(T& v, std::int64_t least, std::int64_t most) {
        std::int64_t wide = 0;
        if (!m_query->get(m_column++, wide) || wide < least || wide > most) return false;
        v = T(wide);
        return true;
    }

    const Query* m_query;
    int m_column;
};

/// Goes through rows in key order. After next() gave true: the record, and whether it is what was written.
template <typename Record>
class RowScan {
public:
    /// All rows.
    explicit RowScan(Database& db) : m_query(db, select("")) {}
    /// Rows with keys first … last.
    RowScan(Database& db, std::int64_t first, std::int64_t last)
        : m_query(db, select(std::string(" WHERE ") + Row<Record>::kKey + " BETWEEN ? AND ?")) {
        m_query.bind(first).bind(last);
    }
    Result<bool> next() {
        auto row = m_query.step();
        if (!row || !*row) return row;
        record = {};
        std::remove_cvref_t<decltype(ownKey(Row<Record>::key(record)))> key{};
        ColumnReader reader(m_query, 0);
        intact = reader(key) && Row<Record>::setKey(record, std::move(key)) && reader(crc) &&
                 Row<Record>::fields(record, reader) && rowCrc(record) == crc;
        return true;
    }

    Record record;
    std::uint32_t crc = 0;
    bool intact = false;

private:
    static std::int64_t ownKey(std::int64_t key) { return key; }
    static std::string ownKey(std::string_view key) { return std::string(key); }
    static std::string select(const std::string& where) {
        return std::string("SELECT ") + Row<Record>::kKey + ", crc, " + Row<Record>::kColumns + " FROM " +
               Row<Record>::kTable + where + " ORDER BY " + Row<Record>::kKey;
    }

    Query m_query;
};

}  // namespace lectern
