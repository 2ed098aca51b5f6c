# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes templates.json: what jinja2, set up as Hugging Face's apply_chat_template() does, makes of templates.

    pip install jinja2 && python tests/parity/templates.py [FOLDER of *.jinja]

Development only; tests read the file. Our own templates are in it with their outputs; of those in FOLDER (the public
test data) only names, sizes and CRC-32C of outputs.
"""
import json
import pathlib
import sys
import types

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])

    def raise_exception(message):
        raise TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None):
        value = list(value) if isinstance(value, types.GeneratorType) else value  # what map() gives: a list here
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)

    env.filters["tojson"] = tojson
    env.filters["safe"] = lambda value: value  # jinja2's own would make "+" escape quotes
    env.globals["raise_exception"] = raise_exception
    return env


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def render(source, names):
    """The output, or None where the template refuses."""
    try:
        return environment().from_string(source).render(**names)
    except (TemplateError, TypeError, ValueError, KeyError, ZeroDivisionError):
        return None


USER = {"role": "user", "content": "  Who audits «Ångström & Co»?\n"}
ANSWER = {"role": "assistant", "content": "They do: \"KPMG\" <since 1999>.\n\nAsk on. "}
SYSTEM = {"role": "system", "content": "You are helpful."}
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a place.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "City, e.g. Zürich"},
                "unit": {"type": "string", "enum": ["C", "F"], "description": "Unit"},
                "days": {"type": "integer", "description": "Days ahead"},
            },
            "required": ["place"],
        },
    },
}
ASKED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "abcd12345", "type": "function", "function": {"name": "get_weather", "arguments": {"place": "Zürich"}}}
    ],
}
TOLD = {"role": "tool", "tool_call_id": "abcd12345", "name": "get_weather", "content": "{\"sky\": \"grey\"}"}
TOLD_AS_TEXT = dict(ASKED, tool_calls=[dict(ASKED["tool_calls"][0])])
TOLD_AS_TEXT["tool_calls"][0]["function"] = {"name": "get_weather", "arguments": "{\"place\": \"Zürich\"}"}

CONVERSATIONS = {
    "question": dict(messages=[USER], add_generation_prompt=True),
    "questions": dict(messages=[USER, ANSWER, USER], add_generation_prompt=True),
    "closed": dict(messages=[USER, ANSWER], add_generation_prompt=False),
    "system": dict(messages=[SYSTEM, USER, ANSWER, USER], add_generation_prompt=True),
    "wrong turn": dict(messages=[ANSWER, USER], add_generation_prompt=True),
    "no tools": dict(messages=[USER], tools=None, add_generation_prompt=True),
    "tools": dict(messages=[SYSTEM, USER], tools=[TOOL, TOOL], add_generation_prompt=True),
    "tool used": dict(messages=[USER, ASKED, TOLD], tools=[TOOL], add_generation_prompt=True),
    "tool used, as text": dict(messages=[USER, TOLD_AS_TEXT, TOLD, ANSWER], tools=[TOOL], add_generation_prompt=False),
    "documents": dict(
        messages=[USER], documents=[{"title": "A", "text": "One."}, {"title": "B", "text": "Two."}],
        add_generation_prompt=True,
    ),
}
CONVERSATIONS["functions"] = dict(CONVERSATIONS["system"], functions="[{}]", datetime="2024-01-02")
for conversation in CONVERSATIONS.values():
    conversation.update(bos_token="<s>", eos_token="</s>")

DATA = dict(
    n=7, x=2.5, t="  Hello, Wörld  ", e="", none=None, yes=True, xs=[3, 1, 2], words=["b", "A", "c", "a"],
    d={"k": 1, "l": [1, 2.0, "z\"\n\t\u00e9"], "m": {"q": None, "r": False}}, rows=[{"r": "u", "c": "1"}, {"r": "v"}],
)

OWN = [line for line in (HERE / "templates.txt").read_text().split("\n----\n")]


def main():
    own, named = [], []
    for source in OWN:
        names = CONVERSATIONS["tool used"] if "messages" in source else DATA
        own.append({"template": source, "names": names, "output": render(source, names)})
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jinja")) if len(sys.argv) > 1 else []:
        for name, names in CONVERSATIONS.items():
            output = render(path.read_text(), names)
            bytes_ = None if output is None else output.encode()
            named.append({
                "file": path.name, "conversation": name, "size": None if bytes_ is None else len(bytes_),
                "crc32c": None if bytes_ is None else crc32c(bytes_),
            })
    out = {"own": own, "conversations": CONVERSATIONS, "named": named}
    (HERE / "templates.json").write_text(json.dumps(out, ensure_ascii=False, indent=0) + "\n")


main()
