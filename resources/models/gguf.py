# SPDX-License-Identifier: GPL-3.0-or-later
"""A small writer and reader of GGUF version 3, enough for the built-in model."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import torch
from model import Config
from tasks import NOT_THERE
from tokenizer import BOS, EOS, UNKNOWN, Vocabulary

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
U32, I32, F32, BOOL, STRING, ARRAY, U64 = 4, 5, 6, 7, 8, 9, 10
TENSOR_F32, TENSOR_F16, TENSOR_Q8_0 = 0, 1, 8
MATRIX_TYPES = {"f16": (TENSOR_F16, 1), "q8_0": (TENSOR_Q8_0, 7)}  # tensor type, general.file_type
Q8_BLOCK = 32
_SCALARS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?", U64: "<Q"}


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(kind: int, value) -> bytes:
    if kind == STRING:
        return _string(value)
    return struct.pack(_SCALARS[kind], value)


def _array(kind: int, values) -> bytes:
    head = struct.pack("<IQ", kind, len(values))
    return head + b"".join(_value(kind, v) for v in values)


def metadata(config: Config, vocab: Vocabulary, name: str, file_type: int) -> list[tuple[str, int, object]]:
    """(key, type, value) in the order of the file; an array's type is (ARRAY, element type)."""
    return [
        ("general.architecture", STRING, "llama"),
        ("general.name", STRING, name),
        ("general.license", STRING, "gpl-3.0-or-later"),
        ("general.description", STRING, "Finds the sentence that answers a question and quotes it."),
        ("lectern.quotes.absent", STRING, NOT_THERE),
        ("general.quantization_version", U32, 2),
        ("general.file_type", U32, file_type),
        ("general.alignment", U32, ALIGNMENT),
        ("llama.vocab_size", U32, config.vocabulary),
        ("llama.context_length", U32, config.context),
        ("llama.embedding_length", U32, config.hidden),
        ("llama.block_count", U32, config.layers),
        ("llama.feed_forward_length", U32, config.ffn),
        ("llama.attention.head_count", U32, config.heads),
        ("llama.attention.head_count_kv", U32, config.kv_heads),
        ("llama.attention.key_length", U32, config.head_dim),
        ("llama.attention.value_length", U32, config.head_dim),
        ("llama.attention.layer_norm_rms_epsilon", F32, config.norm_eps),
        ("llama.rope.dimension_count", U32, config.head_dim),
        ("llama.rope.freq_base", F32, config.rope_base),
        ("tokenizer.ggml.model", STRING, "llama"),
        ("tokenizer.ggml.tokens", (ARRAY, STRING), vocab.tokens),
        ("tokenizer.ggml.scores", (ARRAY, F32), vocab.scores),
        ("tokenizer.ggml.token_type", (ARRAY, I32), vocab.types),
        ("tokenizer.ggml.bos_token_id", U32, BOS),
        ("tokenizer.ggml.eos_token_id", U32, EOS),
        ("tokenizer.ggml.unknown_token_id", U32, UNKNOWN),
        ("tokenizer.ggml.add_bos_token", BOOL, True),
        ("tokenizer.ggml.add_eos_token", BOOL, False),
        ("tokenizer.ggml.add_space_prefix", BOOL, False),
    ]


def _q8_0(matrix: np.ndarray) -> bytes:
    """Blocks of 32 along a row: f16 scale (largest magnitude / 127), then 32 signed bytes."""
    blocks = matrix.reshape(-1, Q8_BLOCK).astype(np.float32)
    scale = (np.abs(blocks).max(1, keepdims=True) / 127).astype(np.float16)
    inverse = np.divide(1, scale.astype(np.float32), out=np.zeros_like(scale, np.float32), where=scale != 0)
    packed = np.empty(len(blocks), dtype=[("scale", "<f2"), ("codes", "i1", Q8_BLOCK)])
    packed["scale"] = scale[:, 0]
    packed["codes"] = np.clip(np.rint(blocks * inverse), -127, 127)
    return packed.tobytes()


