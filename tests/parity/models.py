# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes models.txt: what Hugging Face's transformers compute with small random-weight models, in double precision.

    pip install torch transformers
    cmake --build build/dev --target write_models && build/dev/bin/write_models FOLDER && python tests/parity/models.py FOLDER

Development only; tests write the same models and read the file. A line a model: name, then the logits after the prompt,
then the tokens that are likeliest one after another, comma-separated.
"""
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, DynamicCache

GREEDY = 64
CHUNK = 500  # tokens of a long prompt at once


def last_logits(model, ids, cache):
    """Logits after `ids`, which go on where the cache ends."""
    for at in range(0, len(ids), CHUNK):
        logits = model(torch.tensor([ids[at : at + CHUNK]]), past_key_values=cache, use_cache=True).logits[0, -1]
    return logits


def lines():
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        model = AutoModelForCausalLM.from_pretrained(folder / "tiny-hf", dtype=torch.float64, attn_implementation="eager",
                                                     experts_implementation="eager")
        model.eval()
        ids = [int(line) for line in (folder / "tiny-hf" / "prompt.txt").read_text().split()]
        cache = DynamicCache(config=model.config)
        with torch.no_grad():
            logits = row = last_logits(model, ids, cache)
            greedy = [int(row.argmax())]
            while len(greedy) < GREEDY:
                row = last_logits(model, greedy[-1:], cache)
                greedy.append(int(row.argmax()))
        yield " ".join([folder.name, ",".join(f"{float(x):.6g}" for x in logits), ",".join(map(str, greedy))])


(pathlib.Path(__file__).parent / "models.txt").write_text("\n".join(lines()) + "\n")
