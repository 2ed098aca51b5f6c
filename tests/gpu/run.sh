#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and runs the GPU checks, then the benchmarks. Needs CUDA, CMake and a C++ compiler, nothing else, no network.
# The last line is always "N passed, N failed, N skipped".
#   --quick       one context length in the benchmarks
#   --out FILE    JSON rows of the benchmarks (default: printed)
#   --no-bench    checks only
#   --build DIR   where to build (default: build/gpu)
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/gpu out='' bench=1 quick=()
while (($# > 0)); do
    case "$1" in
    --quick) quick=(--quick) ;;
    --no-bench) bench=0 ;;
    --out) out=$2 && shift ;;
    --build) build=$2 && shift ;;
    *)
        printf 'unknown option %s\n' "$1" >&2
        exit 2
        ;;
    esac
    shift
done
passed=0 failed=0 skipped=0

finish() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0))
}

architecture() { # of the first device, 90 where the driver does not tell
    local capability
    capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d '.') || true
    printf '%s-real' "${capability:-90}"
}

export PATH="$PATH:/usr/local/cuda/bin"
generator=()
if command -v ninja >/dev/null; then generator=(-G Ninja); fi
if ! { cmake -S tests/gpu -B "$build" "${generator[@]}" -DCMAKE_CUDA_ARCHITECTURES="$(architecture)" >/dev/null &&
    cmake --build "$build" --parallel "$(nproc)"; }; then
    printf 'build: failed\n'
    failed=1
    finish || exit 1
fi

for program in "$build"/*_check; do
    printf '\n== %s\n' "$(basename "$program")"
    status=0
    "$program" | tee "$build/check.txt" || status=$?
    if [[ $(tail -n 1 "$build/check.txt") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    else
        printf '%s: ended with status %d and no count\n' "$program" "$status"
        failed=$((failed + 1))
    fi
done

if ((bench)); then
    [[ -z $out ]] || : >"$out"
    for program in "$build"/*_bench; do
        printf '\n== %s\n' "$(basename "$program")"
        status=0
        "$program" "${quick[@]}" ${out:+--out "$out"} || status=$?
        if ((status == 77)); then
            skipped=$((skipped + 1))
        elif ((status != 0)); then
            printf '%s: failed with status %d\n' "$program" "$status"
            failed=$((failed + 1))
        fi
    done
    if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
        printf '\n== torch\n'
        python3 tests/gpu/torch_attention.py "${quick[@]}" ${out:+--out "$out"}
    else
        printf 'torch: skipped, python3 has no torch with CUDA here\n'
    fi
fi
finish
