"""What a page may load and run."""

from __future__ import annotations

import base64
import hashlib


def content_policy(style: str, script: str) -> str:
    """Return a page's Content-Security-Policy: this style and this script, and nothing else from anywhere.

    Nothing is loaded or sent, and no script may make markup of text (trusted types).
    """
    allowed = (f"{kind}-src '{_hash(text)}'" for kind, text in (("style", style), ("script", script)))
    none = ("default-src", "base-uri", "form-action")
    return "; ".join(
        [
            *(f"{name} 'none'" for name in none),
            *allowed,
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
