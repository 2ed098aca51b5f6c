// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and names as people read them. Pure functions.
#pragma once

#include <QString>
#include <cstdint>
#include <filesystem>
#include <string>

namespace lectern::ui {

QString bytesText(std::uint64_t bytes);               ///< "12.4 MB", decimal units
QString countText(std::uint64_t count);               ///< "12,400"
QString shortCountText(std::uint64_t count);          ///< "12.4K"
QString rateText(double tokens_per_s);                ///< "1,240 tokens/s"
QString durationText(double seconds);                 ///< "2 min 5 s"
QString whenText(std::int64_t seconds_of_epoch);      ///< "Today 14:05", "3 Mar 2025"
QString percentText(double share);                    ///< "37%"
QString commandText(QString of_menu);                 ///< "Neue Sitzung", "新建会话": without mnemonic and ellipsis
QString text(const std::string& utf8);                ///< shorthand
QString pathText(const std::filesystem::path& path);  ///< with ~ for the home folder
std::filesystem::path toPath(const QString& path);
QString fromPath(const std::filesystem::path& path);

}  // namespace lectern::ui
