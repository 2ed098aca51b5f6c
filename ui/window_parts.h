// SPDX-License-Identifier: GPL-3.0-or-later
// The names of what the main window is made of, for those who only point at it.
#pragma once

class QDockWidget;
class QStackedWidget;

namespace lectern::ui {

class ConversationPanel;
class DocumentFlow;
class ExportFlow;
class LinkFlow;
class MemoryPanel;
class ModelFlow;
class NoticeBar;
class PlanPage;
class QuotaFlow;
class QuantizationPanel;
class ReaderPanel;
class ShelfPanel;
class StartPage;
class StatusLine;
class SummaryPanel;

}  // namespace lectern::ui
