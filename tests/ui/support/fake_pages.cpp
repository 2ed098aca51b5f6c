// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/fake_pages.h"

#include <QFont>
#include <QImage>
#include <QPainter>
#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "tests/ui/support/fake_statistics.h"

namespace lectern::test {
namespace {

constexpr float kWidth = 595, kHeight = 842, kMargin = 72, kLine = 17, kWordGap = 4;

constexpr std::array kSentences = {
    "The harbour was rebuilt in the spring of 1904, after the great flood had carried away both piers.",
    "Its new breakwater, four hundred metres long, took three years and cost more than the town hall.",
    "Ships from eleven countries called in the first summer, most of them for timber and salted fish.",
    "The council kept a ledger of every vessel, with its master, its cargo and the dues it paid.",
    "By the end of the decade the dues covered the loan, and the town began to light its streets.",
    "A second crane was ordered from the foundry, but it stood unused until the railway arrived.",
    "Fishermen complained that the dredging had moved the sandbank on which they used to dry their nets.",
    "The engineer answered that the bank would return within five winters, and in this he was right.",
    "In 1911 the lighthouse received an electric lamp that could be seen from thirty kilometres away.",
    "The keeper wrote that the gulls now circled all night, and that he slept badly because of them.",
    "Insurance on wooden hulls rose twice, which hastened the turn to steel and to larger steamers.",
    "The old rope walk closed in the same year, and its long roof became the first covered market."};

constexpr std::array kHeadings = {"The flood and the plan", "Building the breakwater", "The first ten years",
                                  "Light, rails and steel"};

float wordWidth(const std::string& word) {
    return float(word.size()) * 5.6F;
}

/// Appends words in lines below `y` and returns the next free y.
float layOut(PageText& page, const std::string& paragraph, float y) {
    float x = kMargin;
    std::istringstream words(paragraph);
    for (std::string word; words >> word;) {
        const float width = wordWidth(word);
        if (x + width > kWidth - kMargin) {
            x = kMargin;
            y += kLine;
            page.text.back() = '\n';
        }
        const auto begin = std::uint32_t(page.text.size());
        page.text += word + ' ';
        page.words.push_back({begin, std::uint32_t(page.text.size() - 1), {x, y, width, 12}});
        x += width + kWordGap;
    }
    page.text.back() = '\n';
    return y + kLine * 1.6F;
}

PageInfo infoOf(const PageText& page) {
    const auto tokens =
        std::uint64_t(std::count_if(page.text.begin(), page.text.end(), [](char c) { return c == ' ' || c == '\n'; }));
    return {page.state, false, page.label, page.problem, page.width, page.height, tokens * 4 / 3};
}

struct Recipe {
    int pages = 0;
    std::string password;
    bool broken = false, scan = false;
};

Recipe readRecipe(const std::filesystem::path& file) {
    Recipe recipe;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        if (key == "pages") words >> recipe.pages;
        if (key == "password") words >> recipe.password;
        if (key == "broken") recipe.broken = true;
        if (key == "scan") recipe.scan = true;
    }
    return recipe;
}

void fillPdf(FakeDocument& document, int pages) {
    document.info.kind = "pdf";
    document.info.title = "The Harbour of Lindholm";
    for (int page = 0; page < pages; ++page) document.texts.push_back(fakePage(document.info.name, page));
    const int parts = std::min(pages, int(kHeadings.size()));
    for (int part = 0; part < parts; ++part)
        document.info.outline.push_back({0, kHeadings[std::size_t(part)], part * pages / std::max(1, parts)});
}

void fillText(FakeDocument& document, const std::filesystem::path& file) {
    document.info.kind = file.extension() == ".md" ? "markdown" : "text";
    std::ostringstream all;
    all << std::ifstream(file).rdbuf();
    PageText page;
    page.text = all.str();
    page.label = "1";
    document.texts.push_back(page);
}

class FakePageSource final : public ui::PageSource {
public:
    FakePageSource(std::filesystem::path file, std::string password)
        : m_file(std::move(file)), m_password(std::move(password)) {}

