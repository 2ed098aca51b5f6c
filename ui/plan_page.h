// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <map>
#include <string>

#include "ui/values.h"

class QDoubleSpinBox;
class QPushButton;
class QSpinBox;
class QTreeWidget;

namespace lectern::ui {

class ElidedLabel;
class ModelChooser;
class SettingCard;
class TextLabel;

/// What reading will take, before it starts: documents, tokens, memory at each setting, disk; and the choices.
/// Emits requests; keeps no engine state beyond the plan it shows.
class PlanPage final : public QScrollArea {
    Q_OBJECT
public:
    explicit PlanPage(QWidget* parent = nullptr);

    void setModels(const std::vector<ModelInfo>& models);
    /// While something has to end before there is a plan: no choice can be made.
    void showWorking(const QString& title, const QString& what);
    void showParsing(const QString& what);  ///< the documents are looked at
    void showPlan(const PlanFacts& facts);
    void showEstimate(const std::optional<ReadingEstimate>& estimate);  ///< none: it could not be measured
    void showMeasuring(double share);
    /// What each setting loses on these documents' text; nothing: not measured.
    void showQuality(const std::optional<Comparison>& comparison);
    std::vector<KvSettings> settingsToMeasure() const;  ///< 4, 3 and 2 bits with the outliers, sinks and window chosen
    /// The session the choices ask for: as planned, or with another setting, model or file.
    PlanRequest request() const;
    const std::optional<PlanFacts>& facts() const { return m_facts; }

signals:
    void read();  ///< request() is what to read
    void cancelled();
    void calibrate();
    void measureQuality();
    void replan();  ///< the model changed: tokens have to be counted anew
    void changeFile();
    void addMore();

public slots:
    void setFile(const QString& file);

private:
    QWidget* makeDocuments();
    QWidget* makeSettings();
    QWidget* makeAdvanced();
    QWidget* makeFacts();
    QLayout* makeButtons();
    void addRow(const DocumentEntry& entry);
    void fillDocuments();
    void fillFacts();
    void fillCalibration();
    void updateChoice();
    std::string chosenKv() const;
    KvSettings kvSettings() const;
    std::uint64_t bytesFor(const std::string& kv) const;
    void setReady(bool ready);

    std::optional<PlanFacts> m_facts;
    QString m_file;
    TextLabel* m_title;
    TextLabel* m_subtitle;
    QTreeWidget* m_documents;
    std::map<std::string, SettingCard*> m_cards;
    QDoubleSpinBox* m_outliers;
    QSpinBox* m_sinks;
    QSpinBox* m_window;
    QWidget* m_settings;
    QWidget* m_advanced;
    ModelChooser* m_models;
    ElidedLabel* m_file_label;
    QPushButton* m_change_file;
    TextLabel* m_tokens;
    TextLabel* m_memory;
    TextLabel* m_disk;
    TextLabel* m_time;
    TextLabel* m_trained;
    TextLabel* m_calibration;
    QPushButton* m_calibrate;
    QPushButton* m_measure;
    std::optional<ReadingEstimate> m_estimate;
    QPushButton* m_read;
    QPushButton* m_more;
};

}  // namespace lectern::ui
