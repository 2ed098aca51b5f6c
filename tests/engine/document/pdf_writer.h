// SPDX-License-Identifier: GPL-3.0-or-later
// The smallest PDFs that tests need, as strings: text in Helvetica, rectangles, labels, outlines, wrong offsets.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace lectern::test {

struct PdfPage {
    std::string content;  ///< operators
    int rotate = 0;
    int width = 612, height = 792;
};

/// One line of text at (x, y), y from the bottom of the page.
inline std::string textAt(int x, int y, const std::string& text, int size = 12) {
    return "BT /F1 " + std::to_string(size) + " Tf " + std::to_string(x) + " " + std::to_string(y) + " Td (" + text +
           ") Tj ET\n";
}

/// Lines below each other, 14 points apart.
inline std::string linesAt(int x, int y, const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) {
        out += textAt(x, y, line);
        y -= 14;
    }
    return out;
}

inline std::string blackBox(int x, int y, int width, int height) {
    return std::to_string(x) + " " + std::to_string(y) + " " + std::to_string(width) + " " + std::to_string(height) +
           " re f\n";
}

class PdfWriter {
public:
    std::vector<PdfPage> pages;
    std::string catalog_extra;  ///< such as /PageLabels
    std::string info = "/Title (A title) /Author (An author)";

    std::string bytes() const {
        std::vector<std::string> objects(4);
        std::string kids;
        for (const auto& page : pages) {
            const auto number = objects.size() + 1;
            kids += std::to_string(number) + " 0 R ";
            objects.push_back("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 " + std::to_string(page.width) + " " +
                              std::to_string(page.height) + "] /Rotate " + std::to_string(page.rotate) +
                              " /Resources << /Font << /F1 3 0 R >> >> /Contents " + std::to_string(number + 1) +
                              " 0 R >>");
            objects.push_back("<< /Length " + std::to_string(page.content.size()) + " >>\nstream\n" + page.content +
                              "\nendstream");
        }
        objects[0] = "<< /Type /Catalog /Pages 2 0 R " + catalog_extra + " >>";
        objects[1] = "<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(pages.size()) + " >>";
        objects[2] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
        objects[3] = "<< " + info + " >>";
        return assembled(objects);
    }

private:
    static std::string assembled(const std::vector<std::string>& objects) {
        std::string out = "%PDF-1.4\n";
        std::string table = "0000000000 65535 f \n";
        for (std::size_t i = 0; i < objects.size(); ++i) {
            std::string offset = std::to_string(out.size());
            offset.insert(0, 10 - offset.size(), '0');
            table += offset + " 00000 n \n";
            out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
        }
        const auto start = out.size();
        out += "xref\n0 " + std::to_string(objects.size() + 1) + "\n" + table + "trailer\n<< /Size " +
               std::to_string(objects.size() + 1) + " /Root 1 0 R /Info 4 0 R >>\nstartxref\n" + std::to_string(start) +
               "\n%%EOF\n";
        return out;
    }
};

inline std::filesystem::path writeFile(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
    return file;
}

}  // namespace lectern::test
