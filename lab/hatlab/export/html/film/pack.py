"""Plain data as text that any page can hold: JSON, deflated, in base64. Pure.

No text of a recording stands in the page as such, so none can end a script or be taken for markup.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

from hatlab.util.visible import show_controls, to_json


def pack(data: Any) -> str:
    """Return data as one word of ASCII; `DecompressionStream("deflate-raw")` opens it."""
    text = to_json(_made_visible(data), separators=(",", ":"))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(text.encode("utf-8", "replace")) + deflate.flush()
    return base64.b64encode(packed).decode()


def _made_visible(data: Any) -> Any:
    """Return data in which no text hides or reorders words; events' own texts are already so."""
    match data:
        case str():
            return show_controls(data)
        case list() | tuple():
            return [_made_visible(part) for part in data]
        case dict():
            return {show_controls(key): _made_visible(part) for key, part in data.items()}
    return data
