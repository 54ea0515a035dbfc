"""docs/simulator.md lists every keyword: `python -m tests.docs.test_simulator_page` makes the list."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import fill

from hatlab.keepalived.keywords import BLOCKS, Effect
from hatlab.keepalived.keywords.virtual_servers import VIRTUAL_SERVERS
from hatlab.shell.programs import LAB_PROGRAMS

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


def page(text: str) -> str:
    """The page with its list made of the table of keywords."""
    lists = "\n".join(_list(path) for path in BLOCKS if path not in VIRTUAL_SERVERS and _rows(path))
    text = re.sub(
        r"(<!-- keywords -->\n).*?(?=<!-- end -->)", lambda found: found[1] + lists, text, flags=re.S
    )
    programs = _item("Programs", sorted(LAB_PROGRAMS)).removeprefix("- ").replace("\n  ", "\n")
    return re.sub(
        r"(<!-- programs -->\n).*?(?=<!-- /programs -->)", lambda found: found[1] + programs, text, flags=re.S
    )


def _list(path: str) -> str:
    name = f"**`{path}`**" if path else "**Outside every block**"
    what = ", the words in its lines" if BLOCKS[path].is_list else ""
    return f"{name}{what}\n\n{''.join(_item(head, words) for head, words in _rows(path).items())}"


def _rows(path: str) -> dict[str, list[str]]:
    """What becomes of keywords → those of a block."""
    rows: dict[str, list[str]] = {}
    for keyword, effect, why in BLOCKS[path].entries():
        head = effect.value if effect is Effect.MODELLED else f"{effect.value} ({why})"
        rows.setdefault(head, []).append(keyword)
    return rows


def _item(head: str, words: list[str]) -> str:
    text = f"- {head}: {', '.join(f'`{word}`' for word in words)}"
    return fill(text, 115, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False) + "\n"


def test_the_list_is_that_of_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
