// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shelf_model.h"

#include <QMimeData>
#include <algorithm>

#include "ui/document_words.h"
#include "ui/format.h"

namespace lectern::ui {
namespace {

const char* const kMimeType = "application/x-lectern-documents";

}  // namespace

struct ShelfModel::Node {
    Node* parent = nullptr;
    int row = 0;       ///< among its siblings
    int document = 0;  ///< index into m_documents
    int outline = -1;  ///< index into its outline; -1: the document itself
    std::vector<std::unique_ptr<Node>> children;

    Node* add(int document_index, int outline_index) {
        auto child = std::make_unique<Node>();
        child->parent = this;
        child->row = int(children.size());
        child->document = document_index;
        child->outline = outline_index;
        children.push_back(std::move(child));
        return children.back().get();
    }
};

ShelfModel::ShelfModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>()) {}

ShelfModel::~ShelfModel() = default;

std::unique_ptr<ShelfModel::Node> ShelfModel::buildTree(const std::vector<DocumentEntry>& documents) {
    auto root = std::make_unique<Node>();
    for (std::size_t d = 0; d < documents.size(); ++d) {
        Node* document = root->add(int(d), -1);
        std::vector<std::pair<int, Node*>> open;  // level and node of the last item on each level
        const auto& outline = documents[d].info.outline;
        for (std::size_t i = 0; i < outline.size(); ++i) {
            while (!open.empty() && open.back().first >= outline[i].level) open.pop_back();
            Node* parent = open.empty() ? document : open.back().second;
            open.emplace_back(outline[i].level, parent->add(int(d), int(i)));
        }
    }
    return root;
}

void ShelfModel::setDocuments(const std::vector<DocumentEntry>& documents) {
    const auto same = [](const DocumentEntry& a, const DocumentEntry& b) {
        return a.info.id == b.info.id && a.info.outline.size() == b.info.outline.size();
    };
    const bool keep = std::equal(documents.begin(), documents.end(), m_documents.begin(), m_documents.end(), same);
    if (!keep) beginResetModel();
    m_documents = documents;
    m_progress.assign(documents.size(), {});
    if (keep) {
        if (!documents.empty()) emit dataChanged(index(0, 0, {}), index(int(documents.size()) - 1, 0, {}));
        return;
    }
    m_root = buildTree(documents);
    endResetModel();
}

void ShelfModel::apply(const IngestEvent& event) {
    for (std::size_t row = 0; row < m_documents.size(); ++row) {
        DocumentInfo& info = m_documents[row].info;
        if (info.name != event.document) continue;
        m_progress[row] = {event.pages, event.pages_total, event.kind == IngestEvent::Kind::Progress};
        if (event.kind == IngestEvent::Kind::Progress) info.state = DocumentState::Reading;
        if (event.kind == IngestEvent::Kind::Document) {
            info.state = event.problem.empty() ? DocumentState::InContext : DocumentState::Failed;
            info.problem = event.problem;
            info.problem_parts = {};
        }
        emit dataChanged(index(int(row), 0, {}), index(int(row), 0, {}));
    }
}

ShelfModel::Node* ShelfModel::nodeOf(const QModelIndex& index) const {
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : m_root.get();
}

QModelIndex ShelfModel::index(int row, int column, const QModelIndex& parent) const {
    const Node* node = nodeOf(parent);
    if (column != 0 || row < 0 || row >= int(node->children.size())) return {};
    return createIndex(row, 0, node->children[std::size_t(row)].get());
}

QModelIndex ShelfModel::parent(const QModelIndex& index) const {
    Node* parent = index.isValid() ? nodeOf(index)->parent : nullptr;
    return parent == nullptr || parent == m_root.get() ? QModelIndex() : createIndex(parent->row, 0, parent);
}

int ShelfModel::rowCount(const QModelIndex& parent) const {
    return int(nodeOf(parent)->children.size());
}

QVariant ShelfModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const Node& node = *nodeOf(index);
    if (role == kDocumentId) return m_documents[std::size_t(node.document)].info.id;
    if (role == kOutline) return node.outline;
    return node.outline < 0 ? documentData(node, role) : outlineData(node, role);
}

