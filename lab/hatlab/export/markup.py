"""Text from outside in a page: neither markup nor anything that hides or reorders what is read."""

from __future__ import annotations

import html

from hatlab.util.visible import show_controls

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A page has nothing but its own style: no script runs in it, and it loads nothing."""


def escape(text: str) -> str:
    """Return a text as it stands in a page, in an attribute's value too."""
    return html.escape(show_controls(text))
