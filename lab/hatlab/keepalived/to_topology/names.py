"""Makes names that a topology allows of those of files, interfaces and instances."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, count

from hatlab.keepalived.to_topology.yaml_text import YAML_WORDS


def free_name(wanted: str, taken: Iterable[str], fallback: str) -> str:
    """A name that a topology allows and that is not taken yet."""
    base = re.sub(r"[^A-Za-z0-9_-]", "-", wanted)[:17].strip("-")
    if not base[:1].isalpha() or base.lower() in YAML_WORDS:
        base = f"{fallback}{base}"[:17]
    used = set(taken)
    numbered = (f"{base}-{number}" for number in count(2))
    return next(name for name in chain([base], numbered) if name not in used)