QVariant ShelfModel::documentData(const Node& node, int role) const {
    const DocumentInfo& info = m_documents[std::size_t(node.document)].info;
    switch (role) {
        case Qt::DisplayRole:
            return text(info.name);
        case Qt::ToolTipRole:
            return toolTip(m_documents[std::size_t(node.document)]);
        case Qt::CheckStateRole:
            return info.state == DocumentState::Failed ? QVariant() : QVariant(info.on ? Qt::Checked : Qt::Unchecked);
        case kChanged:
            return info.source_state == SourceState::Changed;
        case Qt::AccessibleTextRole:
            return text(info.name) + ", " + detail(node.document);
        case kPage:
            return 0;
        case kDetail:
            return detail(node.document);
        case kCoverage:
            return coverage(node.document);
        case kState:
            return int(info.state);
        case kKind:
            return text(info.kind.empty() ? "text" : info.kind);
        case kSource:
            return fromPath(info.source);
        default:
            return {};
    }
}

QVariant ShelfModel::outlineData(const Node& node, int role) const {
    const OutlineItem& item = m_documents[std::size_t(node.document)].info.outline[std::size_t(node.outline)];
    switch (role) {
        case Qt::DisplayRole:
            return text(item.title);
        case Qt::ToolTipRole:
            return text(item.title);
        case kPage:
            return item.page;
        case kDetail:
            return item.page >= 0 ? QString::number(item.page + 1) : QString();
        default:
            return {};
    }
}

QByteArray ShelfModel::coverage(int row) const {
    const DocumentEntry& entry = m_documents[std::size_t(row)];
    const Progress& progress = m_progress[std::size_t(row)];
    const auto count = qsizetype(entry.pages.size()), cells = std::min<qsizetype>(count, kMostCells);
    if (entry.info.state == DocumentState::Failed || count < 2) return {};
    QByteArray covers(cells, kInContext);
    for (qsizetype page = 0; page < count; ++page) {
        const PageInfo& info = entry.pages[std::size_t(page)];
        const bool empty = info.state == PageState::ImageOnly || info.state == PageState::Unreadable;
        const bool read = info.in_context || info.tokens == 0 || (progress.running && page < progress.pages) ||
                          entry.info.state == DocumentState::InContext;
        const Cover cover = empty ? kNoText : read ? kInContext : kNotYet;
        char& cell = covers[page * cells / count];
        cell = std::max(cell, char(cover));
    }
    return covers;
}

/// "3, 7–9"
QString ShelfModel::pagesWithoutText(const std::vector<PageInfo>& pages) {
    constexpr int kRuns = 12;
    QStringList runs;
    for (std::size_t page = 0; page < pages.size(); ++page) {
        const auto empty = [&](std::size_t at) {
            return at < pages.size() &&
                   (pages[at].state == PageState::ImageOnly || pages[at].state == PageState::Unreadable);
        };
        if (!empty(page)) continue;
        const std::size_t first = page;
        while (empty(page + 1)) ++page;
        if (runs.size() == kRuns) return runs.join(", ") + " …";
        runs << (first == page ? QString::number(page + 1) : QString("%1–%2").arg(first + 1).arg(page + 1));
    }
    return runs.join(", ");
}

QString ShelfModel::toolTip(const DocumentEntry& entry) const {
    const DocumentInfo& info = entry.info;
    QStringList lines = {info.problem.empty() ? fromPath(info.source) : problemText(entry)};
    if (const QString pages = pagesWithoutText(entry.pages); !pages.isEmpty())
        lines << tr("Pages without text, which need OCR or are damaged: %1").arg(pages);
    if (const int recognized = entry.pagesByOcr(); recognized > 0)
        lines << tr("Pages whose text was recognized in pictures (OCR) and may have mistakes: %1").arg(recognized);
    if (info.source_state == SourceState::Changed)
        lines << tr("The file has changed since it was read. “Read again” reads it anew, and what follows it.");
    if (info.source_state == SourceState::Missing) lines << tr("The file is not there any more; its text is kept.");
    if (!info.on) lines << tr("Off: questions do not read it.");
    if (!info.on && !m_shelf)
        lines << tr(
            "Documents after it were read seeing it, and earlier answers may have used it; taking it out undoes "
            "the first.");
    return lines.join('\n');
}

