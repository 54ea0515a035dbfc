"""The JSON Schemas of files that people write, by kind; what makes one is imported when it is asked for."""

from __future__ import annotations

from typing import Any

from hatlab.util.visible import to_json

SCHEMAS = ("topology", "lesson", "config")
"""Kinds of files that have a schema."""


def schema_text(kind: str) -> str:
    """Return the schema of a kind of file as the text of a file."""
    return to_json(read_schema(kind), indent=2) + "\n"


def read_schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind of file."""
    if kind == "lesson":
        from hatlab.lessons.format.schema import lesson_schema as schema
    elif kind == "config":
        from hatlab.settings.model import config_schema as schema
    else:
        from hatlab.topology.schema import topology_schema as schema
    return schema()
