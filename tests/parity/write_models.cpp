// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the models of parity_models.h as Hugging Face folders, with their prompts, for models.py. Development only.
#include <fstream>
#include <iostream>

#include "tests/engine/infer/model_shapes.h"
#include "tests/parity/parity_models.h"

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: write_models FOLDER\n";
        return 2;
    }
    for (const auto& model : lectern::test::parityModels()) {
        const auto folder = std::filesystem::path(arguments[1]) / model.name;
        std::filesystem::create_directories(folder);
        const auto written = lectern::test::writeTinyHfFolder(folder, model.options);
        std::ofstream prompt(written / "prompt.txt");
        for (const auto id : lectern::test::randomTokens(std::size_t(model.prompt), model.options.vocab))
            prompt << id << "\n";
    }
    return 0;
}
