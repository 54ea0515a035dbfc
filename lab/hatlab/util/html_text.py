"""Text from outside in a page: neither markup nor anything that hides or reorders what is read."""

from __future__ import annotations

import html
import re

from hatlab.util.visible import show_controls


def fill_in(page: str, **parts: str) -> str:
    """Return a page with its parts in place of their names; within a part, such a name is any word."""
    return re.sub("|".join(map(re.escape, parts)), lambda name: parts[name[0]], page)


def escape(text: str) -> str:
    """Return a text as it stands in a page, in an attribute's value too."""
    return html.escape(show_controls(text))
