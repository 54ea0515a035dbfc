"""What extensions add, each with what it is, or why it is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hatlab.registry import find_extensions, known_problems, tell_problems_to

if TYPE_CHECKING:
    from hatlab.registry import Extension, Table


@dataclass(frozen=True, slots=True)
class ListedExtension:
    """One thing that an installed package adds."""

    package: str
    package_version: str
    kind: str
    name: str
    works: bool
    """False if it is left out."""
    text: str
    """What it is, or what is wrong with it."""
    cure: str = ""

    def to_data(self) -> dict[str, Any]:
        """As in the JSON of `hatlab extensions --json`."""
        return asdict(self)


def list_extensions() -> list[ListedExtension]:
    """Import every extension, and return what each is; nothing is told on the way."""
    tell = tell_problems_to(None)
    try:
        return list(_listed())
    finally:
        tell_problems_to(tell)


def _listed() -> Iterator[ListedExtension]:
    if not find_extensions():
        return
    from hatlab.actions import VERBS
    from hatlab.checks.table import CHECKS, every_rule
    from hatlab.engine.makers import ENGINES
    from hatlab.lessons.conditions.predicates import CONDITIONS

    tables: tuple[Table[Any], ...] = (CHECKS, VERBS, CONDITIONS, ENGINES)
    texts = {table.kind: dict(table.items()) for table in tables}
    every_rule()
    problems = {problem.title: problem for problem in known_problems()}
    for extension in find_extensions():
        problem = problems.get(extension.title)
        entry = texts[extension.kind].get(extension.name)
        text = problem.what if problem else _describe(extension, entry)
        cure = problem.hint if problem else ""
        yield ListedExtension(
            extension.package, extension.version, extension.kind, extension.name, not problem, text, cure
        )


def _describe(extension: Extension, entry: Any) -> str:
    """Return what an extension is, in its own words."""
    match extension.kind:
        case "check":
            return "; ".join(f"{code} {rule.title}" for code, rule in entry.rule_of.items())
        case "action":
            return str(entry.general_title)
        case _:
            return str(entry.help)
