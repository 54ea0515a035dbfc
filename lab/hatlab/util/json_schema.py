"""What the JSON Schemas of hatlab's files have in common."""

from __future__ import annotations

from typing import Any


def publish_schema(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its dialect and its name.

    The name is a URN: a schema comes from `hatlab schema`, which fits the installed version, and not from an
    address on the web. It changes when a new version of the file's format is made.

    Args:
        kind: of the file that the schema describes, in one word.
        schema: of version 1 of the format, without its name.
    """
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hatlab:schema:{kind}:1",
        "title": f"hatlab {kind}",
    }
    return head | schema
