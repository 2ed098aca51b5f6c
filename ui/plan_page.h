// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <string>

#include "ui/values.h"

class QDoubleSpinBox;
class QPushButton;
class QSpinBox;
class QTimer;
class QTreeWidget;

namespace lectern::ui {

class ElidedLabel;
class ModelChooser;
class QualityRecords;
class SettingScale;
class TextLabel;

/// What reading will take, before it starts: documents, tokens, memory at each setting, disk; and the choices.
/// Emits requests; keeps no engine state beyond the plan it shows.
class PlanPage final : public QWidget {
    Q_OBJECT
public:
    /// `known`: what was measured of models before; borrowed.
    explicit PlanPage(const QualityRecords& known, QWidget* parent = nullptr);

    void setModels(const std::vector<ModelInfo>& models);
    /// While something has to end before there is a plan: no choice can be made.
    void showWorking(const QString& title, const QString& what);
    void showParsing(const QString& what);  ///< the documents are looked at
    void showPlan(const PlanFacts& shown);
    /// With this setting; none: it could not be measured.
    void showEstimate(const KvSettings& kv, const std::optional<ReadingEstimate>& estimate);
    void askForEstimate();  ///< where it is not known for the choices, though it was asked for before
    void showMeasuring(double share);
    /// What each setting loses on these documents' text; nothing: not measured.
    void showQuality(const std::optional<Comparison>& comparison);
    std::vector<KvSettings> settingsToMeasure() const;  ///< 4, 3 and 2 bits with the outliers, sinks and window chosen
    KvSettings kvSettings() const;                      ///< the chosen ones, of a plan
    /// The session the choices ask for: as planned, or with another setting, model or file.
    PlanRequest request() const;
    const std::optional<PlanFacts>& facts() const { return m_facts; }
    /// Little: where another page is shown, this one's buttons do not keep the docks beside it narrow.
    QSize minimumSizeHint() const override { return {320, 240}; }

signals:
    void read();  ///< request() is what to read
    void cancelled();
    void calibrate();
    void measureQuality();
    void estimate();  ///< how long reading with kvSettings() takes
    void replan();    ///< the model changed: tokens have to be counted anew
    void changeFile();
    void addMore();
    void recognize(const QStringList& sources);  ///< read these files with OCR for their pages that are pictures

public slots:
    void setFile(const QString& file);

private:
    QWidget* makeBody();
    QWidget* makeDocuments();
    QWidget* makeSettings();
    QWidget* makeAdvanced();
    QWidget* makeFacts();
    QWidget* makeButtons();
    void addRow(const DocumentEntry& entry);
    void fillDocuments();
    QString summary(int good, int scans, int failed) const;
    QStringList pictures() const;  ///< files that need OCR
    void fillFacts();
    bool isEstimated() const;
    void wantEstimate();
    void fillTime();
    void fillQuality();
    void fillCalibration();
    bool calibrated(const KvSettings& kv) const;
    KvSettings with(const std::string& setting) const;
    void updateChoice();
    std::uint64_t bytesFor(const KvSettings& kv) const;
    void setReady(bool ready);

    const QualityRecords& m_known;
    std::optional<PlanFacts> m_facts;
    std::optional<Comparison> m_measured;  ///< on the planned documents
    std::vector<std::pair<KvSettings, std::optional<ReadingEstimate>>> m_estimates;
    std::optional<KvSettings> m_asked;  ///< what an estimate is on its way for
    QString m_file;
    TextLabel* m_title;
    TextLabel* m_subtitle;
    QTreeWidget* m_documents;
    SettingScale* m_scale;
    QDoubleSpinBox* m_outliers;
    QSpinBox* m_sinks;
    QSpinBox* m_window;
    QWidget* m_numbers;  ///< what reading takes
    QWidget* m_settings;
    QWidget* m_advanced;
    ModelChooser* m_models;
    ElidedLabel* m_file_label;
    QPushButton* m_change_file;
    TextLabel* m_tokens;
    TextLabel* m_memory;
    TextLabel* m_disk;
    TextLabel* m_time;
    TextLabel* m_quality;
    TextLabel* m_trained;
    TextLabel* m_calibration;
    QPushButton* m_calibrate;
    QPushButton* m_measure;
    QTimer* m_estimate_soon;
    QPushButton* m_read;
    QPushButton* m_more;
    QPushButton* m_recognize;
};

}  // namespace lectern::ui
