#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what Debian 12 or Ubuntu 24.04 lack and builds Lectern.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'TEXT'
Usage: installer/setup.sh [OPTION…]
Installs the packages that Lectern needs (with apt-get, as root or through sudo) and builds it into build/release.

  --demo       then read the sample document with the built-in model, ask a question and show the memory saved
  --run        then start the window
  --no-ui      without the window and without Qt: the command line only
  --tests      also the packages that the tests need, and the tests
  --deps-only  install packages, build nothing
  --jobs N     compile with N processes (default: one a core)
  --help       this text

Nothing is installed where everything is there already. LECTERN_CUDA=OFF leaves the CUDA module out, =ON insists on it.
TEXT
}

readonly core_packages=(g++ cmake ninja-build pkg-config dpkg-dev file fakeroot libpoppler-cpp-dev libdnnl-dev
    ocl-icd-opencl-dev libsqlite3-dev nlohmann-json3-dev libcli11-dev libspdlog-dev libfmt-dev libzstd-dev
    libutf8proc-dev libpcre2-dev libxxhash-dev)
readonly ui_packages=(qt6-base-dev libqt6opengl6-dev libxkbcommon-dev qt6-svg-dev qt6-tools-dev
    qt6-tools-dev-tools qt6-l10n-tools libqt6svg6 qt6-qpa-plugins fonts-dejavu-core)
readonly test_packages=(libgtest-dev libgmock-dev libbenchmark-dev clang-format-14)
readonly ui_test_packages=(xvfb xauth fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji)

say() { printf '\n== %s\n' "$*" >&2; }
fail() {
    printf 'setup.sh: %s\n' "$*" >&2
    exit 1
}

ui=yes tests=no deps_only=no demo=no window=no
jobs=$(nproc)
while (($# > 0)); do
    case "$1" in
    --no-ui) ui=no ;;
    --tests) tests=yes ;;
    --deps-only) deps_only=yes ;;
    --demo) demo=yes ;;
    --run) window=yes ;;
    --jobs)
        [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || fail "--jobs needs a number of processes."
        jobs=$2
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        fail "\"$1\" is not an option."
        ;;
    esac
    shift
done
[[ $window == no || $ui == yes ]] || fail "--run starts the window, which --no-ui leaves out."

wanted_packages() {
    printf '%s\n' "${core_packages[@]}"
    [[ $ui == no ]] || printf '%s\n' "${ui_packages[@]}"
    [[ $tests == no ]] || printf '%s\n' "${test_packages[@]}"
    [[ $ui == no || $tests == no ]] || printf '%s\n' "${ui_test_packages[@]}"
}

missing_packages() {
    local package
    while read -r package; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || printf '%s\n' "$package"
    done < <(wanted_packages)
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "packages must be installed by root: run this as root, or install sudo."
    fi
}

install_packages() {
    local missing=()
    command -v dpkg-query >/dev/null || fail "this script knows Debian 12 and Ubuntu 24.04; elsewhere install the \
packages of the README's table and run: cmake --preset release && cmake --build --preset release"
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)); then
        say "All packages are there."
        return
    fi
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# The architectures of this machine's graphics processors; without one, the oldest, whose code the driver can translate.
cuda_architectures() {
    local found
    found=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | tr -d '. ' | sort -u | sed 's/$/-real/' |
        paste -sd ';') || true
    printf '%s' "${found:-75}"
}

build() {
    local log
    say "Configuring build/release"
    log=$(mktemp)
    trap 'rm -f "$log"' RETURN
    cmake --preset release -DLECTERN_UI="$([[ $ui == yes ]] && echo ON || echo OFF)" \
        -DLECTERN_TESTS="$([[ $tests == yes ]] && echo ON || echo OFF)" \
        -DLECTERN_CUDA="${LECTERN_CUDA:-AUTO}" -DCMAKE_CUDA_ARCHITECTURES="$(cuda_architectures)" 2>&1 | tee "$log" >&2
    say "Building"
    cmake --build --preset release --parallel "$jobs" >&2
    say "$(grep -o 'CUDA module: .*' "$log" | tail -n 1)"
    say "Built: $PWD/build/release/bin"
}

demo() {
    local cli=build/release/bin/lectern-cli folder=build/demo
    mkdir -p "$folder"
    rm -f "$folder"/sample.lectern*
    say "lectern-cli ingest $folder/sample.lectern resources/samples/sample.pdf"
    "$cli" ingest "$folder/sample.lectern" resources/samples/sample.pdf
    say "lectern-cli ask $folder/sample.lectern \"${LECTERN_DEMO_QUESTION:=Who keeps the keys of the north tower?}\""
    "$cli" ask "$folder/sample.lectern" "$LECTERN_DEMO_QUESTION"
    say "lectern-cli info $folder/sample.lectern"
    "$cli" info "$folder/sample.lectern"
}

install_packages
[[ $deps_only == no ]] || exit 0
build
[[ $demo == no ]] || demo
[[ $window == no ]] || exec build/release/bin/lectern