def _from_q8_0(raw: bytes, count: int, offset: int) -> np.ndarray:
    blocks = np.frombuffer(raw, [("scale", "<f2"), ("codes", "i1", Q8_BLOCK)], count // Q8_BLOCK, offset)
    return (blocks["scale"].astype(np.float32)[:, None] * blocks["codes"]).reshape(-1)


def write(path: Path, config: Config, vocab: Vocabulary, tensors: dict[str, torch.Tensor], kind: str) -> None:
    """Writes matrices as ``kind`` (MATRIX_TYPES) and vectors as F32; the file appears whole or not at all."""
    matrix_type, file_type = MATRIX_TYPES[kind]
    pairs = metadata(config, vocab, "Lectern Reader", file_type)
    head, infos, blobs, offset = bytearray(), bytearray(), [], 0
    for key, value_kind, value in pairs:
        head += _string(key)
        if isinstance(value_kind, tuple):
            head += struct.pack("<I", ARRAY) + _array(value_kind[1], value)
        else:
            head += struct.pack("<I", value_kind) + _value(value_kind, value)
    for name, tensor in tensors.items():
        values = tensor.float().numpy()
        stored = matrix_type if tensor.ndim > 1 else TENSOR_F32
        forms = {TENSOR_F32: lambda v: v.astype("<f4").tobytes(), TENSOR_F16: lambda v: v.astype("<f2").tobytes(),
                 TENSOR_Q8_0: _q8_0}  # fmt: skip
        blob = forms[stored](values)
        infos += _string(name) + struct.pack("<I", tensor.ndim)
        infos += struct.pack(f"<{tensor.ndim}Q", *reversed(tensor.shape))
        infos += struct.pack("<IQ", stored, offset)
        blobs.append(blob + bytes(-len(blob) % ALIGNMENT))
        offset += len(blobs[-1])
    start = MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(pairs)) + head + infos
    start += bytes(-len(start) % ALIGNMENT)
    partial = path.with_suffix(".partial")
    partial.write_bytes(start + b"".join(blobs))
    partial.replace(path)


class _Cursor:
    """Reads little-endian values one after another."""

    def __init__(self, raw: bytes):
        self._raw, self.at = raw, 0

    def take(self, form: str):
        values = struct.unpack_from("<" + form, self._raw, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def string(self) -> str:
        size = self.take("Q")
        self.at += size
        return self._raw[self.at - size : self.at].decode()

    def value(self, kind: int):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            inner, count = self.take("IQ")
            return [self.value(inner) for _ in range(count)]
        return self.take(_SCALARS[kind][1:])


def read(path: Path) -> tuple[Config, Vocabulary, dict[str, torch.Tensor], dict[str, object]]:
    """Config, vocabulary, f32 tensors and all metadata of a file that ``write`` made."""
    raw = path.read_bytes()
    cursor = _Cursor(raw)
    magic, version = raw[:4], _Cursor(raw[4:8]).take("I")
    if magic != MAGIC or version != VERSION:
        raise ValueError(f"{path} is not GGUF version {VERSION}")
    cursor.at = 8
    tensor_count, pair_count = cursor.take("QQ")
    meta: dict[str, object] = {}
    for _ in range(pair_count):
        key = cursor.string()
        meta[key] = cursor.value(cursor.take("I"))
    infos = []
    for _ in range(tensor_count):
        name, dims = cursor.string(), cursor.take("I")
        shape = [cursor.take("Q") for _ in range(dims)][::-1]
        infos.append((name, shape, *cursor.take("IQ")))
    base = cursor.at + -cursor.at % ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in infos:
        count = int(np.prod(shape))
        if kind == TENSOR_Q8_0:
            flat = _from_q8_0(raw, count, base + offset)
        else:
            flat = np.frombuffer(raw, {TENSOR_F32: "<f4", TENSOR_F16: "<f2"}[kind], count, base + offset)
        tensors[name] = torch.from_numpy(flat.astype(np.float32).reshape(shape))
    return _config(meta), _vocabulary(meta), tensors, meta


def _config(meta: dict) -> Config:
    return Config(
        vocabulary=meta["llama.vocab_size"],
        hidden=meta["llama.embedding_length"],
        layers=meta["llama.block_count"],
        heads=meta["llama.attention.head_count"],
        kv_heads=meta["llama.attention.head_count_kv"],
        head_dim=meta["llama.attention.key_length"],
        ffn=meta["llama.feed_forward_length"],
        norm_eps=meta["llama.attention.layer_norm_rms_epsilon"],
        rope_base=meta["llama.rope.freq_base"],
        context=meta["llama.context_length"],
    )


def _vocabulary(meta: dict) -> Vocabulary:
    keys = ("tokens", "scores", "token_type")
    return Vocabulary(*(meta[f"tokenizer.ggml.{k}"] for k in keys))
