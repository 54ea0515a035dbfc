"""Scripts: timed actions in a file, one a line, the same on every engine.

    # split and heal
    2.0   cut heartbeat
    9.0   heal heartbeat
    14.0  end

The number is seconds after the lab became ready. `#` begins a comment. `end` ends the lab; without it the
lab runs on. A virtual address may be written by its last octet (`.100`), as subnets differ between runs.
"""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hatlab.actions import Action, ArgKind, LabNames, parse_words
from hatlab.errors import ActionError, UserError
from hatlab.util.files import is_inside, read_text
from hatlab.util.kiosk import is_kiosk
from hatlab.util.text import plural

_MOST_FAULTS = 20
"""Errors of a script that are told."""
_MOST_OF_A_CONFIGURATION = 200_000
"""Bytes."""


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line: when (seconds after ready), what (words; addresses not resolved yet), where it stands.

    `text` is the content of the file an `edit` names, read when the script was.
    """

    at: float
    words: tuple[str, ...]
    line: int
    text: str = ""

    def action(self, names: LabNames) -> Action:
        """The action, checked against the running lab.

        Raises:
            ActionError: it names what the lab has not.
        """
        found = parse_words(list(self.words), names)
        return Action(found.verb, found.args, self.text)


def read_script(path: Path, names: LabNames) -> tuple[ScriptLine, ...]:
    """Reads and checks a whole script.

    Args:
        path: the file.
        names: what the lab will have; a full virtual address is checked only when the lab runs.

    Raises:
        UserError: it cannot be read, or has faults: every one as `file:line: message`, a line each.
    """
    text = read_text(path, "script", pipe=True)
    return parse_script(text, names, str(path), path.parent)


def parse_script(
    text: str, names: LabNames, file: str = "script", folder: Path = Path()
) -> tuple[ScriptLine, ...]:
    """`read_script` for a text; `folder` is where relative files of `edit` are found."""
    steps: list[ScriptLine] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = shlex.split(line, comments=True)
            if words:
                steps.append(_parse_line(words, number, names, folder))
                _check_order(steps)
        except UserError as error:
            faults.append(f"{file}:{number}: {error.message}" + (f" ({error.hint})" if error.hint else ""))
        except ValueError as error:
            faults.append(f"{file}:{number}: cannot read this line: {error} (close the quotes)")
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [plural(more, "and {count} more error", "and {count} more errors")] if more > 0 else []
        raise UserError(
            "the script has errors:\n" + "\n".join([*faults[:_MOST_FAULTS], *rest]),
            "each line is SECONDS ACTION, for example: 2.0 cut heartbeat",
        )
    return tuple(steps)


def _parse_line(words: list[str], number: int, names: LabNames, folder: Path) -> ScriptLine:
    at = _parse_seconds(words[0])
    rest = words[1:]
    action = parse_words(rest, _AnyAddress(names, rest))
    return ScriptLine(at, tuple(rest), number, attach_file(action, folder).text)


def _parse_seconds(word: str) -> float:
    try:
        at = float(word) if word.isascii() else math.nan
    except ValueError:
        at = math.nan
    if not 0 <= at <= 86_400:
        raise ActionError(
            f"{word[:80]!r} is not a time", "give seconds after ready, for example: 2.0 cut heartbeat"
        )
    return at


def _check_order(steps: list[ScriptLine]) -> None:
    if len(steps) > 1 and steps[-1].at < steps[-2].at:
        raise ActionError(
            f"{steps[-1].at:g} s comes after {steps[-2].at:g} s (line {steps[-2].line})",
            "times must not go backwards",
        )
    if len(steps) > 1 and steps[-2].words == ("end",):
        raise ActionError("nothing can happen after `end`", "remove the line, or move `end` down")


def attach_file(action: Action, folder: Path | None = None) -> Action:
    """An action, with the text of the file that an `edit` names.

    Args:
        folder: of the script whose action it is: the file is relative to it, and inside it, as a stranger's
            script must not read what is private here. None: a person typed the action, and may name any file.

    Raises:
        UserError: as `read_conf_file`; in a kiosk no file is read.
    """
    if action.verb != "edit":
        return action
    if is_kiosk(os.environ):
        raise UserError("this lab reads no files from this machine", "press e to edit keepalived.conf here")
    path = (folder or Path()) / action.need(ArgKind.FILE)
    if folder is not None and not is_inside(path, folder):
        raise UserError(f"{path} is not in the script's folder", "a script's files stand beside it, or below")
    return replace(action, text=read_conf_file(path))


def read_conf_file(path: Path) -> str:
    """The text of a keepalived.conf to put on a node.

    Raises:
        UserError: it cannot be read, is no text or is larger than a configuration ever is.
    """
    return read_text(path, "configuration", _MOST_OF_A_CONFIGURATION, pipe=True, as_is=True)


@dataclass(frozen=True, slots=True)
class _AnyAddress:
    """Names that also take any full address as a virtual one: subnets are not known yet."""

    names: LabNames
    words: list[str]

    @property
    def node_names(self) -> tuple[str, ...]:
        return self.names.node_names

    @property
    def client_names(self) -> tuple[str, ...]:
        return self.names.client_names

    @property
    def network_names(self) -> tuple[str, ...]:
        return self.names.network_names

    @property
    def vip_addresses(self) -> tuple[str, ...]:
        return (*self.names.vip_addresses, *_full_addresses(self.words))

    def services(self, node: str) -> tuple[str, ...]:
        return self.names.services(node)

    def ping_target(self, client: str) -> str | None:
        return self.names.ping_target(client)


def _full_addresses(words: list[str]) -> Iterator[str]:
    from ipaddress import ip_address

    for word in words:
        try:
            yield str(ip_address(word))
        except ValueError:
            continue
