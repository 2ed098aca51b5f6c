// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/memory_panel.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QGridLayout>
#include <QLocale>
#include <QPainter>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>

#include "ui/fidelity_card.h"
#include "ui/figure.h"
#include "ui/format.h"
#include "ui/memory_gauge.h"
#include "ui/plot_painter.h"
#include "ui/plot_view.h"
#include "ui/theme.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

/// How one kind of bytes looks in the chart.
class Swatch final : public QWidget {
public:
    Swatch(int color, bool dashed, QWidget* parent) : QWidget(parent), m_color(color), m_dashed(dashed) {
        setFixedSize(12, 12);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        const ThemeColors& colors = themeColors();
        const QColor color = plotColor(m_color, colors);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (m_dashed) {
            painter.setPen(QPen(color, 1.5, Qt::DashLine));
            painter.drawLine(0, height() / 2, width(), height() / 2);
            return;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(rect(), 3, 3);
    }

private:
    int m_color;
    bool m_dashed;
};

/// What stands below the kinds that the chart stacks.
struct FurtherRow {
    const char* name;
    int color;  ///< of its dashed line; kNoLine: it has none
    std::uint64_t MemoryLedger::*bytes;
};
constexpr int kNoLine = -3;
constexpr std::array<FurtherRow, 4> kFurther = {{
    {QT_TRANSLATE_NOOP("memory", "Cache at fp16"), kMutedColor, &MemoryLedger::fp16_bytes},
    {QT_TRANSLATE_NOOP("memory", "On disk"), kDiskColor, &MemoryLedger::file_bytes},
    {QT_TRANSLATE_NOOP("memory", "Work buffers"), kNoLine, &MemoryLedger::activations},
    {QT_TRANSLATE_NOOP("memory", "Highest so far"), kNoLine, &MemoryLedger::peak},
}};

Plot layersPlot(const Statistics& statistics) {
    Plot plot{.title = MemoryPanel::tr("Cache by layer"),
              .x_name = MemoryPanel::tr("Layer"),
              .y_name = MemoryPanel::tr("Bytes of the documents' tokens"),
              .x = {},
              .series = {}};
    plot.unit = PlotUnit::Bytes;
    plot.stacked = true;
    plot.x_step = 1;
    PlotSeries keys{MemoryPanel::tr("Keys"), PlotShape::Bars, 0, {}};
    PlotSeries values{MemoryPanel::tr("Values"), PlotShape::Bars, 2, {}};
    for (std::size_t layer = 0; statistics && layer < statistics->size(); ++layer) {
        plot.x.push_back(double(layer));
        keys.y.push_back(double((*statistics)[layer].keys.bytes));
        values.y.push_back(double((*statistics)[layer].values.bytes));
    }
    const auto any = [](double bytes) { return bytes > 0; };
    if (std::any_of(keys.y.begin(), keys.y.end(), any) || std::any_of(values.y.begin(), values.y.end(), any))
        plot.series = {keys, values};
    return plot;
}

}  // namespace

