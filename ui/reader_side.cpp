// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/reader_side.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QTreeWidget>
#include <algorithm>

#include "ui/format.h"
#include "ui/thumbnail_list.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kPages = 0, kOutline = 1;  ///< tabs
constexpr int kLeastWidth = 130;

}  // namespace

ReaderSide::ReaderSide(PagePictures* pictures, QWidget* parent) : QWidget(parent) {
    setObjectName("readerSide");
    auto* column = makeColumn(this, 0, 0);
    m_tabs = new QTabBar(this);
    m_tabs->setObjectName("readerSideTabs");
    m_tabs->setAccessibleName(tr("Beside the pages"));
    m_tabs->setDrawBase(false);
    m_tabs->addTab(tr("Pages"));
    m_tabs->addTab(tr("Outline"));
    m_stack = new QStackedWidget(this);
    m_thumbnails = new ThumbnailList(pictures, m_stack);
    m_thumbnails->setObjectName("thumbnails");
    m_outline = makeTree(m_stack);
    m_outline->setObjectName("readerOutline");
    m_outline->setAccessibleName(tr("Outline"));
    m_outline->setHeaderHidden(true);
    m_outline->setIndentation(12);
    m_outline->setFrameShape(QFrame::NoFrame);
    m_outline->setProperty("plain", true);
    m_stack->addWidget(m_thumbnails);
    m_stack->addWidget(m_outline);
    column->addWidget(m_tabs);
    column->addWidget(m_stack, 1);
    m_tabs->setUsesScrollButtons(false);
    m_tabs->ensurePolished();
    setMinimumWidth(std::max(kLeastWidth, m_tabs->sizeHint().width()));
    connect(m_tabs, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    connect(m_thumbnails, &ThumbnailList::pageChosen, this, &ReaderSide::pageChosen);
    const auto choose = [this](const QTreeWidgetItem* item) {
        const int page = item->data(0, Qt::UserRole).toInt();
        if (page >= 0) emit pageChosen(page);
    };
    connect(m_outline, &QTreeWidget::itemClicked, this, choose);
    connect(m_outline, &QTreeWidget::itemActivated, this, choose);
}

void ReaderSide::setDocument(const DocumentEntry* entry) {
    m_thumbnails->setPages(entry == nullptr ? std::vector<PageInfo>() : entry->pages);
    fillOutline(entry == nullptr ? std::vector<OutlineItem>() : entry->info.outline);
    m_tabs->setTabEnabled(kOutline, entry != nullptr && !entry->info.outline.empty());
    if (!m_tabs->isTabEnabled(kOutline)) m_tabs->setCurrentIndex(kPages);
}

void ReaderSide::fillOutline(const std::vector<OutlineItem>& outline) {
    m_outline->clear();
    QList<QTreeWidgetItem*> top;
    std::vector<std::pair<int, QTreeWidgetItem*>> open;  // level and item of the last entry on each level
    for (const OutlineItem& entry : outline) {
        while (!open.empty() && open.back().first >= entry.level) open.pop_back();
        auto* item = new QTreeWidgetItem({text(entry.title)});
        item->setData(0, Qt::UserRole, entry.page);
        item->setToolTip(0, text(entry.title));
        open.empty() ? top.append(item) : open.back().second->addChild(item);
        open.emplace_back(entry.level, item);
    }
    m_outline->addTopLevelItems(top);
    m_outline->expandToDepth(0);
}

void ReaderSide::showPage(int page) {
    m_thumbnails->showPage(page);
}

void ReaderSide::wantPictures() {
    m_thumbnails->want();
}

}  // namespace lectern::ui
