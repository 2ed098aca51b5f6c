// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shelf_panel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <algorithm>

#include "ui/format.h"
#include "ui/shelf_delegate.h"
#include "ui/shelf_model.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
ShelfPanel::ShelfPanel(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 8, 8);
    auto* row = makeRow(4);
    m_filter = new QLineEdit(this);
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setAccessibleName(tr("Filter documents"));
    m_filter->setClearButtonEnabled(true);
    auto* add = makeIconButton("add", tr("Add documents"), this);
    m_add = add;
    row->addWidget(m_filter, 1);
    row->addWidget(add);
    column->addLayout(row);
    m_model = new ShelfModel(this);
    m_filtered = new QSortFilterProxyModel(this);
    m_filtered->setSourceModel(m_model);
    m_filtered->setRecursiveFilteringEnabled(true);
    m_filtered->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_tree = makeTree();
    makeActions();
    makeChangedBar();
    column->addWidget(m_tree, 1);
    column->addWidget(m_changed_bar);
    connect(m_filter, &QLineEdit::textChanged, m_filtered, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_tree, &QTreeView::clicked, this, [this](const QModelIndex& index) {
        if (!m_delegate->clickTaken() && selected().size() < 2) activate(index);
    });
    connect(m_tree, &QTreeView::activated, this, &ShelfPanel::activate);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &ShelfPanel::showMenu);
    connect(add, &QToolButton::clicked, this, &ShelfPanel::addDocuments);
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ShelfPanel::syncActions);
    connect(m_model, &ShelfModel::moveWanted, this, &ShelfPanel::moveDocuments);
    connect(m_model, &ShelfModel::switchWanted, this, [this](int id, bool on) {
        const auto ids = selected();  // with one of several, all of them
        const bool one = std::find(ids.begin(), ids.end(), id) == ids.end();
        emit switchDocuments(one ? std::vector{id} : ids, on);
    });
    syncActions();
}

QTreeView* ShelfPanel::makeTree() {
    auto* tree = new QTreeView(this);
    tree->setObjectName("shelf");
    tree->setAccessibleName(tr("Documents"));
    tree->setModel(m_filtered);
    m_delegate = new ShelfDelegate(tree);
    tree->setItemDelegate(m_delegate);
    tree->setHeaderHidden(true);
    tree->setIndentation(16);
    tree->setMouseTracking(true);
    tree->setFrameShape(QFrame::NoFrame);
    tree->setProperty("plain", true);
    tree->viewport()->setAutoFillBackground(false);
    tree->setContextMenuPolicy(Qt::CustomContextMenu);
    tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    tree->setDragDropMode(QAbstractItemView::InternalMove);
    tree->setDropIndicatorShown(true);
    return tree;
}

QAction* ShelfPanel::addAction(const char* name, const QString& text, const QKeySequence& key,
                               std::function<void()> act) {
    auto* action = new QAction(text, m_tree);
    action->setObjectName(name);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
    m_tree->addAction(action);
    QWidget::addAction(action);
    m_own[name] = action;
    return action;
}

void ShelfPanel::makeActions() {
    addAction("switchOff", tr("Leave out of questions"), QKeySequence("Ctrl+Shift+X"),
              [this] { emit switchDocuments(selected(), false); });
    addAction("switchOn", tr("Read for questions again"), QKeySequence("Ctrl+Shift+I"),
              [this] { emit switchDocuments(selected(), true); });
    addAction("moveUp", tr("Move up"), QKeySequence("Alt+Up"), [this] { moveSelected(-1); });
    addAction("moveDown", tr("Move down"), QKeySequence("Alt+Down"), [this] { moveSelected(1); });
    addAction("removeDocuments", tr("Take out of the session…"), QKeySequence::Delete,
              [this] { emit removeDocuments(selected()); });
}

void ShelfPanel::makeChangedBar() {
    m_changed_bar = new QWidget(this);
    auto* row = new QHBoxLayout(m_changed_bar);
    row->setContentsMargins(4, 0, 0, 0);
    m_changed_text = new TextLabel(TextRole::Small, {}, m_changed_bar);
    m_changed_text->setWordWrap(true);
    m_read_changed = makeLinkButton(tr("Read again…"), m_changed_bar);
    m_read_changed->setObjectName("readChanged");
    row->addWidget(m_changed_text, 1);
    row->addWidget(m_read_changed);
    connect(m_read_changed, &QPushButton::clicked, this, &ShelfPanel::readChanged);
    m_changed_bar->hide();
}

void ShelfPanel::setSession(const std::optional<SessionSnapshot>& session) {
    m_model->setShelf(session && session->shelf);
    m_model->setDocuments(session ? session->documents : std::vector<DocumentEntry>());
    const auto& all = m_model->documents();
    const auto changed = std::count_if(all.begin(), all.end(), [](const DocumentEntry& entry) {
        return entry.info.source_state == SourceState::Changed;
    });
    m_changed_text->setText(changed == 1 ? tr("One document has changed on disk.")
                                         : tr("%1 documents have changed on disk.").arg(changed));
    m_changed_bar->setVisible(changed > 0);
    syncActions();
}