MemoryPanel::MemoryPanel(std::function<MachineMemory()> machine, QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setObjectName("memoryPanel");
    setAccessibleName(tr("Memory"));
    auto* saver = new FigureSaver(this);
    connect(saver, &FigureSaver::saved, this, &MemoryPanel::exported);
    connect(saver, &FigureSaver::failed, this, &MemoryPanel::exportFailed);
    auto* page = new QWidget(this);
    auto* column = makeColumn(page, 12, 4);
    column->setContentsMargins(12, 2, 12, 8);
    auto* row = makeRow(10);
    m_ratio = new TextLabel(TextRole::Display, {}, page);
    m_ratio->setObjectName("ratio");
    m_caption = new TextLabel(TextRole::Muted, {}, page);
    m_caption->setWordWrap(true);
    row->addWidget(m_ratio);
    row->addWidget(m_caption, 1);
    column->addLayout(row);
    m_device = new TextLabel(TextRole::Muted, {}, page);
    m_device->setObjectName("deviceMemory");
    m_device->setWordWrap(true);
    m_comparison = new TextLabel(TextRole::Body, {}, page);
    m_comparison->setWordWrap(true);
    column->addWidget(m_comparison);
    column->addWidget(m_device);
    m_device->hide();
    makeChart(page, saver);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_chart, m_weights, makeNumbers()})
        column->addWidget(widget);
    m_place = new TextLabel(TextRole::Small, {}, page);
    m_place->setObjectName("sessionPlace");
    m_place->setWordWrap(true);
    column->addWidget(m_place);
    m_gauge = new MemoryGauge(page);
    m_gauge->setSource(std::move(machine));
    m_device_gauge = new MemoryGauge(page);
    m_device_gauge->setObjectName("deviceGauge");
    m_device_gauge->setSource([this] { return deviceMemory(); });
    column->addSpacing(8);
    column->addWidget(m_gauge);
    column->addWidget(m_device_gauge);
    column->addSpacing(10);
    m_fidelity = new FidelityCard(page);
    column->addWidget(m_fidelity);
    column->addSpacing(6);
    column->addWidget(m_layers);
    connect(m_fidelity, &FidelityCard::check, this, &MemoryPanel::checkFidelity);
    connect(m_fidelity, &FidelityCard::calibrate, this, &MemoryPanel::calibrate);
    column->addStretch();
    setWidget(page);
    m_clock.start();
    showNumbers({});
    redraw();
}

void MemoryPanel::makeChart(QWidget* page, FigureSaver* saver) {
    m_chart = new PlotView(170, page);
    m_chart->setObjectName("memoryChart");
    m_chart->setLegend(false);  // the numbers below it are one
    m_weights = new QCheckBox(tr("Model weights in the chart"), page);
    m_weights->setObjectName("weightsInChart");
    m_weights->setChecked(true);
    m_layers = new PlotView(150, page);
    m_layers->setObjectName("layerBytes");
    m_layers->hide();
    m_redraw = new QTimer(this);
    m_redraw->setSingleShot(true);
    m_redraw->setInterval(200);
    connect(m_redraw, &QTimer::timeout, this, &MemoryPanel::redraw);
    connect(m_weights, &QCheckBox::toggled, this, &MemoryPanel::redraw);
    connect(m_chart, &PlotView::exportWanted, saver, &FigureSaver::save);
    connect(m_layers, &PlotView::exportWanted, saver, &FigureSaver::save);
}

void MemoryPanel::redraw() {
    m_chart->setPlot(m_history.plot(m_weights->isChecked()));
}

QWidget* MemoryPanel::makeNumbers() {
    auto* box = new QWidget(this);
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 4, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(3);
    grid->setColumnStretch(1, 1);
    int row = 0;
    const auto add = [&](const char* title, int color, bool dashed) {
        const QString name = QCoreApplication::translate("memory", title);
        if (color != kNoLine) grid->addWidget(new Swatch(color, dashed, box), row, 0);
        grid->addWidget(new TextLabel(TextRole::Muted, name, box), row, 1);
        auto* number = new TextLabel(TextRole::Body, {}, box);
        number->setAlignment(Qt::AlignRight);
        number->setAccessibleName(name);
        m_numbers[std::size_t(row)] = number;
        grid->addWidget(number, row++, 2);
    };
    for (const MemoryKind& kind : kMemoryKind) add(kind.name, kind.color, false);
    for (const FurtherRow& further : kFurther) add(further.name, further.color, true);
    return box;
}

