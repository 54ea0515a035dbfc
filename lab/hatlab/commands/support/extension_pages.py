"""What extensions add to pages of the documentation, as this hatlab shows them."""

from __future__ import annotations

from hatlab.registry import Kind, find_extensions

_HEAD = (
    "\n## From extensions\n\nThese come from packages that are installed here: see `hatlab extensions`.\n\n"
)


def text_of_extensions(topic: str) -> str:
    """Return what extensions add to a page, "" if they add nothing."""
    match topic:
        case "checks" if find_extensions(Kind.CHECK):
            return _HEAD + "\n".join(_rules())
        case "writing-lessons" if find_extensions(Kind.CONDITION):
            return _HEAD + "| condition | true if | example |\n|---|---|---|\n" + "".join(_conditions())
        case "engines" if find_extensions(Kind.ENGINE):
            return _HEAD + "| engine | what it is |\n|---|---|\n" + "".join(_engines())
        case _:
            return ""


def _rules() -> list[str]:
    from hatlab.checks.table import CHECKS

    return [check.rules.strip() + "\n" for name, check in CHECKS.items() if name not in CHECKS.own]


def _conditions() -> list[str]:
    from hatlab.lessons.conditions.predicates import CONDITIONS

    added = [entry for name, entry in CONDITIONS.items() if name not in CONDITIONS.own]
    return [f"| `{_cell(each.usage)}` | {_cell(each.help)} | `{_cell(each.example)}` |\n" for each in added]


def _engines() -> list[str]:
    from hatlab.engine.makers import ENGINES

    added = [maker for name, maker in ENGINES.items() if name not in ENGINES.own]
    return [f"| `--engine {maker.name}` | {_cell(maker.help)} |\n" for maker in added]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
