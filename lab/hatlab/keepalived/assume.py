"""Puts something known in the place of a check's own program.

Where that cannot be had in a lab, a person may say what the check would find (`hatlab start --assume`,
`assume:` of a topology).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hatlab.keepalived.parser import Statement, parse_config

if TYPE_CHECKING:
    from hatlab.topology.spec import Assumption

ASK_MYSQLD = "/usr/bin/mysql --user=root --silent --execute 'SELECT 1'"
_PROGRAMS: Mapping[Assumption, str] = {"ok": "/usr/bin/true", "fail": "/usr/bin/false", "mysqld": ASK_MYSQLD}


def assume_checks(text: str, assumptions: Mapping[str, Assumption]) -> str:
    """Return a keepalived.conf whose checks of these names do what is assumed; every other byte stays.

    A check that keepalived would drop, as nobody runs it, is still dropped.
    """
    return replace_commands(text, {name: _PROGRAMS[what] for name, what in assumptions.items()})


def replace_commands(text: str, commands: Mapping[str, str]) -> str:
    """Return a keepalived.conf whose checks of these names run other commands; every other byte stays."""
    if not commands:
        return text
    blocks = [b for b in parse_config(text).all("vrrp_script") if b.value() in commands and not b.file]
    for block in reversed(blocks):
        start, end = _command_place(block)
        command = f'"{commands[block.value()]}"'
        if start == end:
            command = f"\n    script {command}"
        text = text[:start] + command + text[end:]
    return text


def _command_place(block: Statement) -> tuple[int, int]:
    """Return where a block's command begins and ends; both behind the `{` if it has none."""
    script = block.last("script")
    if script is None:
        return block.open, block.open
    if len(script.words) == 1:
        return script.words[0].end, script.words[0].end
    return script.words[1].start, script.words[-1].end


def check_names(text: str) -> tuple[str, ...]:
    """Return the names of the checks of a keepalived.conf."""
    return tuple(block.value() for block in parse_config(text).all("vrrp_script") if block.value())
