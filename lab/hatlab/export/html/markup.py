"""Text from outside in a page: neither markup nor anything that hides or reorders what is read."""

from __future__ import annotations

import base64
import hashlib
import html

from hatlab.util.visible import show_controls


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


def escape(text: str) -> str:
    """Return a text as it stands in a page, in an attribute's value too."""
    return html.escape(show_controls(text))
