// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figure.h"

#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QSaveFile>
#include <QStandardPaths>
#include <QSvgGenerator>
#include <QThreadPool>

#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kPixelsPerPoint = 2;
constexpr int kMargin = 12;

QString suffixOf(FigureFormat format) {
    return format == FigureFormat::Png ? "png" : format == FigureFormat::Svg ? "svg" : "csv";
}

void paintOnPaper(const Figure& figure, QPaintDevice& device) {
    QPainter painter(&device);
    const QRectF paper(QPointF(), QSizeF(figure.size));
    painter.fillRect(paper, Qt::white);
    figure.paint(painter, paper.adjusted(kMargin, kMargin, -kMargin, -kMargin));
}

bool writePng(const Figure& figure, QIODevice& out) {
    QImage image(figure.size * kPixelsPerPoint, QImage::Format_RGB32);
    image.setDevicePixelRatio(kPixelsPerPoint);
    paintOnPaper(figure, image);
    return image.save(&out, "PNG");
}

bool writeSvg(const Figure& figure, QIODevice& out) {
    QSvgGenerator generator;
    generator.setOutputDevice(&out);
    generator.setSize(figure.size);
    generator.setViewBox(QRect(QPoint(), figure.size));
    generator.setTitle(figure.name);
    paintOnPaper(figure, generator);
    return true;
}

}  // namespace

Status writeFigure(const Figure& figure, const QString& file, FigureFormat format) {
    QSaveFile out(file);
    const auto failed = [&] {
        return Error{ErrorCode::Failed, FigureSaver::tr("%1 cannot be written (%2); choose another folder.")
                                            .arg(file, out.errorString())
                                            .toStdString()};
    };
    if (!out.open(QIODevice::WriteOnly)) return failed();
    const QByteArray csv = figure.csv.toUtf8();
    const bool written = format == FigureFormat::Png   ? writePng(figure, out)
                         : format == FigureFormat::Svg ? writeSvg(figure, out)
                                                       : out.write(csv) == csv.size();
    if (!written || !out.commit()) return failed();
    return {};
}

QToolButton* makeExportButton(const QString& subject, bool picture, QWidget* parent,
                              std::function<void(FigureFormat)> chosen) {
    auto* button = makeIconButton("export", FigureSaver::tr("Export %1").arg(subject), parent);
    button->setObjectName("export");
    button->setIconSize({16, 16});
    button->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(button);
    const auto add = [&](const QString& text, const char* name, FigureFormat format) {
        QAction* action = menu->addAction(text);
        action->setObjectName(name);
        QObject::connect(action, &QAction::triggered, button, [chosen, format] { chosen(format); });
    };
    if (picture) {
        add(FigureSaver::tr("Picture (PNG)…"), "exportPng", FigureFormat::Png);
        add(FigureSaver::tr("Drawing (SVG)…"), "exportSvg", FigureFormat::Svg);
    }
    add(FigureSaver::tr("Numbers (CSV)…"), "exportCsv", FigureFormat::Csv);
    button->setMenu(menu);
    return button;
}

FigureSaver::FigureSaver(QWidget* parent) : QObject(parent) {
    m_folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
}

void FigureSaver::save(const Figure& figure, FigureFormat format) {
    const QString suffix = suffixOf(format);
    QString name = figure.name;
    for (const char c : {'/', '\\', ':'}) name.replace(QChar(c), QChar('-'));
    auto* dialog =
        new QFileDialog(static_cast<QWidget*>(parent()), tr("Export"), QDir(m_folder).filePath(name + '.' + suffix),
                        tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix));
    dialog->setObjectName("exportDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, figure, format](const QString& file) { write(figure, file, format); });
    dialog->open();
}

void FigureSaver::write(const Figure& figure, const QString& file, FigureFormat format) {
    m_folder = QFileInfo(file).absolutePath();
    QThreadPool::globalInstance()->start([saver = QPointer<FigureSaver>(this), figure, file, format] {
        const Status done = writeFigure(figure, file, format);
        const QString problem = done ? QString() : QString::fromStdString(done.error().message);
        QMetaObject::invokeMethod(
            qApp,
            [saver, file, problem] {
                if (!saver) return;
                if (problem.isEmpty())
                    emit saver->saved(file);
                else
                    emit saver->failed(problem);
            },
            Qt::QueuedConnection);
    });
}

}  // namespace lectern::ui
