// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/branch_tabs.h"

#include <QHBoxLayout>
#include <QInputDialog>
#include <QMenu>
#include <QSignalBlocker>
#include <QTabBar>
#include <algorithm>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kMostTabs = 24;         ///< opened by themselves; the menu has all
constexpr int kMostMenuEntries = 60;  ///< of each kind, newest first
constexpr int kTitleLength = 26, kNameLength = 48;

const char* const kTrunkName = "main";

QString plain(QString text) {
    return text.replace('&', "&&");  // no shortcut
}

}  // namespace

QString titleOf(const QString& question, int length) {
    QString title = question.simplified();
    if (title.size() <= length) return title;
    const auto space = title.lastIndexOf(' ', length - 1);
    title.truncate(space > length / 2 ? space : length - 1);
    return title + QChar(0x2026);
}

BranchTabs::BranchTabs(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    m_bar = new QTabBar(this);
    m_bar->setObjectName("branches");
    m_bar->setAccessibleName(tr("Conversations"));
    m_bar->setDrawBase(false);
    m_bar->setExpanding(false);
    m_bar->setElideMode(Qt::ElideRight);
    m_bar->setContextMenuPolicy(Qt::CustomContextMenu);
    m_new = makeIconButton("add", tr("New conversation about the same documents (Ctrl+T)"), this);
    m_new->setObjectName("newBranch");
    m_menu_button = makeIconButton("down", tr("All conversations"), this);
    m_menu_button->setObjectName("allBranches");
    m_menu_button->setPopupMode(QToolButton::InstantPopup);
    m_menu_button->setStyleSheet("QToolButton::menu-indicator { image: none; }");
    auto* menu = new QMenu(m_menu_button);
    m_menu_button->setMenu(menu);
    row->addWidget(m_bar);
    row->addWidget(m_new);
    row->addWidget(m_menu_button);
    row->addStretch();
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillMenu(*menu); });
    connect(m_new, &QToolButton::clicked, this, [this] { begin({}); });
    connect(m_bar, &QTabBar::currentChanged, this, &BranchTabs::shown);
    connect(m_bar, &QTabBar::tabBarDoubleClicked, this, &BranchTabs::askName);
    connect(m_bar, &QWidget::customContextMenuRequested, this, &BranchTabs::showMenu);
    m_tabs.push_back({kTrunkName, {}, true});
    sync();
}

const BranchTab& BranchTabs::current() const {
    const auto at = std::size_t(std::max(0, m_bar->currentIndex()));
    return m_tabs[std::min(at, m_tabs.size() - 1)];
}

int BranchTabs::indexOf(const QString& name) const {
    const auto found = std::find_if(m_tabs.begin(), m_tabs.end(), [&](const auto& tab) { return tab.name == name; });
    return found == m_tabs.end() ? -1 : int(found - m_tabs.begin());
}

void BranchTabs::setSession(const std::optional<SessionSnapshot>& session, bool other) {
    const BranchTab before = current();
    if (other) m_tabs.clear(), m_known.clear();
    m_all.clear();
    m_deleted.clear();
    if (session) {
        for (const BranchInfo& info : *session->branches) {
            const auto own = std::size_t(info.turn);  // its first question that is not its parent's
            const auto& messages = info.messages;
            const bool trunk = text(info.name) == kTrunkName;
            const auto first = trunk || own >= messages.size() ? 0 : own;
            m_all.emplace_back(text(info.name), messages.empty() ? QString() : text(messages[first].question));
        }
        for (const std::string& name : session->deleted_branches) m_deleted << text(name);
    }
    QSet<QString> names;
    for (const auto& [name, title] : m_all) names.insert(name);
    const auto in_session = [&](const QString& name) { return names.contains(name); };
    const bool first_time = m_known.isEmpty();
    m_known.intersect(names);  // one that comes back gets its tab again
    for (BranchTab& tab : m_tabs)
        if (tab.draft && in_session(tab.name)) tab.draft = false, tab.fork.reset();
    std::erase_if(m_tabs, [&](const BranchTab& tab) { return !tab.draft && !in_session(tab.name); });
    const auto skip = first_time && m_all.size() > kMostTabs ? m_all.size() - kMostTabs : 0;
    for (std::size_t i = 0; i < m_all.size(); ++i) {
        const QString& name = m_all[i].first;
        const bool wanted = !m_known.contains(name) && (i >= skip || name == kTrunkName);
        if (wanted && indexOf(name) < 0) m_tabs.push_back({name});
        m_known.insert(name);
    }
    for (BranchTab& tab : m_tabs)
        for (const auto& [name, title] : m_all)
            if (tab.name == name) tab.title = title;
    if (m_tabs.empty()) m_tabs.push_back({kTrunkName, {}, true});
    sync();
    const int again = indexOf(before.name);
    if (!other && again >= 0 && again != m_bar->currentIndex()) {
        const QSignalBlocker quiet(m_bar);
        m_bar->setCurrentIndex(again);
    }
}

