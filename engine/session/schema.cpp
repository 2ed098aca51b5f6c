// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/schema.h"

#include <algorithm>
#include <array>
#include <set>

namespace lectern {

namespace {

struct Table {
    const char* name;
    const char* sql;
};

/// In the order they are made. SQLite keeps this text letter for letter, and so does checkSchema().
constexpr std::array<Table, 11> kSchema{{
    {"identity",
     "CREATE TABLE identity(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, model_fingerprint TEXT NOT NULL, "
     "tokenizer_fingerprint TEXT NOT NULL, model_name TEXT NOT NULL, model_path TEXT NOT NULL, rope TEXT NOT NULL, "
     "kv TEXT NOT NULL, layout TEXT NOT NULL, prompt_template TEXT NOT NULL) STRICT"},
    {"seals",
     "CREATE TABLE seals(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, rows INTEGER NOT NULL, sum INTEGER NOT NULL) "
     "STRICT"},
    {"meta",
     "CREATE TABLE meta(name TEXT PRIMARY KEY, crc INTEGER NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID"},
    {"documents",
     "CREATE TABLE documents(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL, "
     "kind TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, content_hash TEXT NOT NULL, problem TEXT NOT "
     "NULL, "
     "file_bytes INTEGER NOT NULL, token_begin INTEGER NOT NULL, token_end INTEGER NOT NULL, state INTEGER NOT NULL, "
     "used INTEGER NOT NULL, place INTEGER NOT NULL, modified INTEGER NOT NULL, "
     "read_tokens INTEGER NOT NULL, outline TEXT NOT NULL) STRICT"},
    {"pages",
     "CREATE TABLE pages(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, state INTEGER NOT NULL, width INTEGER NOT NULL, "
     "height INTEGER NOT NULL, token_begin INTEGER NOT NULL, token_end INTEGER NOT NULL, label TEXT NOT NULL, "
     "problem TEXT NOT NULL, text TEXT NOT NULL, words INTEGER NOT NULL, token_offsets BLOB NOT NULL) STRICT"},
    {"words", "CREATE TABLE words(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, boxes BLOB NOT NULL) STRICT"},
    {"tokens",
     "CREATE TABLE tokens(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, ids BLOB NOT NULL, chain INTEGER NOT NULL) "
     "STRICT"},
    {"branches",
     "CREATE TABLE branches(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, name TEXT NOT NULL, parent INTEGER NOT NULL, "
     "base_tokens INTEGER NOT NULL, shared_tokens INTEGER NOT NULL, shared_messages INTEGER NOT NULL, "
     "stored_tokens INTEGER NOT NULL, state INTEGER NOT NULL) STRICT"},
    {"messages",
     "CREATE TABLE messages(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, token_begin INTEGER NOT NULL, "
     "token_end INTEGER NOT NULL, json TEXT NOT NULL) STRICT"},
    {"blocks",
     "CREATE TABLE blocks(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, last INTEGER NOT NULL, "
     "payload INTEGER NOT NULL, directory BLOB NOT NULL) STRICT"},
    {"payload", "CREATE TABLE payload(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT"},
}};

Error foreign(const std::string& name) {
    return {ErrorCode::BadInput,
            name + " is not a Lectern session; choose a .lectern file.",
            {Obstacle::NoSession, {unquoted(name)}}};
}

Error unfinished(const std::string& name) {
    return {ErrorCode::BadInput, name +
                                     " is empty: making this session was interrupted; delete the file and make the "
                                     "session again."};
}

Error wrongSchema(const std::string& name, const std::string& what) {
    return {ErrorCode::Damaged,
            name + " is damaged (" + what + "); restore it from a backup or read the documents again.",
            {Obstacle::DamagedFile, {unquoted(name)}}};
}

Status checkVersion(Database& db, const std::string& name) {
    auto version = db.number("PRAGMA user_version");
    if (!version) return version.error();
    if (*version > kFormatVersion)
        return Error{ErrorCode::BadInput,
                     name + " was made by a newer Lectern (format " + std::to_string(*version) +
                         ", this one reads up to " + std::to_string(kFormatVersion) +
                         "); install the newer version to open it.",
                     {Obstacle::NewerVersion, {unquoted(name)}}};
    if (*version < 1) return wrongSchema(name, "its format version is " + std::to_string(*version));
    return {};
}

Status checkSettings(Database& db, const std::string& name) {
    auto encoding = db.text("PRAGMA encoding");
    if (!encoding) return encoding.error();
    if (*encoding != "UTF-8") return wrongSchema(name, "its text encoding is not UTF-8");
    auto vacuum = db.number("PRAGMA auto_vacuum");
    if (!vacuum) return vacuum.error();
    if (*vacuum != 0) return wrongSchema(name, "its file header was changed");
    return {};
}

Status checkTables(Database& db, const std::string& name) {
    std::set<std::int64_t> roots;
    std::size_t found = 0;
    Query rows(db, "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema");
    for (;;) {
        auto row = rows.step();
        if (!row) return row.error();
        if (!*row) break;
        std::string type, table, of, sql;
        std::int64_t root = 0;
        const bool read =
            rows.get(0, type) && rows.get(1, table) && rows.get(2, of) && rows.get(3, root) && rows.get(4, sql);
        const auto same = std::find_if(kSchema.begin(), kSchema.end(), [&](const Table& t) { return table == t.name; });
        if (!read || same == kSchema.end() || type != "table" || of != table || sql != same->sql)
            return wrongSchema(name, "its tables are not those of a session");
        if (root < 2 || !roots.insert(root).second) return wrongSchema(name, "two of its tables share a page");
        ++found;
    }
    return found == kSchema.size() ? Status() : wrongSchema(name, "it has lost tables");
}

}  // namespace

Status createSchema(Database& db) {
    std::string sql =
        "PRAGMA page_size=65536; PRAGMA encoding='UTF-8'; PRAGMA auto_vacuum=NONE; "
        "PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE; ";
    for (const auto& table : kSchema) sql += std::string(table.sql) + "; ";
    sql += "PRAGMA application_id=" + std::to_string(kApplicationId) +
           "; PRAGMA user_version=" + std::to_string(kFormatVersion);
    return db.exec(sql.c_str());
}

Status checkHeader(const RawHeader& header, const std::string& name) {
    if (header.file_bytes == 0 || header.zero()) return unfinished(name);
    if (!header.sqlite()) return foreign(name);
    if (header.file_bytes >= 72 && header.applicationId() != kApplicationId) return foreign(name);
    if (header.file_bytes < RawHeader::kBytes)
        return wrongSchema(name, "it is cut short: " + std::to_string(header.file_bytes) + " bytes are there");
    if (header.file_bytes < header.claimedBytes())
        return wrongSchema(name, "it is cut short: " + std::to_string(header.file_bytes) + " of " +
                                     std::to_string(header.claimedBytes()) + " bytes are there");
    return {};
}

Status checkSchema(Database& db, const std::string& name) {
    if (auto version = checkVersion(db, name); !version) return version;
    if (auto settings = checkSettings(db, name); !settings) return settings;
    return checkTables(db, name);
}

}  // namespace lectern
