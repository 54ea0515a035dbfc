"""Prepares the lines of a keepalived.conf as keepalived's own reader does (lib/parser.c, read_line).

It removes comments and lines for another configuration id, expands `$` definitions and `~SEQ`/`~LST`, and
splices in included files. Each character keeps its offset in its file, so that a word that came from an
expansion can still be pointed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

Definition = tuple[str, str]
"""A name and its value."""
Rounds = Iterator[list[Definition]]
"""The definitions of each round of a repetition."""
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
_DEFINITION = re.compile(r"\$(?P<name>[A-Za-z_]\w*)=[ \t]*(?P<value>.*)", re.A | re.S)
_SEQUENCE = re.compile(
    r"~SEQ(?P<hex>x?)[ \t]*\([ \t]*(?P<name>[^ \t,)]+)[ \t]*,(?P<values>[^)]*)\)(?P<text>.*)", re.S
)
_LIST = re.compile(r"~LST[ \t]*\((?P<names>\{[^}]*\}|[^,{)]*),(?P<values>[^)]*)\)(?P<text>.*)", re.S)
_MARK = re.compile(r'[!#"\\]')
_INCLUDE = re.compile(r"include[rmwba]?[ \t]++(?P<pattern>.++)")
_PREDEFINED = {"_HASH": "#", "_BANG": "!"}
RUNTIME_NAMES = {"_PWD", "_INSTANCE", "_RANDOM"}
"""Definitions that only a running keepalived knows; they stay as they are."""
_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)", re.A)


def undefined_name(text: str) -> str:
    """Return the first name of a definition that was not expanded, as nothing defines it; empty if none."""
    names = (match[1] for match in _NAME.finditer(text))
    return next((name for name in names if name not in RUNTIME_NAMES), "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be read as it stands; line and column count from 1."""

    kind: str
    """quote, open, close, definition, sequence, include or id."""
    line: int
    column: int
    text: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line ready to be split into words."""

    number: int
    """In its file, from 1."""
    file: str
    """The included file's name, empty for the text itself."""
    base: int
    """The offset of its first character in its file."""
    text: str
    start: Sequence[int]
    """For each character, the offset in its file at which that begins from which it came."""
    end: Sequence[int]
    """And at which that ends."""
    alone: bool = True
    """False if other lines came from the same place."""

    def slice(self, start: int, end: int | None = None) -> Line:
        return replace(self, text=self.text[start:end], start=self.start[start:end], end=self.end[start:end])

    def strip(self) -> Line:
        """The line without blanks around it."""
        text = self.text.rstrip(BLANKS)
        lead = len(text) - len(text.lstrip(BLANKS))
        return self if len(text) == len(self.text) and not lead else self.slice(lead, len(text))