void BranchTabs::setCanChange(bool ask, bool rows) {
    m_can_ask = ask;
    m_can_change = rows;
    m_new->setEnabled(ask);
    for (int i = 0; i < m_bar->count(); ++i)
        if (QWidget* button = m_bar->tabButton(i, QTabBar::RightSide))
            button->setEnabled(rows || m_tabs[std::size_t(i)].draft);
}

/// Brings the bar in line with the tabs; the one in sight is the caller's business.
void BranchTabs::sync() {
    const QSignalBlocker quiet(m_bar);
    while (m_bar->count() > int(m_tabs.size())) m_bar->removeTab(m_bar->count() - 1);
    const bool closable = m_tabs.size() > 1;
    for (int i = 0; i < int(m_tabs.size()); ++i) {
        const BranchTab& tab = m_tabs[std::size_t(i)];
        QString title = tab.name == kTrunkName ? titleOf(tab.title, kTitleLength) : titleOf(tab.name, kTitleLength);
        if (title.isEmpty()) title = tab.name == kTrunkName ? tr("Conversation") : tr("New conversation");
        if (i >= m_bar->count()) m_bar->addTab({});
        m_bar->setTabText(i, plain(title));
        m_bar->setTabToolTip(
            i, tab.draft && tab.fork
                   ? tr("Goes on from “%1” after answer %2").arg(text(tab.fork->branch)).arg(tab.fork->turns)
               : tab.title.isEmpty() ? tab.name
                                     : tab.title);
        if (closable && m_bar->tabButton(i, QTabBar::RightSide) == nullptr) addCloseButton(i);
        if (!closable) m_bar->setTabButton(i, QTabBar::RightSide, nullptr);
    }
    setCanChange(m_can_ask, m_can_change);
}

void BranchTabs::addCloseButton(int index) {
    auto* button = makeIconButton("close", tr("Delete this conversation (Ctrl+W)"), m_bar);
    button->setObjectName("closeBranch");
    button->setIconSize({12, 12});
    connect(button, &QToolButton::clicked, this, [this, button] {
        for (int i = 0; i < m_bar->count(); ++i)
            if (m_bar->tabButton(i, QTabBar::RightSide) == button) return close(i);
    });
    m_bar->setTabButton(index, QTabBar::RightSide, button);
}

void BranchTabs::show(int index) {
    if (index == m_bar->currentIndex())
        emit shown();
    else
        m_bar->setCurrentIndex(index);
}

void BranchTabs::begin(std::optional<ForkPlace> fork) {
    if (fork && fork->turns == 0) fork.reset();
    BranchTab tab;
    tab.draft = true;
    tab.fork = std::move(fork);
    m_tabs.push_back(std::move(tab));
    sync();
    show(int(m_tabs.size()) - 1);
}

