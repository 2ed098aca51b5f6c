// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/branch_flow.h"

#include <QMessageBox>
#include <QPushButton>
#include <utility>

#include "ui/branch_tabs.h"
#include "ui/format.h"
#include "ui/notice_bar.h"

namespace lectern::ui {

BranchFlow::BranchFlow(SessionController* controller, const BranchTabs* tabs, NoticeBar* notice, QWidget* window)
    : QObject(window), m_controller(controller), m_notice(notice), m_window(window) {
    connect(tabs, &BranchTabs::rename, this, &BranchFlow::rename);
    connect(tabs, &BranchTabs::remove, this, &BranchFlow::remove);
    connect(tabs, &BranchTabs::bringBack, this, &BranchFlow::bringBack);
    connect(tabs, &BranchTabs::forgetDeleted, this, &BranchFlow::forgetDeleted);
    connect(controller, &SessionController::ended, this, [this](const TaskResult& result) {
        if (result.task == Task::Change) changed(result);
        if (result.task == Task::Ask && !result.aside.empty())
            m_notice->showNotice(NoticeBar::Kind::Info, tr("The earlier answer is kept."), tr("Bring it back"),
                                 [this, name = text(result.aside)] { bringBack(name); });
    });
}

void BranchFlow::rename(const QString& name, const QString& to) {
    if (m_controller->busy()) return;
    m_controller->change([name = name.toStdString(), to = to.toStdString()](Session& session) {
        return session.renameBranch(name, to);
    });
}

void BranchFlow::remove(const QString& name) {
    if (m_controller->busy()) return;
    m_removing = name;
    m_controller->change([name = name.toStdString()](Session& session) { return session.deleteBranch(name); });
}

void BranchFlow::bringBack(const QString& name) {
    if (m_controller->busy()) return;
    m_controller->change([name = name.toStdString()](Session& session) -> Status {
        if (auto back = session.undeleteBranch(name); !back) return back.error();
        return {};
    });
}

void BranchFlow::forgetDeleted() {
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Conversations"),
                                tr("Remove the deleted conversations for good?"), QMessageBox::Cancel, m_window);
    box->setObjectName("confirmForget");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("They cannot be brought back after that. What other conversations go on from stays."));
    auto* go = box->addButton(tr("Remove"), QMessageBox::DestructiveRole);
    go->setObjectName("confirmed");
    connect(go, &QPushButton::clicked, this, [this] {
        if (m_controller->busy()) return;
        m_controller->change([](Session& session) -> Status {
            if (auto gone = session.removeDeleted(); !gone) return gone.error();
            return {};
        });
    });
    box->open();
}

void BranchFlow::changed(const TaskResult& result) {
    const QString name = std::exchange(m_removing, {});
    if (name.isEmpty() || result.error) return;
    m_notice->showNotice(NoticeBar::Kind::Info, tr("“%1” is deleted.").arg(titleOf(name, 60)), tr("Undo"),
                         [this, name] { bringBack(name); });
}

}  // namespace lectern::ui
