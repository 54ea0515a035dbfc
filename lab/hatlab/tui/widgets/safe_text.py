"""Text from daemons and packets, made safe to draw: it cannot move the cursor, hide or reorder words."""

from __future__ import annotations

import re
from unicodedata import category

_CONTROL_PICTURES = {**{k: chr(0x2400 + k) for k in range(32)}, 0x7F: "␡", 0x09: "    "}
_SUSPECT = re.compile(
    r"[^\x20-\x7e\u00a1-\u02ff\u0370-\u058f\u2010-\u2027\u2030-\u205e\u2190-\u2bff\u3000-\ud7ff\uff00-\uffef]"
)


def safe_text(text: str) -> str:
    """Replace control characters by pictures (␛), a tab by four blanks, invisible ones by �."""
    if not _SUSPECT.search(text):
        return text
    return "".join(map(_safe_character, text))


def _safe_character(char: str) -> str:
    picture = _CONTROL_PICTURES.get(ord(char))
    if picture is not None:
        return picture
    return "�" if category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else char
