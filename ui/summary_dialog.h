// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <map>
#include <optional>

#include "ui/values.h"

class QComboBox;
class QPushButton;
class QTreeWidget;

namespace lectern::ui {

class TextLabel;

/// Asks what is to be summarized and at what length, and shows the plan: the sections and about how long it takes.
/// Plans come from outside: every change asks for one by a signal.
class SummaryDialog final : public QDialog {
    Q_OBJECT
public:
    /// `part`: chosen at first; none: the whole set.
    SummaryDialog(const SessionSnapshot& session, const std::optional<SummaryPart>& part, SummaryLength length,
                  QWidget* parent);

    SummaryRequest request() const;
    void showPlan(const SummaryPlan& plan);
    void showProblem(const QString& sentence);  ///< there is no plan, because of that

signals:
    void planWanted(const lectern::SummaryRequest& request);

private:
    void addChoices(const SessionSnapshot& session, const std::optional<SummaryPart>& part);
    void askForPlan();

    std::map<int, QString> m_names;    ///< of documents, by id
    std::vector<SummaryPart> m_parts;  ///< as the choices after the first
    QComboBox* m_what;
    QComboBox* m_length;
    TextLabel* m_facts;
    QTreeWidget* m_sections;
    QPushButton* m_start;
};

}  // namespace lectern::ui
