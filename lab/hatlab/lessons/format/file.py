"""Reads a lesson file and finds all that is wrong with it, each problem where it stands in the file.

A problem in one block does not hide those in others. A lesson with variants is checked in each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from hatlab.diagnostics.finding import Finding, sort_findings
from hatlab.diagnostics.location import KEY
from hatlab.diagnostics.yaml_source import Problem, decode_text
from hatlab.errors import UserError
from hatlab.lessons.as_drill import as_drill
from hatlab.lessons.format.blocks import (
    BoundBlock,
    BoundStep,
    LocatedMapping,
    bind_block,
    bind_passage,
    items_at,
    parse_block,
    parse_mapping,
    restore_braces,
    validate,
    variable_names,
)
from hatlab.lessons.format.drill import (
    check_front_of_drill,
    check_steps_of_drill,
    check_steps_of_lesson,
    is_drill,
)
from hatlab.lessons.format.keys import check_front_keys
from hatlab.lessons.format.markdown import Block, Page, Passage, Section, parse_markdown
from hatlab.lessons.format.placeholders import check_front
from hatlab.lessons.format.structure import check_structure
from hatlab.lessons.model import (
    MOST_VARIANTS,
    Front,
    Item,
    Lesson,
    LessonStep,
    Prose,
    Question,
    QuestionItem,
    Setup,
    Task,
    TaskItem,
    Variant,
    WhatIf,
    WhatIfItem,
)
from hatlab.registry import are_wanted, is_installed
from hatlab.topology import Layout, Topology

MOST_BYTES = 100_000
MOST_BLOCKS = 200
_MOST_SUBSTITUTED = 20_000
"""Characters of values in place of their names, in one variant."""
_MOST_PROBLEMS = 300
"""With more the rest is not worth checking."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """A lesson file's contents."""

    lesson: Lesson | None
    """None if there is an error."""
    findings: tuple[Finding, ...]
    """What is wrong, in the order of the file."""
    head: LocatedMapping | None = None
    """The front matter, None if it cannot be read."""


def parse_lesson(
    raw: bytes, *, topology: Callable[[str], Topology | None], seed: int | None = None
) -> ParseResult:
    """Return the lesson in a file's bytes and everything wrong with it. Never raises, in bounded time.

    Args:
        raw: the file.
        topology: returns the topology of a name or path; None or a UserError if there is none to use.
        seed: which variant, of a lesson that has some, counted round; without, the first.
    """
    problems: list[Problem] = []
    page = _parse_page(raw, problems)
    if page is None or page.front is None:
        return ParseResult(None, to_findings(problems))
    head = parse_mapping(page.front, 1, "the front matter", problems)
    if head is None:
        return ParseResult(None, to_findings(problems))
    front = validate(Front, head, head.data, problems)
    if not head.data.get("goals") and not is_drill(head):
        problems.append(Problem("037", 1, 1, "this lesson has no goals"))
    problems += _duplicate_variant_ids(head)
    problems += _unused_values(head, raw)
    problems += _missing_extensions(head)
    problems += check_front(head)
    problems += check_front_keys(head)
    problems += check_front_of_drill(head)
    layout = _find_layout(head, topology, problems)
    mappings = {block.line: parse_block(block, problems) for block in _blocks_of(page)}
    whole = None not in mappings.values() and not _has_error(to_findings(page.problems))
    forms: list[Lesson | None] = []
    for variant in _variants(front, head):
        if _too_large_after_substitution(page, variant.values if variant else {}):
            loc = ("variants", len(forms))
            problems.append(head.source_map.problem("006", loc, "the names stand for too much text"))
            break
        steps = [_bind_section(section, mappings, variant, problems) for section in page.sections]
        found = check_structure(
            steps, layout, whole=whole, drill=is_drill(head), recorded="recording" in head.data
        )
        problems += islice(found, _MOST_PROBLEMS)
        check_steps = check_steps_of_drill if is_drill(head) else check_steps_of_lesson
        problems += check_steps(steps) if whole else ()
        forms.append(_build_lesson(front, steps, variant) if front else None)
        if len(problems) >= _MOST_PROBLEMS:
            break
    findings = to_findings(problems[:_MOST_PROBLEMS])
    lesson = None if _has_error(findings) else forms[(seed or 0) % len(forms)]
    return ParseResult(lesson, findings, head)


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _duplicate_variant_ids(head: LocatedMapping) -> Iterator[Problem]:
    """Variants with the id of one before them."""
    variants = head.data.get("variants")
    ids: list[Any] = []
    for variant in variants if isinstance(variants, list) else ():
        name = variant.get("id") if isinstance(variant, dict) else None
        if isinstance(name, str) and name in ids:
            loc = ("variants", len(ids), "id")
            yield head.source_map.problem("020", loc, f"another variant is also called {name[:40]}")
        ids.append(name)


def _missing_extensions(head: LocatedMapping) -> Iterator[Problem]:
    """Extensions that the lesson needs and that are not installed."""
    for loc, package in items_at(head.data, "extensions"):
        if isinstance(package, str) and not is_installed(package):
            name = package[:60]
            text = f"this lesson needs the extension {name}, which is not installed: pip install {name}"
            if not are_wanted():
                text = f"this lesson needs the extension {name}, and extensions are turned off"
            yield head.source_map.problem("059", loc, text)


