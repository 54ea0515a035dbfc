"""Makes one text of a keepalived.conf and of all that it includes, as one node reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from hatlab.errors import UserError
from hatlab.keepalived.preprocessor import Include, Lines, select_lines

_MOST_LINES = 20_000


def flatten_config(text: str, config_id: str = "", include: Include | None = None) -> str:
    """The text with included files in the place of their `include` lines, and the lines for this id alone.

    An `include` that finds nothing stays, and so does one that a definition makes together with other lines.

    Raises:
        UserError: files include one another without an end, or it is too much.
    """
    lines = Lines(text, config_id, include)
    for _ in lines:
        pass
    endless = (p for p in lines.problems if p.kind == "include" and "without an end" in p.text)
    for problem in endless:
        where = f"{problem.file or 'the configuration'}, line {problem.line}"
        raise UserError(f"{where}: {problem.text}", "take one of the `include` lines out")
    flat = []
    for line in _flat_lines(lines, "", config_id):
        flat.append(line)
        if len(flat) > _MOST_LINES:
            raise UserError(f"with all that it includes it has more than {_MOST_LINES} lines")
    return "\n".join(flat)


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