QString BranchTabs::nameDraft(const QString& question) {
    BranchTab& tab = m_tabs[std::size_t(m_bar->currentIndex())];
    if (!tab.draft || tab.name == kTrunkName) return tab.name;
    const auto taken = [&](const QString& name) {
        const bool session =
            std::any_of(m_all.begin(), m_all.end(), [&](const auto& branch) { return branch.first == name; });
        return session || (indexOf(name) >= 0 && &m_tabs[std::size_t(indexOf(name))] != &tab);
    };
    const QString first = titleOf(question, kNameLength);
    QString name = first;
    for (int copy = 2; taken(name); ++copy) name = QString("%1 (%2)").arg(first).arg(copy);
    tab.name = name;
    sync();
    return name;
}

void BranchTabs::step(int by) {
    const int count = m_bar->count();
    m_bar->setCurrentIndex((m_bar->currentIndex() + by + count) % count);
}

void BranchTabs::choose(const QString& name) {
    if (indexOf(name) < 0) {
        m_tabs.push_back({name});
        for (const auto& [known, title] : m_all)
            if (known == name) m_tabs.back().title = title;
        sync();
    }
    show(indexOf(name));
}

void BranchTabs::close(int index) {
    const BranchTab tab = m_tabs[std::size_t(index)];
    if (m_tabs.size() == 1 || (!tab.draft && !m_can_change)) return;
    if (!tab.draft) return emit remove(tab.name);
    const int now = m_bar->currentIndex();
    m_tabs.erase(m_tabs.begin() + index);
    sync();
    const QSignalBlocker quiet(m_bar);
    m_bar->setCurrentIndex(std::max(0, index <= now ? now - 1 : now));
    emit shown();
}

void BranchTabs::renameCurrent() {
    askName(m_bar->currentIndex());
}

void BranchTabs::closeCurrent() {
    close(m_bar->currentIndex());
}

void BranchTabs::askName(int index) {
    if (index < 0 || !m_can_change || m_tabs[std::size_t(index)].draft) return;
    const QString name = m_tabs[std::size_t(index)].name;
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName("renameBranch");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Rename the conversation"));
    dialog->setLabelText(tr("Its name:"));
    dialog->setTextValue(name);
    dialog->setOkButtonText(tr("Rename"));
    dialog->resize(420, dialog->sizeHint().height());
    connect(dialog, &QInputDialog::textValueSelected, this, [this, name](const QString& to) {
        if (to.trimmed() != name) emit rename(name, to.trimmed());
    });
    dialog->open();
}

void BranchTabs::showMenu(const QPoint& at) {
    const int index = m_bar->tabAt(at);
    if (index < 0) return;
    const bool draft = m_tabs[std::size_t(index)].draft;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Rename…"), this, [this, index] { askName(index); })->setEnabled(m_can_change && !draft);
    menu->addAction(tr("Delete"), this, [this, index] { close(index); })
        ->setEnabled(m_tabs.size() > 1 && (draft || m_can_change));
    menu->popup(m_bar->mapToGlobal(at));
}

void BranchTabs::fillMenu(QMenu& menu) {
    menu.clear();
    int entries = 0;
    for (auto branch = m_all.rbegin(); branch != m_all.rend() && entries < kMostMenuEntries; ++branch, ++entries) {
        const QString name = branch->first;
        const QString title = name == kTrunkName && !branch->second.isEmpty() ? branch->second : name;
        QAction* action = menu.addAction(plain(titleOf(title, kNameLength)), this, [this, name] { choose(name); });
        action->setCheckable(true);
        action->setChecked(current().name == name);
    }
    if (m_all.empty()) menu.addAction(tr("No conversation yet"))->setEnabled(false);
    if (m_deleted.isEmpty()) return;
    menu.addSeparator();
    QMenu* deleted = menu.addMenu(tr("Deleted"));
    deleted->setEnabled(m_can_change);
    for (int i = int(m_deleted.size()) - 1, shown = 0; i >= 0 && shown < kMostMenuEntries; --i, ++shown)
        deleted->addAction(tr("Bring back “%1”").arg(plain(titleOf(m_deleted[i], kNameLength))), this,
                           [this, name = m_deleted[i]] { emit bringBack(name); });
    deleted->addSeparator();
    deleted->addAction(tr("Remove them for good…"), this, &BranchTabs::forgetDeleted);
}

}  // namespace lectern::ui
