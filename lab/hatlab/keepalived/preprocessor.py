"""The lines of a keepalived.conf as its reader sees them (lib/parser.c, read_line).

Comments are gone, lines for another configuration id left out, `$` definitions and `~SEQ`/`~LST` written out,
included files spliced in.

Each character remembers where it stands in its file, so that what was written out still has a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

Include = Callable[[str, str], Sequence[tuple[str, str]]]
"""(pattern, name of the file that includes) → (name, text) of each file, in order.

Raises:
    OSError: its text says why nothing was included.
"""

BLANKS = " \t\r\f\v"
_MOST_LINES = 20_000
_MOST_CHARACTERS = 1_024
_MOST_DEPTH = 16
_REFERENCE = re.compile(
    r"\$(?:(?P<bare>[A-Za-z_]\w*)(?=[ \t,)]|$)|\{(?P<braced>[A-Za-z_]\w*)(?: [ 0-9]*)?\})", re.A
)
_DEFINITION = re.compile(r"\$(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>.*)", re.A | re.S)
_SEQUENCE = re.compile(
    r"~SEQ(?P<hex>x?)[ \t]*\([ \t]*(?P<name>[^ \t,)]+)[ \t]*,(?P<values>[^)]*)\)(?P<text>.*)", re.S
)
_LIST = re.compile(r"~LST[ \t]*\((?P<names>\{[^}]*\}|[^,{)]*),(?P<values>[^)]*)\)(?P<text>.*)", re.S)
_MARK = re.compile(r'[!#"\\]')
_INCLUDE = re.compile(r"include[rmwba]?[ \t]+(?P<pattern>.+)")
_STANDARD = {"_HASH": "#", "_BANG": "!"}
_UNKNOWN = {"_PWD", "_INSTANCE", "_RANDOM"}
"""What these stand for is known to a running keepalived only; they stay as they are."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be read as it stands: `kind` is quote, open, close, definition, sequence, include or id."""

    kind: str
    line: int
    column: int
    text: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line ready to be split into words.

    Attributes:
        number: in its file, from 1.
        file: the included file's name, empty for the text itself.
        text: the characters.
        start, end: for each character, the offsets in its file of what it came from.
        base: offset of its first character in its file.
        alone: False if other lines came from the same place.
    """

    number: int
    file: str
    base: int
    text: str
    start: Sequence[int]
    end: Sequence[int]
    alone: bool = True

    def slice(self, start: int, end: int | None = None) -> Line:
        return replace(self, text=self.text[start:end], start=self.start[start:end], end=self.end[start:end])

    def stripped(self) -> Line:
        text = self.text.rstrip(BLANKS)
        lead = len(text) - len(text.lstrip(BLANKS))
        return self if len(text) == len(self.text) and not lead else self.slice(lead, len(text))


class Lines:
    """Iterates over the lines of a text; on the way `problems` and `texts` (of included files) fill up.

    `definitions` holds name → lines of the value.
    """

    def __init__(self, text: str, config_id: str = "", include: Include | None = None) -> None:
        self.problems: list[Problem] = []
        self.texts = {"": text}
        self.definitions: dict[str, list[str]] = {name: [value] for name, value in _STANDARD.items()}
        self._config_id = config_id
        self._include = include
        self._stack: list[Iterator[Line | tuple[str, str]]] = [_physical(text, "")]
        self._files = [""]
        self._left = _MOST_LINES
        self._growing: list[str] | None = None

    def __iter__(self) -> Iterator[Line]:
        while self._stack:
            item = next(self._stack[-1], None)
            if item is None:
                self._stack.pop()
            elif isinstance(item, tuple):
                self.definitions[item[0]] = [item[1]]
            elif (line := self._understood(item)) is not None:
                yield line

    def _understood(self, line: Line) -> Line | None:
        """The line to be split into words, None if it was for the reader itself."""
        if not line.text.strip("\r"):
            self._growing = None
            return None
        line = self._without_comment(line)
        if not line.text:
            return None
        if self._growing is not None:
            more = line.text.endswith("\\")
            text = line.text[:-1].rstrip(BLANKS) if more else line.text
            self._growing += [text] if text else []
            self._growing = self._growing if more else None
            return None
        while self._left > 0:
            if line.text.startswith("@"):
                inner = self._for_this_id(line)
                if inner is None:
                    return None
                line = inner
            if self._is_definition(line) or self._is_repeated(line):
                return None
            if line.text.startswith("~") or "$" not in line.text:
                break
            self._left -= 1
            written_out = self._written_out(line)
            if written_out is None:
                break
            line = self._without_comment(written_out)
        self._follow(line)
        return line if line.text else None

    def _without_comment(self, line: Line) -> Line:
        text = line.text
        if not any(mark in text for mark in '!#"\\'):
            return line.stripped()
        quoted, opened, past, stop = False, 0, 0, len(text)
        escapes: set[int] = set()
        for found in _MARK.finditer(text):
            at, mark = found.start(), found[0]
            if at < past:
                continue
            if mark == '"':
                quoted, opened = not quoted, at
            elif mark == "\\":
                past = at + 2
                if not quoted and text[at + 1 : past] in {"#", "!"}:
                    escapes.add(at)
            elif not quoted:
                stop = at
                break
        if quoted:
            self._report("quote", line, line.start[opened], "this quote is not closed")
        return _unescaped(line.slice(0, stop), escapes).stripped()

    def _for_this_id(self, line: Line) -> Line | None:
        marked, _, rest = line.text.replace("\t", " ").partition(" ")
        other = marked.startswith("@^")
        matches = bool(self._config_id) and marked.lstrip("@^") == self._config_id
        if not rest or matches == other:
            if not self._config_id and not any(problem.kind == "id" for problem in self.problems):
                self._report("id", line, line.start[0], f"lines for `{marked[:40]}` are left out")
            return None
        return line.slice(len(marked)).stripped()

    def _is_definition(self, line: Line) -> bool:
        found = _DEFINITION.match(line.text)
        if found is None:
            return False
        value = found["value"]
        if value.endswith("\\"):
            first = value[:-1].rstrip(BLANKS)
            self._growing = [first] if first else []
            self.definitions[found["name"]] = self._growing
        else:
            self.definitions[found["name"]] = [value]
        return True

    def _is_repeated(self, line: Line) -> bool:
        if not line.text.startswith(("~SEQ", "~LST")):
            return False
        rounds = self._rounds(line.text)
        found = (_SEQUENCE if line.text[1] == "S" else _LIST).match(line.text)
        if rounds is None or found is None:
            self._report("sequence", line, line.start[0], f"{line.text[:4]} needs (NAME, values) and a text")
            return True
        body = replace(line.slice(found.start("text")).stripped(), alone=False)
        self._push(_repeat(rounds, body), line)
        return True

    def _rounds(self, text: str) -> Iterator[list[tuple[str, str]]] | None:
        if found := _SEQUENCE.match(text):
            words = [self._value(word.strip()) for word in found["values"].split(",")]
            base = 16 if found["hex"] else 10
            try:
                numbers = [int(word, 0) if word.startswith("0x") else int(word, base) for word in words]
            except ValueError:
                return None
            first, step, last = {
                1: (1, 1, numbers[0]),
                2: (numbers[0], 1 if numbers[-1] >= numbers[0] else -1, numbers[-1]),
                3: (*numbers, 0, 0, 0)[:3],
            }.get(len(numbers), (0, 0, 0))
            if step == 0:
                return None
            written = "{:x}" if found["hex"] else "{}"
            numbered = range(first, last + (1 if step > 0 else -1), step)
            return ([(found["name"], written.format(n))] for n in numbered)
        if found := _LIST.match(text):
            names = [n.strip() for n in found["names"].strip(" \t{}").split(",")]
            if len(names) == 1 and "{" not in found["values"]:
                return ([(names[0], self._value(v.strip()))] for v in found["values"].split(","))
            groups = [g.split(",") for g in re.findall(r"\{([^}]*)\}", found["values"])]
            return ([(n, self._value(v.strip())) for n, v in zip(names, g, strict=False)] for g in groups)
        return None

    def _value(self, word: str) -> str:
        found = _REFERENCE.fullmatch(word)
        return self.definitions.get(found["bare"] or found["braced"], [word])[0] if found else word

    def _written_out(self, line: Line) -> Line | None:
        """The line with its first known definition written out, None if it names none."""
        for found in _REFERENCE.finditer(line.text):
            name = found["bare"] or found["braced"]
            lines = self.definitions.get(name)
            if name in _UNKNOWN and name not in self.definitions:
                lines = ["$" + name] if found["braced"] else None
            if not lines or (len(lines) > 1 and found.end() != len(line.text)):
                continue
            if len(line.text) + len(lines[0]) > _MOST_CHARACTERS:
                self._report(
                    "definition", line, line.start[found.start()], f"${name} makes the line too long"
                )
                return None
            start, end = line.start[found.start()], line.end[found.end() - 1]
            if len(lines) > 1:
                rest = (_moved(line, start, end, text) for text in lines[1:])
                self._push(rest, line)
            before, after, size = line.slice(0, found.start()), line.slice(found.end()), len(lines[0])
            return replace(
                line,
                text=before.text + lines[0] + after.text,
                start=[*before.start, *[start] * size, *after.start],
                end=[*before.end, *[end] * size, *after.end],
                alone=line.alone and len(lines) == 1,
            )
        return None

    def _follow(self, line: Line) -> None:
        """Puts the lines of files that this line includes behind it."""
        found = _INCLUDE.fullmatch(line.text)
        if found is None or self._include is None:
            return
        try:
            if len(self._files) > _MOST_DEPTH:
                raise OSError("files include one another without an end")
            files = list(self._include(found["pattern"].strip(), line.file))
        except OSError as error:
            self._report("include", line, line.start[found.start("pattern")], str(error))
            return
        self._stack += [self._inside(name, text) for name, text in reversed(files)]

    def _inside(self, name: str, text: str) -> Iterator[Line]:
        self._files.append(name)
        self.texts[name] = text
        yield from _physical(text, name)
        self._files.pop()

    def _push(self, lines: Iterator[Line | tuple[str, str]], cause: Line) -> None:
        self._stack.append(self._counted(lines, cause))

    def _counted(
        self, lines: Iterator[Line | tuple[str, str]], cause: Line
    ) -> Iterator[Line | tuple[str, str]]:
        for line in lines:
            self._left -= 1
            if self._left == 0:
                self._report("definition", cause, cause.start[0], "this makes more lines than can be read")
            if self._left <= 0:
                return
            yield line

    def _report(self, kind: str, line: Line, offset: int, text: str) -> None:
        self.problems.append(Problem(kind, line.number, offset - line.base + 1, text, line.file))


def _physical(text: str, file: str) -> Iterator[Line]:
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        end = start + len(raw)
        yield Line(number, file, start, raw, range(start, end), range(start + 1, end + 1))
        start = end + 1


def _unescaped(line: Line, escapes: set[int]) -> Line:
    """Without the backslashes at `escapes`; what each escaped takes its place."""
    if not escapes:
        return line
    keep = [k for k in range(len(line.text)) if k not in escapes]
    text = "".join(line.text[k] for k in keep)
    start = [line.start[k - 1 if k - 1 in escapes else k] for k in keep]
    return replace(line, text=text, start=start, end=[line.end[k] for k in keep])


def _repeat(rounds: Iterator[list[tuple[str, str]]], body: Line) -> Iterator[Line | tuple[str, str]]:
    for values in rounds:
        yield from values
        yield body


def _moved(line: Line, start: int, end: int, text: str) -> Line:
    return replace(line, text=text, start=[start] * len(text), end=[end] * len(text), alone=False)
