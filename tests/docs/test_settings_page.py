"""docs/settings.md lists every setting as the program has it."""

from __future__ import annotations

from pathlib import Path

from hatlab.settings.table import SETTINGS, Setting
from hatlab.util.visible import to_json

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_HEAD = "|---|---|---|---|---|\n"


def _row(setting: Setting) -> str:
    default = "" if setting.default in (None, {}, []) else f"`{to_json(setting.default)}`"
    text = setting.help + (f": {', '.join(setting.choices)}" if setting.choices else "")
    option = f"{setting.flag} {setting.metavar}".strip()
    return f"| `{setting.key}` | `{option}` | `{setting.variable}` | {default} | {text} |\n"


def test_the_page_lists_every_setting() -> None:
    before, _, after = PAGE.read_text(encoding="utf-8").partition(_HEAD)
    table = "".join(map(_row, SETTINGS))
    assert after.startswith(table), f"the table should be:\n{table}"
    assert before
