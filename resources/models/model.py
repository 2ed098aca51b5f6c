# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in model in PyTorch: a small LLaMA whose parameters carry their GGUF names.

RoPE turns neighbouring channels (2i, 2i+1), which is how GGUF stores LLaMA; rows of attn_q and
attn_k therefore need no permutation on export. One function computes a layer from its weights, so
that torch.compile compiles it once for all layers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention

SINKS = 5  # first tokens of a context, which every question sees
MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True)
class Config:
    """Sizes of the model; the defaults are those of lectern-reader."""

    vocabulary: int = 8192
    hidden: int = 512
    layers: int = 8
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 64
    ffn: int = 1536
    norm_eps: float = 1e-5
    rope_base: float = 1_000_000.0
    context: int = 8192  # what is said to users: longer rows were few


def rope_angles(config: Config, positions: Tensor) -> tuple[Tensor, Tensor]:
    """cos and sin [..., head_dim / 2] f32 for integer positions; angles in double precision."""
    half = torch.arange(config.head_dim // 2, dtype=torch.float64, device=positions.device)
    inverse = config.rope_base ** (-2.0 * half / config.head_dim)
    angle = positions.to(torch.float64)[..., None] * inverse
    return angle.cos().float(), angle.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Interleaved RoPE on [batch, time, heads, head_dim]; cos and sin [batch, time, head_dim / 2]."""
    pair = x.float().unflatten(-1, (-1, 2))
    a, b = pair[..., 0], pair[..., 1]
    c, s = cos[:, :, None, :], sin[:, :, None, :]
    return torch.stack((a * c - b * s, a * s + b * c), dim=-1).flatten(-2).to(x.dtype)


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """RMSNorm over the last dimension, computed in f32, in the type of ``x``."""
    y = x.float()
    return (y * torch.rsqrt(y.square().mean(-1, keepdim=True) + eps) * weight).to(x.dtype)


def _sees(own, lo, hi, lo2, hi2, q, k):
    """Whether the query at ``q`` sees the key at ``k``: what begins with its own question, the sinks, its stretches."""
    return (q >= k) & ((k >= own) | (k < SINKS) | ((k >= lo) & (k < hi)) | ((k >= lo2) & (k < hi2)))


def block_sight(sight: Tensor):
    """``dense_sight`` as flex_attention wants it: blocks that nobody sees are left out."""

    def mask(b, h, q, k):
        return _sees(*(sight[b, i, q] for i in range(5)), q, k)

    return _create_block_mask(mask, len(sight), None, sight.shape[2], sight.shape[2], device=sight.device)


_create_block_mask = torch.compile(create_block_mask, dynamic=False)


def dense_sight(sight: Tensor) -> Tensor:
    """Which keys each query sees [batch, 1, time, time], from ``sight`` [batch, 5, time]: where the question begins that a
    token belongs to (0: it sees everything before it) and where the two stretches of tokens begin and end that it sees."""
    at = torch.arange(sight.shape[2], device=sight.device)
    return _sees(*(sight[:, i, :, None] for i in range(5)), at[:, None], at)[:, None]


def layer(c: Config, w: dict[str, Tensor], x: Tensor, cos: Tensor, sin: Tensor, noise: Tensor | None = None,
          sight: Tensor | BlockMask | None = None) -> Tensor:  # fmt: skip
    """One layer on [batch, time, hidden]; ``w`` by the names of MATRICES and the two norms. Attention is causal, or what
    ``sight`` lets it be: a dense mask or blocks.

    ``noise`` [batch] disturbs the unrotated keys (by channel) and the values (by token) by that share of their
    standard deviation: what a cache of 2 to 4 bits will do to them.
    """
    h = rms_norm(x, w["attn_norm"], c.norm_eps)
    q, k, v = (F.linear(h, w[n].to(h.dtype)).unflatten(-1, (-1, c.head_dim)) for n in MATRICES[:3])
    if noise is not None:
        amount = noise[:, None, None, None]
        k = k + (torch.randn_like(k) * amount * k.detach().float().std((0, 1), keepdim=True)).to(k.dtype)
        v = v + (torch.randn_like(v) * amount * v.detach().float().std((2, 3), keepdim=True)).to(v.dtype)
    q, k = rotate(q, cos, sin).transpose(1, 2), rotate(k, cos, sin).transpose(1, 2)
    v = v.transpose(1, 2)
    if isinstance(sight, BlockMask):
        out = flex_attention(q, k, v, block_mask=sight, enable_gqa=True)
    else:
        group = c.heads // c.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=sight, is_causal=sight is None)
    x = x + F.linear(out.transpose(1, 2).flatten(2), w["attn_output"].to(h.dtype))
    h = rms_norm(x, w["ffn_norm"], c.norm_eps)
    gate, up = F.linear(h, w["ffn_gate"].to(h.dtype)), F.linear(h, w["ffn_up"].to(h.dtype))
    return x + F.linear(F.silu(gate) * up, w["ffn_down"].to(h.dtype))


class Reader(nn.Module):
    """Decoder-only transformer with tied embeddings; parameters f32, activations in ``dtype``."""

    def __init__(self, config: Config, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.config, self.dtype = config, dtype
        c, q, kv = config, config.heads * config.head_dim, config.kv_heads * config.head_dim
        shapes = {"token_embd": (c.vocabulary, c.hidden), "output_norm": (c.hidden,)}
        for n in range(c.layers):
            for name, shape in {
                "attn_norm": (c.hidden,), "attn_q": (q, c.hidden), "attn_k": (kv, c.hidden),
                "attn_v": (kv, c.hidden), "attn_output": (c.hidden, q), "ffn_norm": (c.hidden,),
                "ffn_gate": (c.ffn, c.hidden), "ffn_up": (c.ffn, c.hidden), "ffn_down": (c.hidden, c.ffn),
            }.items():  # fmt: skip
                shapes[f"blk.{n}.{name}"] = shape
        # torch does not allow dots in parameter names: '-' inside the module, '.' in the file.
        self.weights = nn.ParameterDict()
        for name, shape in shapes.items():
            self.weights[name.replace(".", "-")] = nn.Parameter(self._initial(name, shape))

    def _initial(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if name.endswith("norm"):
            return torch.ones(shape)
        if name.endswith(("attn_output", "ffn_down")):
            return torch.zeros(shape)  # every layer starts as the identity
        return torch.randn(shape) * (0.02 if name == "token_embd" else 0.6 * shape[1] ** -0.5)

    def layer_weights(self, n: int) -> dict[str, Tensor]:
        """The weights of layer ``n`` by their short names."""
        return {k: self.weights[f"blk-{n}-{k}"] for k in (*MATRICES, "attn_norm", "ffn_norm")}

    def gguf_tensors(self) -> dict[str, Tensor]:
        """Every parameter under its name in the file."""
        return {f"{k.replace('-', '.')}.weight": p.detach() for k, p in self.weights.items()}

    def load_gguf_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Takes every parameter from a file's tensors; a missing one is an error."""
        with torch.no_grad():
            for k, p in self.weights.items():
                p.copy_(tensors[f"{k.replace('-', '.')}.weight"])

    def forward(self, ids: Tensor, cos: Tensor, sin: Tensor, layer_function=layer, noise: Tensor | None = None,
                sight: Tensor | BlockMask | None = None) -> Tensor:  # fmt: skip
        """Hidden states [batch, time, hidden] after the last norm."""
        x = F.embedding(ids, self.weights["token_embd"]).to(self.dtype)
        for n in range(self.config.layers):
            x = layer_function(self.config, self.layer_weights(n), x, cos, sin, noise, sight)
        return rms_norm(x, self.weights["output_norm"], self.config.norm_eps)
