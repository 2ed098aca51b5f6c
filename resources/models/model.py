# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in model in PyTorch: a small LLaMA whose parameters carry their GGUF names.

RoPE turns neighbouring channels (2i, 2i+1), which is how GGUF stores LLaMA; rows of attn_q and
attn_k therefore need no permutation on export.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    """Sizes of the model; the defaults are those of lectern-mini."""

    vocabulary: int = 4096
    hidden: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 32
    ffn: int = 768
    norm_eps: float = 1e-5
    rope_base: float = 500000.0
    context: int = 2048


def rope_angles(config: Config, positions: Tensor) -> tuple[Tensor, Tensor]:
    """cos and sin [..., head_dim / 2] f32 for integer positions; angles in double precision."""
    half = torch.arange(config.head_dim // 2, dtype=torch.float64)
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
    """RMSNorm over the last dimension, computed in f32."""
    y = x.float()
    return y * torch.rsqrt(y.square().mean(-1, keepdim=True) + eps) * weight


class MiniLlama(nn.Module):
    """Decoder-only transformer with tied embeddings."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
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
        scale = 0.02 if name == "token_embd" else shape[1] ** -0.5
        if name.endswith(("attn_output", "ffn_down")):
            scale *= (2 * self.config.layers) ** -0.5
        return torch.randn(shape) * scale

    def gguf_tensors(self) -> dict[str, Tensor]:
        """Every parameter under its name in the file."""
        return {f"{k.replace('-', '.')}.weight": p.detach() for k, p in self.weights.items()}

    def load_gguf_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Takes every parameter from a file's tensors; a missing one is an error."""
        with torch.no_grad():
            for k, p in self.weights.items():
                p.copy_(tensors[f"{k.replace('-', '.')}.weight"])

    def forward(self, ids: Tensor, cos: Tensor, sin: Tensor, cache: list | None = None) -> Tensor:
        """Hidden states [batch, time, hidden] after the last norm; ``cache`` grows where given."""
        w, eps, dtype = self.weights, self.config.norm_eps, self._compute_dtype
        x = F.embedding(ids, w["token_embd"]).to(dtype)
        for n in range(self.config.layers):
            h = rms_norm(x, w[f"blk-{n}-attn_norm"], eps).to(dtype)
            x = x + self._attention(n, h, cos, sin, cache)
            h = rms_norm(x, w[f"blk-{n}-ffn_norm"], eps).to(dtype)
            gate_up = torch.cat((w[f"blk-{n}-ffn_gate"], w[f"blk-{n}-ffn_up"])).to(dtype)
            gate, up = F.linear(h, gate_up).chunk(2, dim=-1)
            x = x + F.linear(F.silu(gate) * up, w[f"blk-{n}-ffn_down"].to(dtype))
        return rms_norm(x, w["output_norm"], eps).to(dtype)

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores [..., vocabulary] f32 through the tied embedding."""
        return F.linear(hidden, self.weights["token_embd"].to(hidden.dtype)).float()

    _compute_dtype = torch.float32

    def compute_in(self, dtype: torch.dtype) -> MiniLlama:
        """Sets the type of activations and matrix products; the parameters stay f32."""
        self._compute_dtype = dtype
        return self

    def _attention(self, n: int, h: Tensor, cos: Tensor, sin: Tensor, cache: list | None) -> Tensor:
        c, w, dtype = self.config, self.weights, self._compute_dtype
        names = (f"blk-{n}-attn_q", f"blk-{n}-attn_k", f"blk-{n}-attn_v")
        sizes = [c.heads * c.head_dim, c.kv_heads * c.head_dim, c.kv_heads * c.head_dim]
        qkv = F.linear(h, torch.cat([w[k] for k in names]).to(dtype))
        q, k, v = (t.unflatten(-1, (-1, c.head_dim)) for t in qkv.split(sizes, dim=-1))
        q, k = rotate(q, cos, sin).transpose(1, 2), rotate(k, cos, sin).transpose(1, 2)
        v = v.transpose(1, 2)
        first = True
        if cache is not None:
            if len(cache) > n:
                first = False
                k, v = torch.cat((cache[n][0], k), 2), torch.cat((cache[n][1], v), 2)
                cache[n] = (k, v)
            else:
                cache.append((k, v))
        group = c.heads // c.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=first)
        return F.linear(out.transpose(1, 2).flatten(2), w[f"blk-{n}-attn_output"].to(dtype))
