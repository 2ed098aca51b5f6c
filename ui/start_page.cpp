// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/start_page.h"

#include <QHBoxLayout>
#include <QStackedWidget>

#include "ui/drop_zone.h"
#include "ui/format.h"
#include "ui/model_chooser.h"
#include "ui/recent_list.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {

StartPage::StartPage(bool has_sample, QWidget* parent) : QScrollArea(parent) {
    setObjectName("startPage");
    setAccessibleName(tr("Start page"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    auto* page = new QWidget(this);
    auto* centre = new QHBoxLayout(page);
    centre->setContentsMargins(32, 20, 32, 20);
    auto* body = new QWidget(page);
    body->setMaximumWidth(1100);
    auto* column = makeColumn(body, 0, 4);
    column->addWidget(new TextLabel(TextRole::Title, tr("Lectern"), body));
    column->addWidget(new TextLabel(
        TextRole::Muted, tr("Reads very long documents whole, and answers with the pages it looked at."), body));
    column->addSpacing(14);
    auto* halves = makeRow(24);
    halves->addWidget(makeLeft(has_sample), 5);
    halves->addWidget(makeRight(), 4);
    column->addLayout(halves, 1);
    centre->addStretch(1);
    centre->addWidget(body, 100);
    centre->addStretch(1);
    setWidget(page);
}

QWidget* StartPage::makeLeft(bool has_sample) {
    auto* left = new QWidget(this);
    auto* column = makeColumn(left, 0, 14);
    m_drop = new DropZone(left);
    m_drop->setMinimumHeight(230);
    column->addWidget(m_drop, 1);
    auto* sample = makeLinkButton(tr("No document at hand? Try the sample document"), left);
    sample->setObjectName("openSample");
    sample->setVisible(has_sample);
    column->addWidget(sample, 0, Qt::AlignLeft);
    auto* card = makeCard(left);
    auto* model = makeColumn(card, 14, 6);
    auto* row = makeRow();
    row->addWidget(new TextLabel(TextRole::Body, tr("Model"), card));
    m_models = new ModelChooser(card);
    m_models->setObjectName("startModel");
    row->addWidget(m_models, 1);
    auto* manage = makeLinkButton(tr("Manage…"), card);
    manage->setObjectName("manageModels");
    manage->setToolTip(tr("Add and remove models, and see what fits this machine"));
    connect(manage, &QPushButton::clicked, this, &StartPage::manageModels);
    row->addWidget(manage);
    model->addLayout(row);
    m_model_facts = new TextLabel(TextRole::Small, {}, card);
    m_model_facts->setWordWrap(true);
    model->addWidget(m_model_facts);
    column->addWidget(card);
    connect(m_drop, &DropZone::dropped, this, &StartPage::documentsDropped);
    connect(m_drop, &DropZone::chooseFiles, this, &StartPage::chooseFiles);
    connect(m_drop, &DropZone::chooseFolder, this, &StartPage::chooseFolder);
    connect(sample, &QPushButton::clicked, this, &StartPage::openSample);
    connect(m_models, &ModelChooser::modelChosen, this, [this](const QString& path) {
        describeChosenModel();
        emit modelChosen(path);
    });
    return left;
}

QWidget* StartPage::makeRight() {
    auto* card = makeCard(this);
    auto* column = makeColumn(card, 12, 8);
    auto* row = makeRow();
    row->setContentsMargins(8, 0, 0, 0);
    row->addWidget(new TextLabel(TextRole::Heading, tr("Recent sessions"), card));
    row->addStretch();
    auto* open = new QPushButton(tr("Open…"), card);
    open->setToolTip(tr("Open a session file"));
    row->addWidget(open);
    column->addLayout(row);
    m_recent_stack = new QStackedWidget(card);
    m_recent = new RecentList(card);
    m_recent->setObjectName("recentSessions");
    auto* empty = new TextLabel(TextRole::Muted,
                                tr("Sessions appear here.\n\nA session keeps what was read, compressed, in one file. "
                                   "Open it next week and ask on at once: nothing is read again."),
                                card);
    empty->setWordWrap(true);
    empty->setAlignment(Qt::AlignCenter);
    empty->setMargin(24);
    m_recent_stack->addWidget(empty);
    m_recent_stack->addWidget(m_recent);
    column->addWidget(m_recent_stack, 1);
    connect(open, &QPushButton::clicked, this, &StartPage::chooseSession);
    connect(m_recent, &RecentList::openSession, this, &StartPage::openSession);
    connect(m_recent, &RecentList::forgetSession, this, &StartPage::forgetSession);
    connect(m_recent, &RecentList::locateSession, this, &StartPage::locateSession);
    return card;
}

void StartPage::setEngine(const EngineFacts& facts) {
    m_facts = facts;
    m_models->setModels(facts.models);
    describeChosenModel();
}

void StartPage::setModel(const QString& path) {
    m_models->selectModel(path);
    describeChosenModel();
}

QString StartPage::model() const {
    return m_models->model();
}

void StartPage::setSessions(const std::vector<RecentSession>& sessions) {
    m_recent->setSessions(sessions);
    m_recent_stack->setCurrentIndex(sessions.empty() ? 0 : 1);
}

void StartPage::describeChosenModel() {
    const QString path = m_models->model();
    QString facts = path;
    for (const ModelInfo& info : m_facts.models) {
        if (path != (info.built_in ? QString() : fromPath(info.path))) continue;
        facts = describeModel(info);
        if (info.built_in)
            facts += '\n' + tr("Quotes the sentence that answers. For answers in a model's own words choose a LLaMA, "
                               "Mistral or Qwen model (GGUF).");
    }
    m_model_facts->setText(facts);
}

}  // namespace lectern::ui