void MemoryPanel::setSession(const std::optional<SessionSnapshot>& session) {
    const auto file = session ? session->file : std::filesystem::path();
    if (file != m_file) {
        m_history.clear();
        m_clock.restart();
        redraw();
    }
    m_file = file;
    m_processor = session ? session->processor.id : std::string();
    if (session && !session->processor.name.empty()) m_device_gauge->setName(text(session->processor.name));
    m_place->setText(session ? tr("On disk at %1").arg(fromPath(file).replace('/', QString("/\u200b"))) : QString());
    showLayers(session ? session->statistics : nullptr);
    m_fidelity->setSession(session);
    if (session)
        showLedger(session->memory);
    else
        showNumbers({});
}

void MemoryPanel::setActivity(Activity activity) {
    m_fidelity->setActivity(activity);
}

void MemoryPanel::showShare(double share) {
    m_fidelity->showShare(share);
}

void MemoryPanel::showLedger(const MemoryLedger& ledger) {
    showNumbers(ledger);
    if (ledger.kvBytes() == 0) return;
    m_history.add(double(m_clock.elapsed()) / 1000, ledger);
    if (!m_redraw->isActive()) m_redraw->start();
}

void MemoryPanel::showLayers(const Statistics& statistics) {
    const Plot plot = layersPlot(statistics);
    m_layers->setPlot(plot);
    m_layers->setVisible(plot.hasNumbers());
}

QSize MemoryPanel::minimumSizeHint() const {
    const QSize least = QScrollArea::minimumSizeHint();
    return {widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(), least.height()};
}

QString MemoryPanel::ratioText() const {
    return m_ratio->text();
}

void MemoryPanel::showNumbers(const MemoryLedger& ledger) {
    const bool any = ledger.kvBytes() > 0;
    const bool smaller = ledger.ratio() > 1 || !any;  // tables take more than the codes of a few tokens save
    const double times = smaller ? ledger.ratio() : 1 / ledger.ratio();
    m_ratio->setText(any ? tr("%1×").arg(QLocale().toString(times, 'f', 1)) : QString("–"));
    m_caption->setText(smaller ? tr("smaller than\nan fp16 cache") : tr("the size of\nan fp16 cache"));
    m_comparison->setText(any ? tr("%1 instead of %2").arg(bytesText(ledger.kvBytes()), bytesText(ledger.fp16_bytes))
                          : ledger.tokens > 0 ? tr("Not in memory yet.")
                                              : tr("Nothing is read yet."));
    m_comparison->setToolTip(tr("%1 tokens").arg(countText(ledger.tokens)));
    std::size_t row = 0;
    for (const MemoryKind& kind : kMemoryKind) m_numbers[row++]->setText(bytesText(ledger.*kind.bytes));
    for (const FurtherRow& further : kFurther) m_numbers[row++]->setText(bytesText(ledger.*further.bytes));
    showDevice(ledger);
    m_gauge->setOwn(ledger.weights + ledger.kvBytes() + ledger.activations);
}

void MemoryPanel::setDevices(const std::vector<DeviceInfo>& devices) {
    m_devices = devices;
}

/// What was free when the engine started, less what is ours since: nothing of ours was there then.
MachineMemory MemoryPanel::deviceMemory() const {
    for (const DeviceInfo& device : m_devices)
        if (device.id == m_processor)
            return {device.memory, device.memory_free - std::min(device.memory_free, m_device_bytes), true};
    return {};
}

void MemoryPanel::showDevice(const MemoryLedger& ledger) {
    m_device_bytes = ledger.deviceBytes();
    m_device->setVisible(m_device_bytes > 0);
    m_device->setText(
        tr("On the device: %1 of weights, %2 for pages of the cache, %3 of work buffers")
            .arg(bytesText(ledger.device_weights), bytesText(ledger.device_pages), bytesText(ledger.device_scratch)) +
        (ledger.host_pages == 0
             ? QString()
             : '\n' +
                   tr("No room there for %1 of pages: they stay on the processor").arg(bytesText(ledger.host_pages))));
    m_device_gauge->setVisible(m_device_bytes > 0 && deviceMemory().total > 0);
    m_device_gauge->setOwn(m_device_bytes);
}

}  // namespace lectern::ui
