"""The schemas as the tools of editors and forges read them: named, valid, and with patterns of ECMA-262."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hatlab.commands.support.schemas import SCHEMAS, read_schema

_ESCAPE = re.compile(r"\\(?:[dDsSwWbBfnrtv0^$\\.*+?()\[\]{}|/-]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})")
"""What may stand behind a backslash with the `u` flag; a - only within brackets."""
_NOT_ECMA = re.compile(r"\(\?[^:=!<]|\(\?<[^=!a-zA-Z]|[*+?}]\+|\\[AZz]")
"""Groups, quantifiers and anchors that Python has and ECMA-262 has not."""


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from schema.get("patternProperties", {})
        for value in schema.values():
            yield from _patterns(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _patterns(value)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_valid_and_has_a_name(kind: str) -> None:
    schema = read_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:hatlab:schema:{kind}:1"
    assert next(iter(schema)) == "$schema"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_its_patterns_are_those_of_ecma_262(kind: str) -> None:
    for pattern in _patterns(read_schema(kind)):
        assert "\\" not in _ESCAPE.sub("", pattern), pattern
        assert not _NOT_ECMA.search(pattern), pattern


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_a_javascript_engine_takes_every_pattern() -> None:
    patterns = sorted({pattern for kind in SCHEMAS for pattern in _patterns(read_schema(kind))})
    script = "for (const p of JSON.parse(require('fs').readFileSync(0))) new RegExp(p, 'u')"
    done = subprocess.run(["node", "-e", script], input=json.dumps(patterns), capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.parametrize("pattern", [r"^[^\"]*$", r"\Aab", r"(?P<name>a)", r"a++", r"\_"])
def test_a_pattern_of_python_alone_would_be_found(pattern: str) -> None:
    assert "\\" in _ESCAPE.sub("", pattern) or _NOT_ECMA.search(pattern)


def test_plain_text_still_holds_no_character_that_a_configuration_gives_a_meaning() -> None:
    [pattern] = {pattern for pattern in _patterns(read_schema("topology")) if "#`$" in pattern}
    plain = Draft202012Validator({"pattern": pattern})
    assert plain.is_valid("is it (really) so?")
    assert [c for c in "\"'\\{}!#`$\n\x00" if plain.is_valid(f"a{c}b")] == []
