# SPDX-License-Identifier: GPL-3.0-or-later
"""Initial weights with a copying circuit already in place, so that half an hour can go into finding.

A small transformer learns to copy only after tens of millions of tokens, more than two cores read
in the time there is. The circuit it would find is known (an induction head: one head tells each
token what stood before it, a later head looks for the place that followed the same tokens), so the
first weights contain it and training starts from there. Nothing is frozen.

- Channel 0 of every embedding holds a constant: it gives heads something to make positions from.
- Layer 0: the four query heads look one to four tokens back and write what they saw into subspaces.
- Layers 2 and 3: keys hold the tokens before, queries the present token and those before it; the
  value is written back in the direction of its own embedding, which is a vote for that token.
- Layer 1: queries and keys agree, so equal tokens find each other; what to do with it is learnt.
- The feed-forward parts start silent.

Sources: C. Olsson and others, "In-context Learning and Induction Heads" (2022); A. Trockman and
J. Z. Kolter, "Mimetic Initialization of Self-Attention Layers" (2023).
"""

from __future__ import annotations

import torch
from model import MiniLlama
from torch import Tensor

EMBEDDING_SCALE, CONSTANT, OUTPUT_GAIN = 0.5, 2.0, 0.06
LOOK_BACK_SCALE, LOOK_BACK_PAIRS = 1.95, 6
MATCH_SCALE, MATCH_FROM_PAIR = 1.4, 7
MATCH_WEIGHTS = (1.5, 1.0, 0.6, 0.4)  # of the present token, then of those before it
COPY_GAIN, NOISE = 8.0, 0.15
SUBSPACES = 7  # the present token; the one to four before; two to vote in


def _orthonormal(rows: int, columns: int) -> Tensor:
    return torch.linalg.qr(torch.randn(columns, rows))[0].T.contiguous()


def _subspaces(model: MiniLlama) -> Tensor:
    """[7, head_dim, hidden]: mutually orthogonal readers that leave the constant channel alone."""
    c = model.config
    basis = torch.zeros(SUBSPACES * c.head_dim, c.hidden)
    basis[:, 1:] = _orthonormal(SUBSPACES * c.head_dim, c.hidden - 1)
    return basis.view(SUBSPACES, c.head_dim, c.hidden)


def _look_back(model: MiniLlama, w: dict[str, Tensor], spaces: Tensor) -> None:
    """Query head n of layer 0 attends n + 1 tokens back and writes what it finds."""
    c, d = model.config, model.config.head_dim
    pair = 2 * torch.arange(LOOK_BACK_PAIRS)
    angle = c.rope_base ** (-pair / d)
    for head in range(c.kv_heads):
        w["blk-0-attn_k"][head * d + pair, 0] = LOOK_BACK_SCALE
        w["blk-0-attn_v"][head * d : (head + 1) * d] = spaces[0]
    for head in range(c.heads):
        back = angle * (head + 1)
        w["blk-0-attn_q"][head * d + pair, 0] = LOOK_BACK_SCALE * torch.cos(back)
        w["blk-0-attn_q"][head * d + pair + 1, 0] = -LOOK_BACK_SCALE * torch.sin(back)
        w["blk-0-attn_output"][:, head * d : (head + 1) * d] = spaces[1 + head].T


def _matcher(model: MiniLlama, readers: Tensor, mixers: list[Tensor]) -> Tensor:
    """Rows of a query or key: what ``readers`` read, mixed into the pairs that hardly turn."""
    rows = torch.zeros(model.config.head_dim, model.config.hidden)
    for reader, mixer, weight in zip(readers, mixers, MATCH_WEIGHTS, strict=False):
        rows[2 * MATCH_FROM_PAIR :] += MATCH_SCALE * weight * mixer @ reader
    return rows


def _find_and_copy(layer: int, model: MiniLlama, w: dict[str, Tensor], spaces: Tensor) -> None:
    """Every head looks for the place that followed the same tokens, and votes for what stands there."""
    c, d, group = model.config, model.config.head_dim, model.config.heads // model.config.kv_heads
    for kv in range(c.kv_heads):
        mixers = [_orthonormal(d - 2 * MATCH_FROM_PAIR, d) for _ in MATCH_WEIGHTS]
        w[f"blk-{layer}-attn_k"][kv * d : (kv + 1) * d] += _matcher(model, spaces[1:5], mixers)
        w[f"blk-{layer}-attn_v"][kv * d : (kv + 1) * d] = spaces[5 + kv]
        for head in range(kv * group, (kv + 1) * group):
            w[f"blk-{layer}-attn_q"][head * d : (head + 1) * d] += _matcher(model, spaces[0:4], mixers)
            w[f"blk-{layer}-attn_output"][:, head * d : (head + 1) * d] = COPY_GAIN / group * spaces[5 + kv].T


def _find_equal(layer: int, model: MiniLlama, w: dict[str, Tensor], spaces: Tensor) -> None:
    """Queries and keys of each head agree on the present token."""
    c, d, group = model.config, model.config.head_dim, model.config.heads // model.config.kv_heads
    for kv in range(c.kv_heads):
        rows = _matcher(model, spaces[0:1], [_orthonormal(d - 2 * MATCH_FROM_PAIR, d)])
        w[f"blk-{layer}-attn_k"][kv * d : (kv + 1) * d] += rows
        for head in range(kv * group, (kv + 1) * group):
            w[f"blk-{layer}-attn_q"][head * d : (head + 1) * d] += rows


@torch.no_grad()
def initialise(model: MiniLlama) -> None:
    """Fills the weights of a fresh model of the default sizes; uses torch's seeded generator."""
    w = {name: p.data for name, p in model.weights.items()}
    w["token_embd"].normal_(0, EMBEDDING_SCALE)
    w["token_embd"][:, 0] = CONSTANT
    w["output_norm"].fill_(OUTPUT_GAIN)
    for layer in range(model.config.layers):
        for name in ("attn_q", "attn_k"):
            w[f"blk-{layer}-{name}"].mul_(NOISE)
        w[f"blk-{layer}-attn_output"].zero_()
        w[f"blk-{layer}-ffn_down"].zero_()
    spaces = _subspaces(model)
    _look_back(model, w, spaces)
    _find_equal(1, model, w, spaces)
    _find_and_copy(2, model, w, spaces)
    _find_and_copy(3, model, w, spaces)
