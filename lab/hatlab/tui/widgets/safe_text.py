"""Text from daemons and packets, made safe to draw: it cannot move the cursor, hide or reorder words."""

from __future__ import annotations

import re
from unicodedata import category

_CONTROL = {**{k: chr(0x2400 + k) for k in range(32)}, 0x7F: "␡", 0x09: "    "}
_SUSPECT = re.compile(
    r"[^\x20-\x7e\u00a1-\u02ff\u0370-\u058f\u2010-\u2027\u2030-\u205e\u2190-\u2bff\u3000-\ud7ff\uff00-\uffef]"
)


def safe_text(text: str) -> str:
    """Control characters as their pictures (␛), a tab as four blanks, invisible and reordering ones as �."""
    if not _SUSPECT.search(text):
        return text
    return "".join(map(_safe, text))


def _safe(char: str) -> str:
    shown = _CONTROL.get(ord(char))
    if shown is not None:
        return shown
    return "�" if category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else char
