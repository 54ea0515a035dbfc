"""Makes one text of a keepalived.conf and of all that it includes, as one node reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from hatlab.errors import UserError
from hatlab.keepalived.preprocessor import Include, Lines, Problem, select_lines

_MOST_LINES = 20_000
_INSTANCE = re.compile(r"\$\{_INSTANCE\}|\$_INSTANCE(?=[ \t,)]|$)", re.M)
"""The id itself, as keepalived defines it."""


@dataclass(frozen=True, slots=True)
class FlatConfig:
    """A configuration as one text."""

    text: str
    problems: tuple[Problem, ...]
    """What could not be read: `include` lines, which stay, and lines for other ids, which are left out."""


def flatten_config(text: str, config_id: str = "", include: Include | None = None) -> FlatConfig:
    """Put included files in the place of their `include` lines, and keep the lines for this id alone.

    An `include` that finds nothing stays, and so does one that a definition makes together with other lines.

    Raises:
        UserError: files include one another endlessly, or it is too much.
    """
    lines = Lines(text, config_id, include)
    for _ in lines:
        pass
    problems = tuple(problem for problem in lines.problems if problem.kind in {"include", "id"})
    for problem in problems:
        if "endlessly" in problem.text:
            raise UserError(f"line {problem.line}: {problem.text}", "remove one of the `include` lines")
    flat: list[str] = []
    for line in _flat_lines(lines, "", config_id):
        flat.append(line)
        if len(flat) > _MOST_LINES:
            raise UserError(
                f"it has more than {_MOST_LINES} lines with everything it includes", "remove some"
            )
    whole = _INSTANCE.sub(lambda _: config_id, "\n".join(flat)) if config_id else "\n".join(flat)
    return FlatConfig(whole, problems)


def _flat_lines(lines: Lines, file: str, config_id: str) -> Iterator[str]:
    text = select_lines(lines.texts[file], config_id)
    for number, line in enumerate(text.split("\n"), 1):
        included = lines.inclusions.get((file, number))
        if included is None:
            yield line
            continue
        for name in included:
            yield f"# {'/'.join(PurePath(name).parts[-2:])}"
            yield from _flat_lines(lines, name, config_id)
