"""Reads a lesson file and finds all that is wrong with it, each fault with its place in the file.

A fault in one block does not hide those in others. A lesson with variants is checked in each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.yaml_source import Problem, decode_text
from hatlab.errors import UserError
from hatlab.lessons.format.blocks import (
    BoundBlock,
    BoundStep,
    LocatedMapping,
    bind_block,
    bind_passage,
    parse_block,
    parse_mapping,
    restore_braces,
    validate,
    variable_names,
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
)
from hatlab.topology import Layout, Topology

MOST_BYTES = 100_000
MOST_BLOCKS = 200
_MOST_SUBSTITUTED = 20_000
"""Characters of values in place of their names, in one variant."""
_MOST_FAULTS = 300
"""With more the rest is not worth checking."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """A lesson file's contents.

    Attributes:
        lesson: what it says, None if there is an error.
        findings: what is wrong, in the order of the file.
        head: the front matter, None if it cannot be read.
    """

    lesson: Lesson | None
    findings: tuple[Finding, ...]
    head: LocatedMapping | None = None


def parse_lesson(
    raw: bytes, *, topology: Callable[[str], Topology | None], seed: int | None = None
) -> ParseResult:
    """The lesson in a file's bytes and everything wrong with it. Never raises, in bounded time.

    Args:
        raw: the file.
        topology: the topology of a name or path; None or a UserError if there is none to use.
        seed: which variant, of a lesson that has some, counted round; without, the first.
    """
    faults: list[Problem] = []
    page = _parse_page(raw, faults)
    head = (
        parse_mapping(page.front, 1, "the front matter", faults) if page and page.front is not None else None
    )
    if page is None or head is None:
        return ParseResult(None, to_findings(faults))
    front = validate(Front, head, head.data, faults)
    if not head.data.get("goals"):
        faults.append(Problem("037", 1, 1, "this lesson has no goals"))
    faults += _duplicate_variant_ids(head)
    faults += check_front(head)
    faults += check_front_keys(head)
    layout = _layout(head, topology, faults)
    blocks = {
        block.line: given
        for section in page.sections
        for block in section.parts
        if isinstance(block, Block) and (given := parse_block(block, faults)) is not None
    }
    written = sum(isinstance(part, Block) for section in page.sections for part in section.parts)
    whole = len(blocks) == written and not any(
        fault.finding("LS").severity == "error" for fault in page.problems
    )
    forms: list[Lesson | None] = []
    for variant in _variants(front, head):
        if _too_large_after_substitution(page, variant.values if variant else {}):
            faults.append(
                head.places.problem("006", ("variants", len(forms)), "too much text in place of names")
            )
            break
        drafts = [_bind_section(section, blocks, variant, faults) for section in page.sections]
        faults += islice(check_structure(drafts, layout, whole=whole), _MOST_FAULTS)
        forms.append(_lesson(front, drafts, variant) if front else None)
        if len(faults) >= _MOST_FAULTS:
            break
    findings = to_findings(faults[:_MOST_FAULTS])
    sound = not any(finding.severity == "error" for finding in findings)
    return ParseResult(forms[(seed or 0) % len(forms)] if sound else None, findings, head)


def _duplicate_variant_ids(head: LocatedMapping) -> Iterator[Problem]:
    """Variants with the id of one before them."""
    given = head.data.get("variants")
    ids = [each.get("id") for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    for k, own in enumerate(ids):
        if isinstance(own, str) and own in ids[:k]:
            yield head.places.problem(
                "020", ("variants", k, "id"), f"another variant is called {own[:40]} too"
            )


def _variants(front: Front | None, head: LocatedMapping) -> tuple[Variant | None, ...]:
    """The forms to check: those that are sound, where other front matter is not; None for the only one."""
    from pydantic import ValidationError

    if front is not None:
        return front.variants or (None,)
    given = head.data.get("variants")
    if not given:
        return (None,)
    found = []
    for each in given[:MOST_VARIANTS] if isinstance(given, list) else ():
        with suppress(ValidationError):
            found.append(Variant.model_validate(each))
    return tuple(found)


def to_findings(faults: Iterable[Problem]) -> tuple[Finding, ...]:
    """Faults as findings, each once, in the order of the file."""
    return sort_findings(
        replace(fault, message=restore_braces(fault.message)).finding("LS") for fault in dict.fromkeys(faults)
    )


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (f.line, f.column, f.code)))


def _parse_page(raw: bytes, faults: list[Problem]) -> Page | None:
    """The file, cut; None and a fault if it is no lesson, or more than one."""
    text = decode_text(raw, MOST_BYTES)
    if isinstance(text, Problem):
        faults.append(text)
        return None
    page = parse_markdown(text)
    faults += page.problems
    blocks = [part for section in page.sections for part in section.parts if isinstance(part, Block)]
    if page.front is None and text.removeprefix("\ufeff").split("\n")[0].rstrip() == "---":
        message = "the front matter that line 1 opens is not closed: a line of `---` must stand below it"
        faults.append(Problem("007", 1, 1, message))
    elif page.front is None:
        faults.append(Problem("007", 1, 1, "a lesson begins with front matter between two lines of `---`"))
    elif len(blocks) > MOST_BLOCKS:
        faults.append(Problem("006", blocks[MOST_BLOCKS].line, 1, f"more than {MOST_BLOCKS} blocks"))
    else:
        return page
    return None


def _too_large_after_substitution(page: Page, values: dict[str, Any]) -> bool:
    """Whether a variant's values, wherever they stand, are more than a lesson needs."""
    lengths = {name: len(str(value)) for name, value in values.items()}
    texts = (part.text for section in page.sections for part in section.parts)
    return sum(lengths.get(name, 0) for text in texts for name in variable_names(text)) > _MOST_SUBSTITUTED


