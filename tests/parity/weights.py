# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes weights.bin: blocks of every weight type and the f32 values that the `gguf` package's dequantizers give them.

    pip install numpy gguf && python tests/parity/weights.py

Development only; tests read the file. Layout, little-endian, one record a type until the end of the file:
name (8 bytes, zero-padded), u32 elements and bytes of a block, u32 blocks, the blocks, their values as f32.
"""
import pathlib
import struct

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

# Byte offsets of the fp16 numbers in a block: scale, then minimum where there is one.
HALVES = {
    "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "IQ4_NL": [0], "Q2_K": [80, 82],
    "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_XS": [0],
}


def blocks_of(name, size, random):
    """Random blocks; then zeros, all bits set, both with the largest, smallest and negative scales."""
    kinds = [random.integers(0, 256, size, np.uint8) for _ in range(3)]
    kinds += [np.zeros(size, np.uint8), np.full(size, 255, np.uint8), np.full(size, 0xA5, np.uint8)]
    scales = [(0.037, 0.21), (-1.25, 0.5), (2.0**-24, 2.0**-24), (1.0, 0.0), (65504.0, -65504.0), (-0.0, 3.0)]
    out = []
    for block, pair in zip(kinds, scales):
        for at, value in zip(HALVES[name], pair):
            block[at : at + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)
        out.append(block)
    return np.stack(out)


def main():
    random = np.random.default_rng(8)
    out = b""
    for name in HALVES:
        kind = GGMLQuantizationType[name]
        elements, size = GGML_QUANT_SIZES[kind]
        blocks = blocks_of(name, size, random)
        values = quants.dequantize(blocks, kind).astype("<f4").reshape(-1)
        assert values.size == len(blocks) * elements and np.isfinite(values).all()
        out += struct.pack("<8sIII", name.encode(), elements, size, len(blocks)) + blocks.tobytes() + values.tobytes()
    (pathlib.Path(__file__).parent / "weights.bin").write_bytes(out)


main()
