#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds what runs a whole model on the GPU, holds it against the CPU, then measures. Needs CUDA (with cuBLAS), CMake and
# a C++ compiler, nothing else, no network. The last lines are a table and "N passed, N failed, N skipped".
#   --quick       shorter contexts in the measurement
#   --long        also a million tokens and more of made-up codes
#   --no-check    measure only
#   --no-bench    check only
#   --out FILE    everything the programs say, and JSON rows in FILE.jsonl (default: build/gpu/engine.txt)
#   --build DIR   where to build (default: build/gpu)
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/gpu out='' check=1 bench=1 options=()
while (($# > 0)); do
    case "$1" in
    --quick | --long) options+=("$1") ;;
    --no-check) check=0 ;;
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
out=${out:-$build/engine.txt}
mkdir -p "$build" "$(dirname "$out")"
: >"$out"
: >"$out.jsonl"
started=$SECONDS

architecture() { # of the first device, 90 where the driver does not tell
    local capability
    capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d '.') || true
    printf '%s-real' "${capability:-90}"
}

export PATH="$PATH:/usr/local/cuda/bin"
generator=()
if command -v ninja >/dev/null; then generator=(-G Ninja); fi
if ! { cmake -S tests/gpu -B "$build" "${generator[@]}" -DCMAKE_CUDA_ARCHITECTURES="$(architecture)" &&
    cmake --build "$build" --parallel "$(nproc)" --target device_check device_bench; } >>"$out" 2>&1; then
    grep -E 'error|Error|FAILED' "$out" | head -n 20 || true
    printf 'build: failed, see %s\n0 passed, 1 failed, 0 skipped\n' "$out"
    exit 1
fi
printf 'built in %d s\n' $((SECONDS - started))

count='0 passed, 0 failed, 0 skipped' failed=0
if ((check)); then
    started=$SECONDS
    "$build/device_check" >"$build/check.txt" 2>&1 || failed=1
    cat "$build/check.txt" >>"$out"
    grep -v ': passed$' "$build/check.txt" | head -n 60 || true
    count=$(tail -n 1 "$build/check.txt")
    printf 'checked in %d s\n' $((SECONDS - started))
fi
if ((bench)); then
    started=$SECONDS status=0
    "$build/device_bench" "${options[@]}" --out "$out.jsonl" 2>&1 | tee -a "$out" || status=$?
    ((status == 0 || status == 77)) || failed=1
    printf 'measured in %d s, status %d\n' $((SECONDS - started)) "$status"
fi
printf '%s\n' "$count"
((failed == 0))