void ShelfModel::setCanChange(bool can_change) {
    m_can_change = can_change;
}

void ShelfModel::setShelf(bool shelf) {
    m_shelf = shelf;
}

bool ShelfModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || !flags(index).testFlag(Qt::ItemIsUserCheckable)) return false;
    emit switchWanted(index.data(kDocumentId).toInt(), value.toInt() == Qt::Checked);
    return true;
}

Qt::ItemFlags ShelfModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return m_can_change ? Qt::ItemIsDropEnabled : Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    const Node& node = *nodeOf(index);
    if (!m_can_change || node.outline >= 0) return flags;
    flags |= Qt::ItemIsDragEnabled;
    if (m_documents[std::size_t(node.document)].info.state != DocumentState::Failed) flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QStringList ShelfModel::mimeTypes() const {
    return {kMimeType};
}

QMimeData* ShelfModel::mimeData(const QModelIndexList& indexes) const {
    QStringList ids;
    for (const QModelIndex& index : indexes)
        if (nodeOf(index)->outline < 0) ids << index.data(kDocumentId).toString();
    auto* data = new QMimeData;
    data->setData(kMimeType, ids.join(' ').toLatin1());
    return data;
}

bool ShelfModel::canDropMimeData(const QMimeData* data, Qt::DropAction, int, int, const QModelIndex& parent) const {
    return m_can_change && !parent.isValid() && data->hasFormat(kMimeType);
}

bool ShelfModel::dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                              const QModelIndex& parent) {
    if (!canDropMimeData(data, action, row, column, parent)) return false;
    std::vector<int> ids;
    for (const QByteArray& id : data->data(kMimeType).split(' ')) ids.push_back(id.toInt());
    emit moveWanted(ids, row < 0 ? int(m_documents.size()) : row);
    return true;
}

QString ShelfModel::detail(int row) const {
    const DocumentEntry& entry = m_documents[std::size_t(row)];
    const Progress& progress = m_progress[std::size_t(row)];
    const std::uint64_t pages = entry.pages.size();
    const QString size =
        tr("%1 · %2 tokens")
            .arg(pages == 1 ? tr("1 page") : tr("%1 pages").arg(countText(pages)), countText(entry.tokens()));
    switch (entry.info.state) {
        case DocumentState::Failed:
            if (entry.info.problem_parts.problem == DocumentProblem::NeedsOcr) return tr("Needs OCR");
            return tr("Failed: %1").arg(problemText(entry));
        case DocumentState::Queued:
            return tr("Waiting · %1").arg(size);
        case DocumentState::Reading: {
            const int done = progress.running ? progress.pages : entry.pagesInContext();
            const double share = pages > 0 ? double(done) / double(pages) : 0;
            return tr("Reading %1 · page %2 of %3")
                .arg(percentText(share), countText(std::uint64_t(done)), countText(pages));
        }
        case DocumentState::Partial:
        case DocumentState::InContext:
            break;
    }
    const int blank = entry.pagesWithoutText();
    QStringList parts;
    if (!entry.info.on) parts << tr("Off");
    if (entry.info.source_state == SourceState::Changed) parts << tr("Changed on disk");
    if (entry.info.source_state == SourceState::Missing) parts << tr("File not found");
    parts << size;
    const int pictures = entry.pagesOfPictures();
    if (pictures > 0)
        parts << (pictures == 1 ? tr("1 page needs OCR")
                                : tr("%1 pages need OCR").arg(countText(std::uint64_t(pictures))));
    if (blank > pictures) parts << tr("%1 without text").arg(countText(std::uint64_t(blank - pictures)));
    return parts.join(" · ");
}

}  // namespace lectern::ui