void ShelfPanel::setCanChange(bool can_change) {
    m_can_change = can_change;
    m_add->setEnabled(can_change);
    m_read_changed->setEnabled(can_change);
    m_model->setCanChange(can_change);
    syncActions();
}

std::vector<int> ShelfPanel::selected() const {
    std::vector<int> ids;
    const QItemSelectionModel& chosen = *m_tree->selectionModel();
    for (int row = 0; row < m_filtered->rowCount(); ++row) {
        const QModelIndex index = m_filtered->index(row, 0);
        if (chosen.isSelected(index)) ids.push_back(index.data(ShelfModel::kDocumentId).toInt());
    }
    return ids;
}

void ShelfPanel::syncActions() {
    const auto ids = selected();
    bool any_on = false, any_off = false, first = false, last = false;
    const auto& all = m_model->documents();
    for (std::size_t row = 0; row < all.size(); ++row) {
        const DocumentInfo& info = all[row].info;
        if (std::find(ids.begin(), ids.end(), info.id) == ids.end()) continue;
        if (info.state != DocumentState::Failed) any_on |= info.on, any_off |= !info.on;
        first |= row == 0;
        last |= row + 1 == all.size();
    }
    m_own.at("switchOff")->setEnabled(m_can_change && any_on);
    m_own.at("switchOn")->setEnabled(m_can_change && any_off);
    m_own.at("moveUp")->setEnabled(m_can_change && !ids.empty() && !first);
    m_own.at("moveDown")->setEnabled(m_can_change && !ids.empty() && !last);
    m_own.at("removeDocuments")->setEnabled(m_can_change && !ids.empty());
}

/// The documents selected go together, next to where the first (up) or last (down) of them is.
void ShelfPanel::moveSelected(int by) {
    const auto ids = selected();
    const auto& all = m_model->documents();
    const auto row_of = [&](int id) {
        return int(std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.info.id == id; }) -
                   all.begin());
    };
    if (!ids.empty()) emit moveDocuments(ids, by < 0 ? row_of(ids.front()) - 1 : row_of(ids.back()) + 2);
}

void ShelfPanel::focusFilter() {
    m_filter->setFocus();
}

void ShelfPanel::activate(const QModelIndex& index) {
    const int page = index.data(ShelfModel::kPage).toInt();
    const bool failed = index.data(ShelfModel::kState).toInt() == int(DocumentState::Failed);
    if (page >= 0 && !(failed && !index.data(ShelfModel::kKind).isNull()))
        emit openPage(index.data(ShelfModel::kDocumentId).toInt(), page);
}

const DocumentEntry* ShelfPanel::entry(int document_id) const {
    const auto& all = m_model->documents();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const DocumentEntry& candidate) { return candidate.info.id == document_id; });
    return found == all.end() ? nullptr : &*found;
}

/// Whether questions see it, and so can a summary.
bool ShelfPanel::canBeSummarized(int document_id) const {
    const DocumentEntry* document = entry(document_id);
    return document != nullptr && document->info.on && document->pagesInContext() > 0;
}

void ShelfPanel::addDocumentActions(QMenu& menu, int document_id, bool changed) {
    if (const DocumentEntry* document = entry(document_id); document != nullptr && document->needsOcr()) {
        const QString source = fromPath(document->info.source);
        menu.addAction(tr("Recognize text"), this, [this, source] { emit recognize(source); })
            ->setEnabled(m_can_change);
    }
    if (changed) menu.addAction(tr("Read again…"), this, &ShelfPanel::readChanged)->setEnabled(m_can_change);
    for (const char* name : {"switchOff", "switchOn"})
        if (m_own.at(name)->isEnabled()) menu.addAction(m_own.at(name));
    menu.addSeparator();
    for (const char* name : {"moveUp", "moveDown", "removeDocuments"}) menu.addAction(m_own.at(name));
}

void ShelfPanel::showMenu(const QPoint& at) {
    const QModelIndex index = m_tree->indexAt(at);
    if (!index.isValid()) return;
    const bool whole = !index.data(ShelfModel::kKind).isNull();  // else an entry of an outline
    const int document = index.data(ShelfModel::kDocumentId).toInt();
    auto* menu = new QMenu(this);
    menu->setObjectName("shelfMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (whole && index.data(ShelfModel::kState).toInt() == int(DocumentState::Failed)) {
        const QString source = index.data(ShelfModel::kSource).toString();
        menu->addAction(tr("Try again"), this, [this, source] { emit retry(source); })->setEnabled(m_can_change);
    } else {
        const int item = index.data(ShelfModel::kOutline).toInt();
        menu->addAction(tr("Open"), this, [this, index = QPersistentModelIndex(index)] { activate(index); });
        menu->addAction(themedIcon("quote"), tr("Summarize…"), this,
                        [this, document, item] { emit summarize(document, item); })
            ->setEnabled(m_can_summarize && canBeSummarized(document));
    }
    if (whole) addDocumentActions(*menu, document, index.data(ShelfModel::kChanged).toBool());
    menu->popup(m_tree->viewport()->mapToGlobal(at));
}

}  // namespace lectern::ui
