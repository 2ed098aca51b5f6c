// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/fidelity_card.h"

#include <QLocale>
#include <QPainter>
#include <QPushButton>

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets.h"

namespace lectern::ui {

/// One word in the colour of its meaning.
class GradeBadge final : public QWidget {
public:
    using QWidget::QWidget;

    void setGrade(FidelityGrade grade) {
        m_grade = grade;
        setAccessibleName(word());
        updateGeometry();
        update();
    }
    QSize sizeHint() const override {
        return {fontMetrics().horizontalAdvance(word()) + 20, fontMetrics().height() + 6};
    }

protected:
    void paintEvent(QPaintEvent*) override {
        const ThemeColors& colors = themeColors();
        const QColor color = m_grade == FidelityGrade::Close        ? colors.good
                             : m_grade == FidelityGrade::Noticeable ? colors.warning
                                                                    : colors.bad;
        QColor back = color;
        back.setAlphaF(0.16F);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(back);
        painter.drawRoundedRect(rect(), height() / 2.0, height() / 2.0);
        painter.setPen(color);
        painter.drawText(rect(), Qt::AlignCenter, word());
    }

private:
    QString word() const {
        return m_grade == FidelityGrade::Close        ? FidelityCard::tr("Close")
               : m_grade == FidelityGrade::Noticeable ? FidelityCard::tr("Noticeable")
                                                      : FidelityCard::tr("Poor");
    }
    FidelityGrade m_grade = FidelityGrade::Close;
};

FidelityCard::FidelityCard(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 6);
    auto* head = makeRow(8);
    m_badge = new GradeBadge(this);
    m_badge->setObjectName("fidelityGrade");
    m_badge->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    head->addWidget(new TextLabel(TextRole::Heading, tr("Fidelity"), this));
    head->addStretch();
    head->addWidget(m_badge);
    column->addLayout(head);
    const auto add = [&](TextRole role, const char* name) {
        auto* label = new TextLabel(role, {}, this);
        label->setObjectName(name);
        label->setWordWrap(true);
        column->addWidget(label);
        return label;
    };
    m_result = add(TextRole::Body, "fidelityResult");
    m_warning = add(TextRole::Body, "fidelityWarning");
    m_check = new QPushButton(this);
    m_check->setObjectName("checkFidelity");
    column->addWidget(m_check, 0, Qt::AlignLeft);
    m_calibration = add(TextRole::Muted, "calibrationState");
    m_calibrate = makeLinkButton(tr("Calibrate the model…"), this);
    m_calibrate->setObjectName("calibrate");
    m_calibrate->setProperty("flush", true);
    column->addWidget(m_calibrate, 0, Qt::AlignLeft);
    connect(m_check, &QPushButton::clicked, this, &FidelityCard::check);
    connect(m_calibrate, &QPushButton::clicked, this, &FidelityCard::calibrate);
    sync();
}

void FidelityCard::setSession(const std::optional<SessionSnapshot>& session) {
    m_session = session;
    sync();
}

void FidelityCard::setActivity(Activity activity) {
    m_activity = activity;
    sync();
}

void FidelityCard::showShare(double share) {
    if (m_activity == Activity::CheckingFidelity) m_check->setText(tr("Checking… %1").arg(percentText(share)));
}

void FidelityCard::sync() {
    setVisible(m_session && m_session->hasQuantized());
    if (!isVisibleTo(parentWidget())) return;
    const bool idle = m_activity == Activity::Idle, checking = m_activity == Activity::CheckingFidelity;
    const auto& fidelity = m_session->fidelity;
    m_badge->setVisible(fidelity.has_value());
    m_check->setEnabled(idle);
    m_calibrate->setEnabled(idle);
    m_check->setText(checking ? tr("Checking…") : fidelity ? tr("Check again") : tr("Check fidelity"));
    m_result->setText(
        tr("How far answers are from those of an uncompressed cache: measured on samples of these documents."));
    m_warning->hide();
    if (fidelity) {
        m_badge->setGrade(gradeOf(*fidelity));
        m_result->setText(tr("Same likeliest next word as with an fp16 cache at %1 of %2 places; KL divergence %3.")
                              .arg(percentText(fidelity->top1_agreement), countText(fidelity->tokens),
                                   QLocale().toString(fidelity->kl_mean, 'f', 3)));
        m_result->setToolTip(tr("%1, 99th percentile of the divergence %2 nats")
                                 .arg(whenText(fidelity->time), QLocale().toString(fidelity->kl_p99, 'f', 2)));
        m_warning->setText(m_session->calibrated ? tr("Use more bits with this model.")
                                                 : tr("Calibrate the model, or use more bits."));
        m_warning->setVisible(gradeOf(*fidelity) == FidelityGrade::Poor);
    }
    m_calibration->setText(m_session->calibrated
                               ? tr("Thresholds and codebooks come from the model's calibration.")
                               : tr("Not calibrated: thresholds come from the first tokens that were read."));
    m_calibrate->setVisible(!m_session->calibrated);
}

}  // namespace lectern::ui
