// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/quantization_panel.h"

#include <QStackedWidget>
#include <QTabBar>
#include <algorithm>

#include "ui/attention_page.h"
#include "ui/comparison_page.h"
#include "ui/figure.h"
#include "ui/layer_page.h"
#include "ui/widgets.h"

namespace lectern::ui {

QuantizationPanel::QuantizationPanel(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Quantization"));
    m_saver = new FigureSaver(this);
    connect(m_saver, &FigureSaver::saved, this, &QuantizationPanel::exported);
    connect(m_saver, &FigureSaver::failed, this, &QuantizationPanel::exportFailed);
    auto* column = makeColumn(this, 0, 0);
    m_tabs = new QTabBar(this);
    m_tabs->setObjectName("quantizationTabs");
    m_tabs->setAccessibleName(tr("What is shown"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_pages = new QStackedWidget(this);
    column->addWidget(m_tabs);
    column->addWidget(m_pages, 1);
    m_layers_or_not = new QStackedWidget(m_pages);
    m_empty = makeEmpty();
    m_layers = new LayerPage(m_saver, m_layers_or_not);
    m_layers_or_not->addWidget(m_empty);
    m_layers_or_not->addWidget(m_layers);
    m_attention = new AttentionPage(m_saver, m_pages);
    addPage(tr("Layers"), m_layers_or_not);
    addPage(tr("Documents"), m_attention);
    m_comparison = new ComparisonPage(m_saver, m_pages);
    addPage(tr("Settings"), m_comparison);
    connect(m_comparison, &ComparisonPage::compare, this, &QuantizationPanel::compare);
    connect(m_comparison, &ComparisonPage::cancel, this, &QuantizationPanel::cancel);
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
    sync();
}

void QuantizationPanel::addPage(const QString& title, QWidget* page) {
    m_pages->addWidget(page);
    m_tabs->addTab(title);
}

QWidget* QuantizationPanel::makeEmpty() {
    auto* page = new QWidget(m_layers_or_not);
    auto* column = makeColumn(page, 24, 8);
    m_empty_text = new TextLabel(TextRole::Muted, {}, page);
    m_empty_text->setObjectName("quantizationEmpty");
    m_empty_text->setWordWrap(true);
    m_empty_text->setAlignment(Qt::AlignHCenter);
    column->addStretch(2);
    column->addWidget(m_empty_text);
    column->addStretch(3);
    return page;
}

void QuantizationPanel::setSession(const std::optional<SessionSnapshot>& session) {
    m_session = session;
    m_comparison->setSession(session);
    m_attention->setBranches(session ? session->branches : SessionSnapshot().branches);
    sync();
}

void QuantizationPanel::setStatistics(const Statistics& statistics) {
    if (!m_session) return;
    m_session->statistics = statistics;
    sync();
}

void QuantizationPanel::setActivity(Activity activity) {
    m_comparison->setActivity(activity);
}

void QuantizationPanel::showShare(double share) {
    m_comparison->showShare(share);
}

std::vector<KvSettings> QuantizationPanel::showComparison() {
    m_tabs->setCurrentIndex(m_pages->indexOf(m_comparison));
    return m_comparison->chosen();
}

/// One sentence; empty where there is something to show.
QString QuantizationPanel::nothingToShow() const {
    if (!m_session) return tr("Open a session to see what quantization does to its cache.");
    if (m_session->kv.raw()) return tr("This session keeps its cache in fp16: nothing is quantized.");
    const Statistics& known = m_session->statistics;
    const bool any = known && std::any_of(known->begin(), known->end(), [](const LayerStatistics& layer) {
                         return layer.keys.tokens + layer.values.tokens > 0;
                     });
    if (any) return {};
    return tr("Nothing is quantized yet: the first %1 tokens stay in fp16. Read more into the session.")
        .arg(m_session->kv.sinks + m_session->kv.window);
}

void QuantizationPanel::sync() {
    const QString nothing = nothingToShow();
    m_empty_text->setText(nothing);
    if (nothing.isEmpty())
        m_layers->setStatistics(m_session->statistics, attentionByLayer(*m_session->branches), m_session->kv,
                                m_session->head_dim);
    m_layers_or_not->setCurrentWidget(nothing.isEmpty() ? static_cast<QWidget*>(m_layers) : m_empty);
}

}  // namespace lectern::ui
