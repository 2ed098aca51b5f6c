// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/comparison_page.h"

#include <QHeaderView>
#include <QLocale>
#include <QSignalBlocker>
#include <QTreeWidget>
#include <algorithm>

#include "ui/figure.h"
#include "ui/format.h"
#include "ui/plot.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

enum Column { kSetting, kDivergence, kAgreement, kPerplexity, kBytes, kColumns };
constexpr int kNumber = Qt::UserRole, kIndex = Qt::UserRole + 1;

/// Sorts by the numbers behind the words; what was not measured comes last either way.
class Row final : public QTreeWidgetItem {
public:
    using QTreeWidgetItem::QTreeWidgetItem;
    bool operator<(const QTreeWidgetItem& other) const override {
        const int column = treeWidget()->sortColumn();
        if (column == kSetting) return data(kSetting, kIndex).toInt() < other.data(kSetting, kIndex).toInt();
        const QVariant mine = data(column, kNumber), theirs = other.data(column, kNumber);
        const bool ascending = treeWidget()->header()->sortIndicatorOrder() == Qt::AscendingOrder;
        if (!mine.isValid() || !theirs.isValid()) return ascending ? mine.isValid() : theirs.isValid();
        return mine.toDouble() < theirs.toDouble();
    }

    void setNumber(Column column, double number, const QString& words) {
        setData(column, kNumber, number);
        setText(column, words);
        setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    }
};

const ComparedSetting* measured(const std::optional<Comparison>& comparison, const KvSettings& setting) {
    if (!comparison) return nullptr;
    for (const ComparedSetting& one : comparison->settings)
        if (one.kv == setting) return &one;
    return nullptr;
}

QString decimals(double number, int digits) {
    return QLocale().toString(number, 'f', digits);
}

}  // namespace

QString settingWords(const KvSettings& setting, const KvSettings& own) {
    QStringList parts = {text(setting.name())};
    if (setting.raw()) return parts.first();
    if (setting.qnorm != QNorm::Auto && setting.qnorm != own.qnorm)
        parts << (setting.qnorm == QNorm::On ? ComparisonPage::tr("Q-Norm") : ComparisonPage::tr("no Q-Norm"));
    if (setting.sinks != own.sinks)
        parts << (setting.sinks == 0 ? ComparisonPage::tr("no sinks")
                                     : ComparisonPage::tr("%n sink(s)", nullptr, setting.sinks));
    if (setting.window != own.window) parts << ComparisonPage::tr("window %1").arg(setting.window);
    return parts.join(", ");
}

QString csvOf(const Comparison& comparison, const KvSettings& own) {
    QString csv = "setting,sinks,window,qnorm,calibrated,perplexity,kl_mean,kl_p99,top1_agreement,bytes_per_token\n";
    for (const ComparedSetting& one : comparison.settings) {
        const char* qnorm = one.kv.qnorm == QNorm::On ? "on" : one.kv.qnorm == QNorm::Off ? "off" : "auto";
        QStringList fields = {csvField(settingWords(one.kv, own)), QString::number(one.kv.sinks),
                              QString::number(one.kv.window), qnorm, one.calibrated ? "yes" : "no"};
        for (const double number : {one.perplexity, one.kl_mean, one.kl_p99, one.top1_agreement, one.bytes_per_token})
            fields << csvNumber(number);
        csv += fields.join(',') + '\n';
    }
    return csv;
}

ComparisonPage::ComparisonPage(FigureSaver* saver, QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 12, 8);
    column->addWidget(makeHead(saver));
    makeTable();
    column->addWidget(m_table, 1);
    auto* row = makeRow(8);
    m_compare = makePrimaryButton(tr("Compare"), this);
    m_compare->setObjectName("compareSettings");
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_cancel->setObjectName("cancelComparison");
    row->addWidget(m_compare);
    row->addWidget(m_cancel);
    row->addStretch();
    column->addLayout(row);
    connect(m_compare, &QPushButton::clicked, this, &ComparisonPage::compare);
    connect(m_cancel, &QPushButton::clicked, this, &ComparisonPage::cancel);
    connect(m_table, &QTreeWidget::itemChanged, this, &ComparisonPage::sync);
    sync();
}

QWidget* ComparisonPage::makeHead(FigureSaver* saver) {
    auto* box = new QWidget(this);
    auto* column = makeColumn(box, 0, 2);
    auto* row = makeRow(4);
    row->addWidget(new TextLabel(TextRole::Heading, tr("Settings compared"), box), 1);
    m_export = makeExportButton(tr("the comparison"), false, box, [this, saver](FigureFormat format) {
        const Figure figure{
            .name = tr("Settings compared"), .paint = {}, .csv = csvOf(*m_session->comparison, m_session->kv)};
        saver->save(figure, format);
    });
    m_export->setObjectName("exportComparison");
    row->addWidget(m_export);
    column->addLayout(row);
    m_words = new TextLabel(TextRole::Small, {}, box);
    m_words->setObjectName("comparisonWords");
    m_words->setWordWrap(true);
    column->addWidget(m_words);
    return box;
}

