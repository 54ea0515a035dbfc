"""docs/writing-lessons.md is one with the code: `python -m tests.docs.test_lessons_page` makes its tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from hatlab.actions import parse
from hatlab.lessons.conditions.compiler import compile_condition, compile_measure
from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.parser import parse_condition, parse_measure
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.conditions.syntax import COMBINATORS
from hatlab.lessons.conditions.vocabulary import Entry
from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.format.schema import lesson_schema
from hatlab.lessons.key_markup import KEYS, SCREEN_KEYS, find_keys, render_as_typed, render_for_screen
from hatlab.lessons.model import Front, Question, Task, Variant, WhatIf, WrongSolution
from hatlab.lessons.solution import compile_steps
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.support.lesson_texts import LESSON

PAGE = Path(__file__).parents[2] / "docs" / "writing-lessons.md"
LAYOUT = Layout.numbered("lab", load_topology("two-node"))


def page(text: str) -> str:
    """The page with its tables made of the code."""
    now = _table("true now", [c for c in CONDITIONS.values() if not c.history])
    past = _table("true once it happened since the task began", [c for c in CONDITIONS.values() if c.history])
    tables = {
        "conditions": f"{now}\n{past}",
        "measures": _table("is", MEASURES.values()),
        "keys": f"{_keys('key', KEYS)}\n{_keys('key without a line', SCREEN_KEYS)}",
    }
    marked = r"(<!-- (conditions|measures|keys) -->\n).*?(?=<!-- end -->)"
    return re.sub(marked, lambda found: found[1] + tables[found[2]], text, flags=re.S)


def _table(head: str, entries: Iterable[Entry[Any]]) -> str:
    return f"| written | {head} | as in |\n|---|---|---|\n" + "".join(map(_row, entries))


def _keys(head: str, keys: Mapping[str, str]) -> str:
    """A row for each key, with all lines or names for it."""
    lines = {key: [line for line, other in keys.items() if other == key] for key in keys.values()}
    rows = (f"| {', '.join(f'`{line}`' for line in same)} | `{key}` |\n" for key, same in lines.items())
    return f"| written | {head} |\n|---|---|\n{''.join(rows)}"


def _row(entry: Entry[Any]) -> str:
    unit = f" ({entry.unit})" if entry.unit else ""
    usage = entry.usage.replace("|", "\\|")
    return f"| `{usage}` | {entry.help}{unit} | `{entry.example}` |\n"


def test_the_page_lists_every_condition_and_measure() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run: python -m tests.docs.test_lessons_page"


def test_the_page_s_lesson_is_sound() -> None:
    pages = re.findall(r"^````markdown\n(.*?)^````$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    examined = [parse_lesson(page.encode(), topology=load_topology) for page in pages]
    assert [result.findings for result in examined] == [(), ()]
    assert [result.lesson.front.kind for result in examined if result.lesson] == ["lesson", "drill"]


def test_the_page_names_what_is_needed() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    for what, model in (
        ("in the front matter,", Front),
        ("in a question", Question),
        ("in a task", Task),
        ("in a what-if", WhatIf),
        ("in a wrong answer", WrongSolution),
    ):
        *most, last = (f"`{name}`" for name, field in model.model_fields.items() if field.is_required())
        assert f"{what} {', '.join(most)} and {last}" in text
    assert (Front.model_fields["order"].default, Front.model_fields["language"].default) == (100, "en")


def test_the_page_s_keys_read_as_it_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    (block,) = re.findall(r"^```\n(\{key:.*?)^```$", text, re.M | re.S)
    for line in block.splitlines():
        (key,) = find_keys(line)
        written, words = line[: key.end], " ".join(line[key.end :].split())
        assert not key.problem
        assert words == f"{render_for_screen(written)} {render_as_typed(written)}".strip()


def test_the_page_s_other_blocks_are_sound() -> None:
    text = re.sub(r"^````markdown\n.*?^````$", "", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    solution, variants = map(yaml.safe_load, re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S))
    task = Task.model_validate({"id": "a", "do": "x", "when": "healthy", **solution})
    assert len(compile_steps(task.solution, LAYOUT)) == 4
    for variant in map(Variant.model_validate, variants["variants"]):
        for line in (variant.values["fault"], *variant.values["cure"]):
            parse(line, LAYOUT)


def test_the_page_s_what_if_is_sound() -> None:
    (block,) = re.findall(r"^```yaml whatif\n.*?^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert parse_lesson(f"{LESSON}\n{block}\n".encode(), topology=load_topology).findings == ()


def test_the_page_names_every_key_and_combinator() -> None:
    text = PAGE.read_text(encoding="utf-8")
    schema = lesson_schema()
    classes = [schema, *schema["$defs"].values()]
    keys = {key for definition in classes for key in definition.get("properties", ())} | set(COMBINATORS)
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []


def test_every_example_can_be_understood() -> None:
    for entry in CONDITIONS.values():
        compile_condition(parse_condition(entry.example), LAYOUT)
    for other in MEASURES.values():
        compile_measure(parse_measure(other.example), LAYOUT)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