class Lines:
    """Iterates once over the prepared lines of a text and of the files that it includes."""

    def __init__(self, text: str, config_id: str = "", include: Include | None = None) -> None:
        self.problems: list[Problem] = []
        """Those met so far."""
        self.texts = {"": text}
        """Name → text of each file included so far; the text itself has an empty name."""
        self.inclusions: dict[tuple[str, int], list[str]] = {}
        """(file, line) of an `include` that is followed → the names of the files included there."""
        self.definitions: dict[str, list[str]] = {name: [value] for name, value in _PREDEFINED.items()}
        """Name → lines of the value, as defined so far."""
        self._config_id = config_id
        self._include = include
        self._stack: list[Iterator[Line | Definition]] = [_physical_lines(text, "")]
        self._files = [""]
        self._lines_left = _MOST_LINES
        self._unfinished: list[str] | None = None
        """The value of a definition that goes on in the next line."""

    def __iter__(self) -> Iterator[Line]:
        while self._stack:
            item = next(self._stack[-1], None)
            if item is None:
                self._stack.pop()
            elif isinstance(item, tuple):
                self.definitions[item[0]] = [item[1]]
            elif (line := self._process(item)) is not None:
                yield line

    def _process(self, line: Line) -> Line | None:
        """The line to be split into words; None if it was for the reader itself."""
        if not line.text.strip("\r"):
            self._unfinished = None
            return None
        line = self._without_comment(line)
        if not line.text:
            return None
        if self._unfinished is not None:
            more = line.text.endswith("\\")
            text = line.text[:-1].rstrip(BLANKS) if more else line.text
            self._unfinished += [text] if text else []
            self._unfinished = self._unfinished if more else None
            return None
        while self._lines_left > 0:
            if line.text.startswith("@"):
                rest = self._for_this_id(line)
                if rest is None:
                    return None
                line = rest
            if self._take_definition(line) or self._take_repetition(line):
                return None
            if line.text.startswith("~") or "$" not in line.text:
                break
            self._lines_left -= 1
            expanded = self._expand(line)
            if expanded is None:
                break
            line = self._without_comment(expanded)
        self._follow_include(line)
        return line if line.text else None

    def _without_comment(self, line: Line) -> Line:
        text = line.text
        if not any(mark in text for mark in '!#"\\'):
            return line.strip()
        in_quotes, opened, escaped_to, stop = False, 0, 0, len(text)
        escapes: set[int] = set()
        for match in _MARK.finditer(text):
            at, mark = match.start(), match[0]
            if at < escaped_to:
                continue
            if mark == '"':
                in_quotes, opened = not in_quotes, at
            elif mark == "\\":
                escaped_to = at + 2
                if not in_quotes and text[at + 1 : escaped_to] in {"#", "!"}:
                    escapes.add(at)
            elif not in_quotes:
                stop = at
                break
        if in_quotes:
            self._report("quote", line, line.start[opened], "this quote is not closed")
        return _unescape(line.slice(0, stop), escapes).strip()

    def _for_this_id(self, line: Line) -> Line | None:
        """The rest of a line that begins with `@ID`; None if keepalived leaves it out."""
        marker, id_, _ = _split_marker(line.text)
        if not _is_for(line.text, self._config_id):
            is_new = not any(problem.kind == "id" for problem in self.problems)
            if is_new and self._config_id not in config_ids(self.texts[""]):
                self._report("id", line, line.start[0], f"lines for `@{id_[:40]}` are ignored")
            return None
        return line.slice(len(marker)).strip()

    def _take_definition(self, line: Line) -> bool:
        """Remember a `$NAME=value`; False if the line is none."""
        definition = _DEFINITION.match(line.text)
        if definition is None:
            return False
        name, value = definition["name"], definition["value"]
        if value.endswith("\\"):
            first = value[:-1].rstrip(BLANKS)
            self._unfinished = [first] if first else []
            self.definitions[name] = self._unfinished
        else:
            self.definitions[name] = [value]
        return True

    def _take_repetition(self, line: Line) -> bool:
        """Put the lines that a `~SEQ` or `~LST` makes next; False if the line is none."""
        if not line.text.startswith(("~SEQ", "~LST")):
            return False
        is_sequence = line.text.startswith("~SEQ")
        parts = (_SEQUENCE if is_sequence else _LIST).match(line.text)
        rounds = parts and (self._sequence_rounds(parts) if is_sequence else self._list_rounds(parts))
        if rounds is None or parts is None:
            self._report("sequence", line, line.start[0], f"{line.text[:4]} needs (NAME, values) and a text")
            return True
        body = replace(line.slice(parts.start("text")).strip(), alone=False)
        self._push(_repeat(rounds, body), line)
        return True

    def _sequence_rounds(self, parts: re.Match[str]) -> Rounds | None:
        """The rounds of a `~SEQ`, which counts from a first number by steps to a last; None if it cannot."""
        words = [self._value(word.strip()) for word in parts["values"].split(",")]
        base = 16 if parts["hex"] else 10
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
        format_ = "{:x}" if parts["hex"] else "{}"
        counted = range(first, last + (1 if step > 0 else -1), step)
        return ([(parts["name"], format_.format(number))] for number in counted)

    def _list_rounds(self, parts: re.Match[str]) -> Rounds:
        """The rounds of a `~LST`: one name takes each value, or several take each group of values."""
        names = [name.strip() for name in parts["names"].strip(" \t{}").split(",")]
        if len(names) == 1 and "{" not in parts["values"]:
            return ([(names[0], self._value(value.strip()))] for value in parts["values"].split(","))
        groups = [group.split(",") for group in re.findall(r"\{([^}]*)\}", parts["values"])]
        return (
            [(name, self._value(value.strip())) for name, value in zip(names, group, strict=False)]
            for group in groups
        )

    def _value(self, word: str) -> str:
        """A value in a `~SEQ` or `~LST`, which may be a definition's name."""
        reference = _REFERENCE.fullmatch(word)
        name = reference and (reference["bare"] or reference["braced"])
        return self.definitions.get(name, [word])[0] if name else word

    def _expand(self, line: Line) -> Line | None:
        """The line with its first known definition expanded; None if it names none."""
        for reference in _REFERENCE.finditer(line.text):
            name = reference["bare"] or reference["braced"]
            lines = self.definitions.get(name)
            if name in RUNTIME_NAMES and name not in self.definitions:
                lines = ["$" + name] if reference["braced"] else None
            if not lines or (len(lines) > 1 and reference.end() != len(line.text)):
                continue
            start = line.start[reference.start()]
            if len(line.text) + len(lines[0]) > _MOST_CHARACTERS:
                self._report("definition", line, start, f"${name} makes the line too long")
                return None
            end = line.end[reference.end() - 1]
            if len(lines) > 1:
                self._push((_expanded_line(line, start, end, text) for text in lines[1:]), line)
            before, after, size = line.slice(0, reference.start()), line.slice(reference.end()), len(lines[0])
            return replace(
                line,
                text=before.text + lines[0] + after.text,
                start=[*before.start, *[start] * size, *after.start],
                end=[*before.end, *[end] * size, *after.end],
                alone=line.alone and len(lines) == 1,
            )
        return None

    def _follow_include(self, line: Line) -> None:
        """Put the lines of the files that this line includes next."""
        statement = _INCLUDE.fullmatch(line.text)
        if statement is None or self._include is None:
            return
        try:
            if len(self._files) > _MOST_DEPTH:
                raise OSError("these files include each other endlessly")
            files = list(self._include(statement["pattern"].strip(), line.file))
        except OSError as error:
            self._report("include", line, line.start[statement.start("pattern")], str(error))
            return
        if line.alone:
            self.inclusions[line.file, line.number] = [name for name, _ in files]
        self._stack += [self._included_lines(name, text) for name, text in reversed(files)]

    def _included_lines(self, name: str, text: str) -> Iterator[Line]:
        self._files.append(name)
        self.texts[name] = text
        yield from _physical_lines(text, name)
        self._files.pop()

    def _push(self, lines: Iterator[Line | Definition], cause: Line) -> None:
        """Put these lines next, which `cause` has made."""
        self._stack.append(self._limited(lines, cause))

    def _limited(self, lines: Iterator[Line | Definition], cause: Line) -> Iterator[Line | Definition]:
        """The lines, as long as there is room for more."""
        for line in lines:
            self._lines_left -= 1
            if self._lines_left == 0:
                self._report(
                    "definition", cause, cause.start[0], "this produces more lines than hatlab can read"
                )
            if self._lines_left <= 0:
                return
            yield line

    def _report(self, kind: str, line: Line, offset: int, text: str) -> None:
        self.problems.append(Problem(kind, line.number, offset - line.base + 1, text, line.file))


