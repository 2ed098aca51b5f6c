// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "ui/preferences.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QListWidget;
class QPlainTextEdit;
class QSpinBox;

namespace lectern::ui {

/// Edits a copy of the preferences; accepted() says to take preferences().
class SettingsDialog final : public QDialog {
    Q_OBJECT
public:
    SettingsDialog(const Preferences& preferences, const EngineFacts& facts, QWidget* parent = nullptr);
    Preferences preferences() const;

private:
    QWidget* makeLook();
    QWidget* makeEngine(const EngineFacts& facts);
    QWidget* makeReading();
    QWidget* makeAnswers();
    void makePhrases(QWidget* page);
    QWidget* makeSessions();
    void fill(const Preferences& preferences);
    void addFolder();

    Preferences m_start;
    QComboBox* m_theme;
    QComboBox* m_language;
    QComboBox* m_family;
    QSpinBox* m_font;
    QCheckBox* m_reopen;
    QDoubleSpinBox* m_memory;  ///< GB
    QListWidget* m_folders;
    QComboBox* m_device;
    QSpinBox* m_threads;
    QComboBox* m_kv;
    QDoubleSpinBox* m_outliers;
    QSpinBox* m_sinks;
    QSpinBox* m_window;
    QSpinBox* m_max_tokens;
    QDoubleSpinBox* m_temperature;
    QSpinBox* m_top_k;
    QDoubleSpinBox* m_typical;
    QDoubleSpinBox* m_min_p;
    QDoubleSpinBox* m_top_p;
    QDoubleSpinBox* m_repetition;
    QDoubleSpinBox* m_presence;
    QDoubleSpinBox* m_frequency;
    QDoubleSpinBox* m_dry;
    QDoubleSpinBox* m_dry_base;
    QSpinBox* m_dry_length;
    QPlainTextEdit* m_stop_strings;
    QCheckBox* m_random_seed;
    QSpinBox* m_seed;
    QSpinBox* m_quota;
};

}  // namespace lectern::ui
