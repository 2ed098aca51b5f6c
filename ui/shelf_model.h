// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>
#include <memory>
#include <vector>

#include "ui/values.h"

namespace lectern::ui {

/// Documents of the session with their outlines below them. Rows and roles only. GUI thread.
class ShelfModel final : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Role {
        kDocumentId = Qt::UserRole + 1,
        kPage,      ///< 0-based; of outline rows, -1 where unknown
        kDetail,    ///< second line of a document row
        kCoverage,  ///< QByteArray, a Cover for each page, or for each of so many runs of pages; of documents
        kState,     ///< DocumentState as int
        kKind,      ///< "pdf", "text", "markdown"; empty for outline rows
        kSource,
        kChanged,  ///< its file is another one now
        kOutline   ///< index into the document's outline; -1 of documents
    };

    /// What became of a page, or worst of a run of them.
    enum Cover : char { kInContext, kNotYet, kNoText };
    static constexpr int kMostCells = 150;

    explicit ShelfModel(QObject* parent = nullptr);
    ~ShelfModel() override;

    void setDocuments(const std::vector<DocumentEntry>& documents);
    /// What reading reports in between.
    void apply(const IngestEvent& event);
    const std::vector<DocumentEntry>& documents() const { return m_documents; }
    void setCanChange(bool can_change);  ///< switch and drag documents
    void setShelf(bool shelf);           ///< documents do not see each other: what being off means differs

    QModelIndex index(int row, int column, const QModelIndex& parent) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent) const override;
    int columnCount(const QModelIndex&) const override { return 1; }
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    bool canDropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                         const QModelIndex& parent) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                      const QModelIndex& parent) override;

signals:
    // What the person wants; the rows change with the next setDocuments().
    void switchWanted(int document_id, bool on);
    void moveWanted(const std::vector<int>& document_ids, int place);  ///< before the row that is there now

private:
    struct Node;  ///< an outline row, or a document
    Node* nodeOf(const QModelIndex& index) const;
    QVariant documentData(const Node& node, int role) const;
    QVariant outlineData(const Node& node, int role) const;
    QString detail(int row) const;
    QString toolTip(const DocumentEntry& entry) const;
    QByteArray coverage(int row) const;
    static QString pagesWithoutText(const std::vector<PageInfo>& pages);
    static std::unique_ptr<Node> buildTree(const std::vector<DocumentEntry>& documents);

    struct Progress {
        int pages = 0, pages_total = 0;
        bool running = false;
    };
    std::vector<DocumentEntry> m_documents;
    std::vector<Progress> m_progress;  ///< as m_documents
    std::unique_ptr<Node> m_root;
    bool m_can_change = false, m_shelf = false;
};

}  // namespace lectern::ui