void ComparisonPage::makeTable() {
    m_table = makeTree(this);
    m_table->setObjectName("comparison");
    m_table->setAccessibleName(tr("Settings compared"));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setMinimumHeight(180);
    m_table->setHeaderLabels({tr("Setting"), tr("KL"), tr("Agrees"), tr("Perplexity"), tr("Bytes")});
    const QStringList notes = {
        tr("Tick what is to be measured."), tr("Divergence of its predictions from those of the fp16 cache, nats"),
        tr("How often its likeliest next token is that of the fp16 cache"), tr("Of the sampled text: lower is better"),
        tr("Of a token's keys and values, all layers together, without sinks and window")};
    for (int i = 0; i < kColumns; ++i) m_table->headerItem()->setToolTip(i, notes[i]);
    QHeaderView* header = m_table->header();
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(48);
    header->setSectionResizeMode(kSetting, QHeaderView::Stretch);
    for (int i = kDivergence; i < kColumns; ++i) {
        m_table->headerItem()->setTextAlignment(i, Qt::AlignRight | Qt::AlignVCenter);
        header->setSectionResizeMode(i, QHeaderView::Fixed);
        const QFontMetrics metrics = m_table->fontMetrics();
        const int title = metrics.horizontalAdvance(m_table->headerItem()->text(i));
        header->resizeSection(i, std::max(title, metrics.horizontalAdvance("100.0 MB")) + 12);
    }
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(kSetting, Qt::AscendingOrder);
}

void ComparisonPage::setSession(const std::optional<SessionSnapshot>& session) {
    const bool other = !session || !m_session || session->file != m_session->file;
    m_session = session;
    if (other) m_settings = session ? settingsToCompare(session->kv) : std::vector<KvSettings>();
    if (session && session->comparison)
        for (const ComparedSetting& one : session->comparison->settings)
            if (std::find(m_settings.begin(), m_settings.end(), one.kv) == m_settings.end())
                m_settings.push_back(one.kv);
    if (other) m_table->clear();
    showRows();
    sync();
}

/// A line for each setting, with its numbers where it was measured; ticks stay as they are.
void ComparisonPage::showRows() {
    const QSignalBlocker quiet(m_table);
    m_table->setSortingEnabled(false);
    std::vector<bool> ticked(m_settings.size(), true);
    for (int i = 0; i < m_table->topLevelItemCount(); ++i) {
        const QTreeWidgetItem* item = m_table->topLevelItem(i);
        ticked[std::size_t(item->data(kSetting, kIndex).toInt())] = item->checkState(kSetting) == Qt::Checked;
    }
    m_table->clear();
    for (std::size_t i = 0; i < m_settings.size(); ++i) {
        const KvSettings& setting = m_settings[i];
        auto* row = new Row(m_table);
        row->setText(kSetting, settingWords(setting, m_session->kv));
        row->setData(kSetting, kIndex, int(i));
        row->setCheckState(kSetting, ticked[i] ? Qt::Checked : Qt::Unchecked);
        if (setting == m_session->kv) {
            QFont bold = m_table->font();
            bold.setWeight(QFont::DemiBold);
            row->setFont(kSetting, bold);
            row->setToolTip(kSetting, tr("This session's own setting"));
        }
        const ComparedSetting* found = measured(m_session->comparison, setting);
        if (found == nullptr) continue;
        row->setNumber(kDivergence, found->kl_mean, decimals(found->kl_mean, 4));
        row->setToolTip(kDivergence, tr("99th percentile %1").arg(decimals(found->kl_p99, 3)));
        row->setNumber(kAgreement, found->top1_agreement, tr("%1%").arg(decimals(100 * found->top1_agreement, 1)));
        row->setNumber(kPerplexity, found->perplexity, decimals(found->perplexity, 3));
        row->setNumber(kBytes, found->bytes_per_token, bytesText(std::uint64_t(found->bytes_per_token)));
    }
    m_table->setSortingEnabled(true);
}

std::vector<KvSettings> ComparisonPage::chosen() const {
    std::vector<std::size_t> ticked;
    for (int i = 0; i < m_table->topLevelItemCount(); ++i) {
        const QTreeWidgetItem* item = m_table->topLevelItem(i);
        if (item->checkState(kSetting) == Qt::Checked)
            ticked.push_back(std::size_t(item->data(kSetting, kIndex).toInt()));
    }
    std::sort(ticked.begin(), ticked.end());
    std::vector<KvSettings> settings;
    for (const std::size_t index : ticked) settings.push_back(m_settings[index]);
    return settings;
}

void ComparisonPage::setActivity(Activity activity) {
    m_activity = activity;
    sync();
}

void ComparisonPage::showShare(double share) {
    if (m_activity == Activity::Comparing) m_compare->setText(tr("Comparing… %1").arg(percentText(share)));
}

void ComparisonPage::sync() {
    const bool comparing = m_activity == Activity::Comparing;
    const bool context = m_session && m_session->hasContext();
    const auto known = m_session ? m_session->comparison : std::nullopt;
    m_compare->setText(comparing ? tr("Comparing…") : known ? tr("Compare again") : tr("Compare"));
    m_compare->setEnabled(m_activity == Activity::Idle && context && !chosen().empty());
    m_cancel->setVisible(comparing);
    m_table->setEnabled(!comparing);
    m_export->setEnabled(known.has_value());
    if (known)
        m_words->setText(
            tr("Measured on %1 places of these documents, %2.").arg(countText(known->tokens), whenText(known->time)));
    else
        m_words->setText(context ? tr("What the ticked settings would cost, measured on samples of these documents "
                                      "against an fp16 cache.")
                                 : tr("Read documents into the session first: settings are compared on their text."));
}

}  // namespace lectern::ui
