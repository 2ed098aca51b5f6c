// SPDX-License-Identifier: GPL-3.0-or-later
// Where the two programs find what belongs to them: beside the executable, in the installed prefix, or in the build
// tree (which is laid out like a prefix: bin/, share/lectern/).
#pragma once

#include <filesystem>
#include <vector>

namespace lectern {

/// The program that parses and renders documents; empty where it is not found. LECTERN_WORKER overrides it.
std::filesystem::path workerProgram();
/// The model that comes with Lectern; empty where it is not found.
std::filesystem::path builtInModel();
/// The document that comes with Lectern, to try things on; empty where it is not found.
std::filesystem::path sampleDocument();
/// The text that models are calibrated on where no other is given; empty where it is not found.
std::filesystem::path calibrationText();
/// Folders that may hold models, existing or not, the most specific first: LECTERN_MODELS (colon-separated), the user's
/// data folder, the system's data folders.
std::vector<std::filesystem::path> modelFolders();
/// The one of them that is the user's own, existing or not: where imported models go. Empty where there is no home.
std::filesystem::path ownModelFolder();
/// Where fingerprints of models are kept; empty where there is no home.
std::filesystem::path fingerprintFile();

}  // namespace lectern