def _layout(
    head: LocatedMapping, topology: Callable[[str], Topology | None], faults: list[Problem]
) -> Layout | None:
    """The lab that the lesson is taken in, with the names and last octets that it will have."""
    name = head.data.get("topology")
    if not isinstance(name, str):
        return None
    message = f"there is no topology {name[:60]!r}"
    try:
        found = topology(name)
    except UserError as error:
        found, message = None, f"{error.message}; {error.hint}" if error.hint else error.message
    if found is None:
        faults.append(head.places.problem("023", ("topology",), message))
    return None if found is None else Layout.numbered("lab", found)


def _bind_section(
    section: Section, blocks: dict[int, LocatedMapping], variant: Variant | None, faults: list[Problem]
) -> BoundStep:
    """A section with a variant's values in place."""
    parts: list[Passage | BoundBlock] = []
    for part in section.parts:
        if isinstance(part, Passage):
            parts.append(bind_passage(part, variant, faults))
        elif part.line in blocks:
            parts.append(bind_block(part, blocks[part.line], variant, faults))
    return BoundStep(section.title, section.line, tuple(parts))


def _lesson(front: Front, drafts: list[BoundStep], variant: Variant | None) -> Lesson:
    """What the drafts say, as far as it is sound."""
    intro = "\n\n".join(part.text for part in drafts[0].parts if isinstance(part, Passage))
    return Lesson(front, tuple(map(_step, drafts[1:])), intro, variant.id if variant else "")


def _step(draft: BoundStep) -> LessonStep:
    items = tuple(item for part in draft.parts if (item := _item(part)) is not None)
    begin = next((b.model for b in draft.blocks if isinstance(b.model, Setup)), None)
    return LessonStep(draft.title, items, begin, draft.line)


def _item(part: Passage | BoundBlock) -> Item | None:
    if isinstance(part, Passage):
        return Prose(part.text, part.line)
    match part.model:
        case Question() as question:
            return QuestionItem(question, part.kind == "question", part.line)
        case Task() as task:
            return TaskItem(task, part.line)
        case _:
            return None
