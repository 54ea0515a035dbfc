"""Takes off a line what pasting, quoting and colouring have put around it. Pure."""

from __future__ import annotations

import re

_COLOURS = re.compile(
    r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]|\x1b[=>]"
)
_QUOTES = re.compile(r"(?:\s*(?:>|&gt;))+(?: |$)")
_PROMPT = re.compile(r"(?:\([\w.-]+\) ?)?\[?[\w.-]+@[\w.-]+[: ][^#$%>]{0,80}[#$%>]\]?(?: |$)")
_FENCE = re.compile(r"\s*(?:```|~~~)[\w-]*\s*")
_ENTITIES = {"&gt;": ">", "&lt;": "<", "&quot;": '"', "&#39;": "'", "&amp;": "&"}


LONGEST = 16_000
"""Characters of a line that are looked at; an object of JSON may be longer."""


def clean_line(raw: bytes) -> str:
    """Return a line as its program wrote it: without colours, quotation marks of mails and a carriage return.

    A line of Markdown that opens or ends a block of code becomes empty, as does a command behind a prompt.
    """
    if len(raw) > LONGEST and not raw.lstrip(b"\x1e \tdat:").startswith(b"{"):
        raw = raw[:LONGEST]
    text = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    if text.isascii() and text.isprintable() and text[:1].isalnum() and "@" not in text and "&" not in text:
        return text
    text = text.replace("\xa0", " ").replace("\r", " ")
    if "&" in text:
        for entity, character in _ENTITIES.items():
            text = text.replace(entity, character)
    if quotes := _QUOTES.match(text):
        text = text[quotes.end() :]
    if _PROMPT.match(text) or _FENCE.fullmatch(text):
        return ""
    return text.rstrip()