    Result<PageImage> render(int page, double dpi, std::stop_token) override {
        const std::string name = m_file.filename().string();
        if (!std::filesystem::exists(m_file))
            return Error{ErrorCode::BadInput, name + " is not where it was read from."};
        if (readRecipe(m_file).password != m_password) return Error{ErrorCode::BadInput, name + " needs a password."};
        const double scale = dpi / 72;
        QImage image(int(kWidth * scale), int(kHeight * scale), QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        painter.scale(scale, scale);
        QFont font("DejaVu Serif");
        font.setPixelSize(11);
        painter.setFont(font);
        const PageText text = fakePage(name, page);
        for (const WordBox& word : text.words)
            drawWord(painter, text.text.substr(word.begin, word.end - word.begin), word.box);
        painter.end();
        PageImage result{image.width(), image.height(), {}};
        const auto* pixels = reinterpret_cast<const std::uint32_t*>(image.constBits());
        result.pixels.assign(pixels, pixels + std::size_t(image.width()) * std::size_t(image.height()));
        return result;
    }

private:
    static void drawWord(QPainter& painter, const std::string& word, const Rect& box) {
        const QString text = QString::fromStdString(word);
        const double natural = painter.fontMetrics().horizontalAdvance(text);
        painter.save();
        painter.translate(box.x, box.y + 10);
        painter.scale(box.width / std::max(1.0, natural), 1);
        painter.drawText(0, 0, text);
        painter.restore();
    }

    std::filesystem::path m_file;
    std::string m_password;
};

std::vector<std::string> wordsOf(std::string text) {
    for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) ? char(std::tolower(c)) : ' ';
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        if (word.size() > 3) words.push_back(word);
    return words;
}

/// The sentence of the page with most of the words, and how many.
std::pair<std::size_t, int> bestSentence(const PageText& page, const std::vector<std::string>& wanted) {
    std::pair<std::size_t, int> best = {0, -1};
    for (std::size_t i = 0; i < kSentences.size(); ++i) {
        std::string flat = page.text;
        std::replace(flat.begin(), flat.end(), '\n', ' ');
        if (flat.find(kSentences[i]) == std::string::npos) continue;
        const auto words = wordsOf(kSentences[i]);
        int hits = 0;
        for (const std::string& word : wanted) hits += int(std::count(words.begin(), words.end(), word));
        if (hits > best.second) best = {i, hits};
    }
    return best;
}

Citation cite(const FakeDocument& document, int page, std::size_t sentence, double share) {
    const PageText& text = document.texts[std::size_t(page)];
    Citation citation{document.info.id, document.info.name, page + 1, text.label, share, kSentences[sentence], {}};
    std::string flat = text.text;
    std::replace(flat.begin(), flat.end(), '\n', ' ');
    const std::size_t begin = flat.find(kSentences[sentence]), end = begin + citation.text.size();
    for (const WordBox& word : text.words) {
        if (word.begin < begin || word.end > end) continue;
        if (!citation.rects.empty() && citation.rects.back().y == word.box.y)
            citation.rects.back().width = word.box.x + word.box.width - citation.rects.back().x;
        else
            citation.rects.push_back(word.box);
    }
    return citation;
}

}  // namespace

PageText fakePage(const std::string& document, int page) {
    PageText text;
    text.width = kWidth;
    text.height = kHeight;
    text.label = std::to_string(page + 1);
    const std::size_t start = std::hash<std::string>()(document) % kSentences.size();
    float y = layOut(text, kHeadings[std::size_t(page) % kHeadings.size()], kMargin);
    for (std::size_t paragraph = 0; paragraph < 8; ++paragraph) {
        std::string sentences;
        for (std::size_t i = 0; i < 3; ++i)
            sentences +=
                std::string(kSentences[(start + std::size_t(page) * 7 + paragraph * 3 + i) % kSentences.size()]) + ' ';
        y = layOut(text, sentences, y);
    }
    return text;
}