def config_ids(text: str) -> list[str]:
    """The configuration ids that lines of a text name, `@ID` or `@^ID`, in their order."""
    named = (_split_marker(line.strip(BLANKS)) for line in text.split("\n") if "@" in line)
    return list(dict.fromkeys(id_ for marker, id_, rest in named if marker.startswith("@") and id_ and rest))


def select_lines(text: str, config_id: str) -> str:
    """The text as keepalived with a configuration id reads it: without the marks `@ID` of its lines, and with
    empty lines in place of others'. Numbers of lines and columns stay.

    Without `-i` the id is the host's name up to its first dot (core/main.c).
    """
    if "@" not in text:
        return text
    return "\n".join(_select_line(line, config_id) for line in text.split("\n"))


def _select_line(line: str, config_id: str) -> str:
    content = line.lstrip(BLANKS)
    if not content.startswith("@"):
        return line
    if not _is_for(content, config_id):
        return ""
    marker, _, _ = _split_marker(content)
    lead = len(line) - len(content) + len(marker)
    return " " * lead + line[lead:]


def _split_marker(text: str) -> tuple[str, str, str]:
    """(`@ID` or `@^ID`, ID, the rest) of a line that begins so."""
    marker, _, rest = text.replace("\t", " ").partition(" ")
    return marker, marker.removeprefix("@").removeprefix("^"), rest


def _is_for(text: str, config_id: str) -> bool:
    """True if keepalived with this id reads a line that begins with `@`."""
    marker, id_, rest = _split_marker(text)
    matches = bool(config_id) and id_ == config_id
    return bool(rest) and matches != marker.startswith("@^")


def _physical_lines(text: str, file: str) -> Iterator[Line]:
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        end = start + len(raw)
        yield Line(number, file, start, raw, range(start, end), range(start + 1, end + 1))
        start = end + 1


def _unescape(line: Line, escapes: set[int]) -> Line:
    """The line without the backslashes at `escapes`; the character behind each stands in its place."""
    if not escapes:
        return line
    keep = [k for k in range(len(line.text)) if k not in escapes]
    text = "".join(line.text[k] for k in keep)
    start = [line.start[k - 1 if k - 1 in escapes else k] for k in keep]
    return replace(line, text=text, start=start, end=[line.end[k] for k in keep])


def _repeat(rounds: Rounds, body: Line) -> Iterator[Line | Definition]:
    """The body once a round, behind the definitions of that round."""
    for definitions in rounds:
        yield from definitions
        yield body


def _expanded_line(line: Line, start: int, end: int, text: str) -> Line:
    """A further line of a definition's value, at the place of the definition's name."""
    return replace(line, text=text, start=[start] * len(text), end=[end] * len(text), alone=False)
