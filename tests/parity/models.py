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
from transformers import AutoModelForCausalLM

GREEDY = 64


def lines():
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        model = AutoModelForCausalLM.from_pretrained(folder / "tiny-hf", dtype=torch.float64, attn_implementation="eager")
        model.eval()
        ids = [int(line) for line in (folder / "tiny-hf" / "prompt.txt").read_text().split()]
        greedy, logits = [], None
        with torch.no_grad():
            for _ in range(GREEDY):
                row = model(torch.tensor([ids + greedy]), use_cache=False).logits[0, -1]
                logits = row if logits is None else logits
                greedy.append(int(row.argmax()))
        yield " ".join([folder.name, ",".join(f"{float(x):.6g}" for x in logits), ",".join(map(str, greedy))])


(pathlib.Path(__file__).parent / "models.txt").write_text("\n".join(lines()) + "\n")
