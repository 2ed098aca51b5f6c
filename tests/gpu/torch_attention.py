# SPDX-License-Identifier: GPL-3.0-or-later
"""Times PyTorch's scaled_dot_product_attention for one decoded token: what the fp16 kernel is measured against.

torch_attention.py [--quick] [--out FILE]   one JSON row per case, appended to FILE or printed
"""

import argparse
import json
import statistics
import sys

import torch
from torch.nn.functional import scaled_dot_product_attention

MODELS = (("llama-7b", 32, 1), ("llama-3-8b", 8, 4), ("qwen2.5-7b", 4, 7))
HEAD_DIM = 128
BEYOND_CACHE = 512 << 20  # bytes between two uses of one input


def median_seconds(calls):
    for call in calls[:3]:
        call()
    seconds = []
    for _ in range(9):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for call in calls:
            call()
        end.record()
        end.synchronize()
        seconds.append(begin.elapsed_time(end) * 1e-3 / len(calls))
    return statistics.median(seconds)


def row(name, kv_heads, group, tokens):
    size = 2 * 2 * kv_heads * HEAD_DIM * tokens
    copies = max(1, min(64, BEYOND_CACHE // size + 1))
    options = {"dtype": torch.float16, "device": "cuda"}
    q = torch.randn(1, kv_heads * group, 1, HEAD_DIM, **options)
    inputs = [[torch.randn(1, kv_heads, tokens, HEAD_DIM, **options) for _ in range(2)] for _ in range(copies)]
    grouped = group > 1
    calls = [lambda k=k, v=v: scaled_dot_product_attention(q, k, v, enable_gqa=grouped) for k, v in inputs]
    with torch.inference_mode():
        seconds = median_seconds(calls)
    return {"benchmark": "torch_sdpa", "model": name, "kv_heads": kv_heads, "group": group, "head_dim": HEAD_DIM,
            "tokens": tokens, "kv": "fp16", "bytes": size, "microseconds": round(seconds * 1e6, 2),
            "gb_per_s": round(size / seconds * 1e-9, 1), "torch": torch.__version__}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    out = open(arguments.out, "a", encoding="utf-8") if arguments.out else sys.stdout
    for tokens in (131_072,) if arguments.quick else (32_768, 131_072, 1_048_576):
        for model in MODELS:
            print(json.dumps(row(*model, tokens)), file=out, flush=True)
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