FakeDocument parseFakeDocument(const ReadRequest& request) {
    FakeDocument document;
    const std::string name = request.file.filename().string();
    document.info.name = name;
    document.info.source = request.file;
    const Recipe recipe = readRecipe(request.file);
    if (!std::filesystem::exists(request.file))
        document.info.problem = name + " does not exist; check the path.";
    else if (recipe.broken)
        document.info.problem = name + " is damaged: it ends in the middle of an object; get another copy.";
    else if (recipe.password != request.password)
        document.info.problem = name + " is locked; give its password.";
    else if (recipe.scan && !request.ocr) {
        document.info.problem = name + " has pictures of pages and no text.";
        document.info.problem_parts.problem = DocumentProblem::NeedsOcr;
    } else if (request.file.extension() == ".pdf")
        fillPdf(document, std::max(1, recipe.pages));
    else
        fillText(document, request.file);
    if (!document.info.problem.empty()) document.info.state = DocumentState::Failed;
    for (const PageText& page : document.texts) document.pages.push_back(infoOf(page));
    return document;
}

std::unique_ptr<ui::PageSource> makeFakePageSource(const std::filesystem::path& file, const std::string& password) {
    return std::make_unique<FakePageSource>(file, password);
}

Message fakeAnswer(const std::vector<FakeDocument>& documents, const std::string& question) {
    Message message;
    message.question = question;
    std::vector<std::pair<int, Citation>> found;
    for (const FakeDocument& document : documents)
        for (int page = 0; page < int(document.texts.size()); ++page) {
            const auto [sentence, hits] = bestSentence(document.texts[std::size_t(page)], wordsOf(question));
            if (hits >= 0) found.emplace_back(hits, cite(document, page, sentence, 0));
        }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    constexpr std::array kShares = {0.41, 0.22, 0.09};
    for (std::size_t i = 0; i < kShares.size() && i < found.size(); ++i) {
        found[i].second.share = kShares[i];
        message.citations.push_back(found[i].second);
    }
    double shares = 0;
    for (const FakeDocument& document : documents) {
        if (document.info.state == DocumentState::Failed) continue;
        const double share = 0.2 + double((question.size() * 7 + std::size_t(document.info.id) * 13) % 10);
        message.documents.push_back({document.info.id, document.info.name, share});
        shares += share;
    }
    for (DocumentShare& part : message.documents) part.share /= shares;
    for (int layer = 0; layer < kFakeLayers; ++layer)
        message.layers.push_back(0.1 + 0.05 * layer + double(question.size() % 10) / 100);
    message.answer = "The pages say this about it:\n\n";
    for (const Citation& citation : message.citations)
        message.answer += "- **" + citation.document + ", page " + citation.page_label + "** – " + citation.text + "\n";
    if (question.find("table") != std::string::npos)
        message.answer +=
            "\n| Year | Ships | Tons |\n| :-- | --: | --: |\n| 1904 | 112 | 40,310 |\n| 1911 | 1,208 | 391,044 |\n\n"
            "Each ship paid by this rule, `rate` in pence:\n\n```python\ndef due(tons, rate=3):\n    return tons * "
            "rate\n"
            "```\n\n> No ship was ever turned away.\n";
    message.answer += "\nThe harbour paid for itself within *ten years*.";
    return message;
}

std::string fakeConversationText(const Session& session, const std::vector<BranchInfo>& branches,
                                 ui::ConversationFormat format) {
    const bool html = format == ui::ConversationFormat::Html || format == ui::ConversationFormat::Pdf;
    std::string text = html ? "<h1>" : format == ui::ConversationFormat::Json ? "{" : "# ";
    text += session.file().stem().string() + '\n';
    for (const BranchInfo& branch : branches)
        for (const Message& message : branch.messages) text += message.question + '\n' + message.answer + '\n';
    return text;
}

}  // namespace lectern::test