def _unused_values(head: LocatedMapping, raw: bytes) -> Iterator[Problem]:
    """Values of variants of which the name stands nowhere in the lesson; each name once."""
    variants = head.data.get("variants")
    seen = set(variable_names(raw.decode("utf-8", "replace")))
    for index, variant in enumerate(variants if isinstance(variants, list) else ()):
        values = variant.get("values") if isinstance(variant, dict) else None
        for name in values if isinstance(values, dict) else ():
            if isinstance(name, str) and name not in seen:
                seen.add(name)
                loc = ("variants", index, "values", name, KEY)
                message = f"{name[:40]} stands nowhere: write {{{{{name[:40]}}}}} where it belongs"
                yield head.source_map.problem("058", loc, message)


def _variants(front: Front | None, head: LocatedMapping) -> tuple[Variant | None, ...]:
    """Return the forms to check: the valid ones, where other front matter is not; None for the only one."""
    from pydantic import ValidationError

    if front is not None:
        return front.variants or (None,)
    written = head.data.get("variants")
    if not written:
        return (None,)
    variants = []
    for item in written[:MOST_VARIANTS] if isinstance(written, list) else ():
        with suppress(ValidationError):
            variants.append(Variant.model_validate(item))
    return tuple(variants)


def to_findings(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Return problems as findings, each once, in the order of the file."""
    return sort_findings(
        replace(problem, message=restore_braces(problem.message)).finding("LS")
        for problem in dict.fromkeys(problems)
    )


def _parse_page(raw: bytes, problems: list[Problem]) -> Page | None:
    """Return the file in its parts; None and a problem if it is no lesson, or more than one."""
    text = decode_text(raw, MOST_BYTES)
    if isinstance(text, Problem):
        problems.append(text)
        return None
    page = parse_markdown(text)
    problems += page.problems
    blocks = _blocks_of(page)
    if page.front is None and text.removeprefix("\ufeff").split("\n")[0].rstrip() == "---":
        message = "the front matter that starts in line 1 has no end: add a line of `---` below it"
        problems.append(Problem("007", 1, 1, message))
    elif page.front is None:
        problems.append(
            Problem("007", 1, 1, "a lesson must start with front matter between two lines of `---`")
        )
    elif len(blocks) > MOST_BLOCKS:
        problems.append(
            Problem("006", blocks[MOST_BLOCKS].line, 1, f"this lesson has more than {MOST_BLOCKS} blocks")
        )
    else:
        return page
    return None


def _blocks_of(page: Page) -> list[Block]:
    return [part for section in page.sections for part in section.parts if isinstance(part, Block)]


def _too_large_after_substitution(page: Page, values: dict[str, Any]) -> bool:
    """True if a variant's values, wherever they stand, are more than a lesson needs."""
    lengths = {name: len(str(value)) for name, value in values.items()}
    texts = (part.text for section in page.sections for part in section.parts)
    return sum(lengths.get(name, 0) for text in texts for name in variable_names(text)) > _MOST_SUBSTITUTED


def _find_layout(
    head: LocatedMapping, topology: Callable[[str], Topology | None], problems: list[Problem]
) -> Layout | None:
    """Return the lab that the lesson is taken in, with the names and last octets that it will have."""
    name = head.data.get("topology")
    if not isinstance(name, str):
        return None
    message = f"there is no topology {name[:60]!r}"
    try:
        if (spec := topology(name)) is not None:
            return Layout.numbered("lab", spec)
    except UserError as error:
        message = error.in_one_line
    problems.append(head.source_map.problem("023", ("topology",), message))
    return None


def _bind_section(
    section: Section,
    mappings: Mapping[int, LocatedMapping | None],
    variant: Variant | None,
    problems: list[Problem],
) -> BoundStep:
    """Return a section with a variant's values in place."""
    parts: list[Passage | BoundBlock] = []
    for part in section.parts:
        if isinstance(part, Passage):
            parts.append(bind_passage(part, variant, problems))
        elif (mapping := mappings[part.line]) is not None:
            parts.append(bind_block(part, mapping, variant, problems))
    return BoundStep(section.title, section.line, tuple(parts))


def _build_lesson(front: Front, steps: list[BoundStep], variant: Variant | None) -> Lesson:
    """Return the lesson, as far as it is sound."""
    intro, *others = steps
    prose = "\n\n".join(part.text for part in intro.parts if isinstance(part, Passage))
    lesson = Lesson(front, tuple(map(_build_step, others)), prose, variant.id if variant else "")
    return as_drill(lesson) if front.kind == "drill" else lesson


def _build_step(step: BoundStep) -> LessonStep:
    items = tuple(item for part in step.parts if (item := _build_item(part)) is not None)
    setup = next((block.model for block in step.blocks if isinstance(block.model, Setup)), None)
    return LessonStep(step.title, items, setup, step.line)


def _build_item(part: Passage | BoundBlock) -> Item | None:
    if isinstance(part, Passage):
        return Prose(part.text, part.line)
    match part.model:
        case Question() as question:
            return QuestionItem(question, part.kind == "question", part.line)
        case Task() as task:
            return TaskItem(task, part.line)
        case WhatIf() as what_if:
            return WhatIfItem(what_if, part.line)
        case _:
            return None
