// SPDX-License-Identifier: GPL-3.0-or-later
// Stands for cuBLAS: a library that a module needs and the loader does not find.
extern "C" int cublasOfTheTest() {
    return 0;
}
