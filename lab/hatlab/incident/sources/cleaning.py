"""Takes off a line what pasting, quoting and colouring have put around it. Pure."""

from __future__ import annotations

import re

_COLOURS = re.compile(
    r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]|\x1b[=>]"
)
_QUOTES = re.compile(r"(?:\s*(?:>|&gt;))+(?: |$)")
_PROMPT = re.compile(r"(?:\([\w.-]+\) ?)?\[?[\w.-]+@[\w.-]+[: ][^#$%>]{0,80}[#$%>]\]?(?: |$)")
_FENCE = re.compile(r"\s*(?:```|~~~)[\w-]*\s*")
_ENTITIES = {"&gt;": ">", "&lt;": "<", "&quot;": '"', "&#39;": "'", "&nbsp;": " ", "&amp;": "&"}
_TAG = r"</?(?:a|b|blockquote|br|code|div|em|font|i|li|p|pre|samp|span|strong|td|tr|tt)(?: [^<>]{0,200})?/?>"
_MARK = r"\[/?(?:code|quote|pre|spoiler|b|i|color)(?:=[^\]]{0,40})?\]"
_MARKUP = re.compile(rf"{_TAG}|{_MARK}|\{{(?:code|noformat|quote)(?::[^}}]{{0,40}})?\}}", re.IGNORECASE)
"""Of a page, a forum (BBCode) or a ticket."""
_UNCLEAN = re.compile(r"[@&<]|\[/|\{[cnq]")
"""Of what may have to be taken off, this is in the middle of a line."""
_NUMBERED = re.compile(r" *\d{1,7}\t")
"""`cat -n`, `nl`."""
_TYPOGRAPHY: dict[int, str] = {
    **{0xA0: " ", ord("\r"): " ", 0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-"},
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xAD), ""),
}
"""What word processors and mails make of characters, and characters that nobody sees."""


LONGEST = 16_000
"""Characters of a line that are looked at; an object of JSON may be longer."""


def clean_line(raw: bytes) -> str:
    """Return a line as its program wrote it: without colours, markup, quotation marks of mails, line numbers.

    A line of Markdown that opens or ends a block of code becomes empty, as does a command behind a prompt.
    """
    if len(raw) > LONGEST and not raw.lstrip(b"\x1e \tdat:[").startswith(b"{"):
        raw = raw[:LONGEST]
    text = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    if (
        text.isascii()
        and text.isprintable()
        and (text[:1].isalnum() or text[:1] == "(")
        and not _UNCLEAN.search(text)
    ):
        return text
    text = text.translate(_TYPOGRAPHY)
    if "<" in text or "[" in text or "{" in text:
        text = _MARKUP.sub("", text)
    if "&" in text:
        for entity, character in _ENTITIES.items():
            text = text.replace(entity, character)
    if quotes := _QUOTES.match(text):
        text = text[quotes.end() :]
    if number := _NUMBERED.match(text):
        text = text[number.end() :]
    if _PROMPT.match(text) or _FENCE.fullmatch(text):
        return ""
    return text.rstrip()
