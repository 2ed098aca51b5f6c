#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Lectern and runs every test. The last line is always "N passed, N failed, N skipped".
#   LECTERN_TEST_JOBS   tests at a time (2)
#   LECTERN_TEST_DATA   folder of public test data; tests that need it are skipped where it is absent
set -euo pipefail
cd "$(dirname "$0")/.."

readonly build=build/ci
passed=0 failed=0 skipped=0

count() { # OUTCOME NAME
    case "$1" in
    passed) passed=$((passed + 1)) ;;
    failed) failed=$((failed + 1)) ;;
    skipped) skipped=$((skipped + 1)) ;;
    esac
    printf '%s: %s\n' "$2" "$1"
}

finish() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0))
}

# Runs one step of the way; where it fails, nothing after it makes sense.
step() { # NAME COMMAND…
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    if ! "$@"; then
        count failed "$name"
        finish || exit 1
    fi
}

check_format() {
    local formatter sources=()
    formatter=$(command -v clang-format-14 || true)
    if [[ -z $formatter ]]; then
        count skipped "clang-format (clang-format-14 is not installed)"
        return
    fi
    mapfile -t sources < <(find app engine kernels tests ui -name '*.cpp' -o -name '*.h' -o -name '*.cu')
    if "$formatter" --dry-run --Werror "${sources[@]}"; then
        count passed "clang-format"
    else
        count failed "clang-format"
    fi
}

attribute() { # NAME: a number of the <testsuite> element, which ctest writes one attribute a line, before any test
    grep -m 1 -oE "^\s*$1=\"[0-9]+\"" "$build/junit.xml" | tr -dc '0-9'
}

run_tests() {
    local status=0 total bad skip off
    rm -f "$build/junit.xml"
    ctest --test-dir "$build" --parallel "${LECTERN_TEST_JOBS:-2}" --output-on-failure --no-tests=error \
        --output-junit junit.xml </dev/null || status=$?
    if [[ ! -s $build/junit.xml ]]; then
        count failed "ctest (it ended with status $status and wrote no result)"
        return
    fi
    total=$(attribute tests) bad=$(attribute failures) skip=$(attribute skipped) off=$(attribute disabled)
    failed=$((failed + bad))
    skipped=$((skipped + skip + off))
    passed=$((passed + total - bad - skip - off))
    ((status == 0 || bad > 0)) || count failed "ctest (it ended with status $status)"
}

export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
step "packages" ./installer/setup.sh --deps-only --tests
step "configure" cmake --preset ci
step "build" cmake --build --preset ci --parallel "$(nproc)"
printf '\n== tests\n'
check_format
run_tests
finish
