"""What the words of a command come to: variables, `$(…)`, arithmetic, blanks, file names.

Expansion is pure but for one thing, the output of commands. It asks for it by `NeedsOutput`; its caller runs
the command, hands the output over, and lets the word be expanded again. What a word assigns on the way
(`${x:=y}`, `$((i++))`) counts only once it is through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from hatlab.engine.simulator.shell.arithmetic import Arithmetic, ArithmeticFault
from hatlab.engine.simulator.shell.patterns import matches, pattern_regex, strip_end, strip_start
from hatlab.engine.simulator.shell.state import ShellState
from hatlab.shell.syntax import Arithmetic as ArithmeticPart
from hatlab.shell.syntax import CommandOutput, Parameter, Part, Text, Word

Piece = tuple[str, bool]
"""A text, and whether it was quoted."""
Field = tuple[Piece, ...]
MAX_WORDS = 5000
MAX_TEXT = 100_000
"""Characters that a word may come to."""


class NeedsOutput(Exception):
    """The word has a command in it that did not run yet: the argument."""

    def __init__(self, part: CommandOutput) -> None:
        super().__init__(part)
        self.part = part


class ExpansionFault(Exception):
    """A word that comes to nothing, which ends the script; its argument is the shell's message."""


class _Break:
    """Where `"$@"` begins another word."""


_BREAK = _Break()


class Expander:
    """Expands words in one state.

    Args:
        list_names: the names in a folder.
        outputs: of the commands that ran already, in the order in which they stand.
    """

    def __init__(
        self, state: ShellState, list_names: Callable[[str], list[str]], outputs: Sequence[str] = ()
    ) -> None:
        self.state, self._list_names = state, list_names
        self._outputs = list(outputs)
        self._assigned: dict[str, str] = {}

    def commit(self) -> None:
        """Let what the words assigned count."""
        for name, value in self._assigned.items():
            self.state.set(name, value)

    # -- results

    def fields(self, words: Iterable[Word]) -> list[str]:
        """Return the arguments that words come to."""
        arguments: list[str] = []
        for word in words:
            for field in self.split(word):
                arguments += self._file_names(field)
            if len(arguments) > MAX_WORDS:
                raise ExpansionFault("Argument list too long")
        return arguments

    def text(self, word: Word) -> str:
        """Return a word as one text, as in an assignment."""
        return "".join(text for text, _ in self.field(word))

    def field(self, word: Word) -> Field:
        """Return a word as one field."""
        pieces: list[Piece] = []
        for part in word:
            expanded = self._expand_part(part, first=part is word[0])
            pieces += [(" ", True) if isinstance(piece, _Break) else piece for piece in expanded]
        return tuple(pieces)

    def split(self, word: Word) -> list[Field]:
        """Return the fields that a word falls into."""
        fields: list[Field] = []
        current: list[Piece] | None = None
        separators = self.state.get("IFS")
        separators = " \t\n" if separators is None else separators
        for part in word:
            if isinstance(part, Parameter) and part.quoted and part.name == "@" and not part.operator:
                current = [] if current is None and self.state.arguments else current
            for piece in self._expand_part(part, first=part is word[0]):
                if isinstance(piece, _Break):
                    fields.append(tuple(current or ()))
                    current = []
                    continue
                text, quoted = piece
                if quoted or isinstance(part, Text):
                    current = [*(current or []), piece]
                    continue
                pieces = _split_text(text, separators)
                for position, piece_text in enumerate(pieces):
                    if position:
                        if current is not None:
                            fields.append(tuple(current))
                        current = None
                    if piece_text:
                        current = [*(current or []), (piece_text, False)]
        if current is not None:
            fields.append(tuple(current))
        return fields

    def compute(self, expression: str) -> int:
        """Return the value of an arithmetic expression."""
        try:
            return Arithmetic(expression, self._number_variable, self._assign).evaluate()
        except (ArithmeticFault, RecursionError) as fault:
            reason = (
                str(fault) if isinstance(fault, ArithmeticFault) else "expression recursion level exceeded"
            )
            if self.state.dialect == "dash":
                raise ExpansionFault(f'arithmetic expression: expecting primary: "{expression}"') from None
            raise ExpansionFault(f'{expression}: {reason} (error token is "{expression[-1:]}")') from None

    # -- parts

    def _expand_part(self, part: Part, *, first: bool) -> list[Piece | _Break]:
        match part:
            case Text(value, quoted):
                if first and not quoted and re.match(r"~(/|$)", value):
                    return [("/root", True), (value[1:], False)]
                return self._expand_braces(value) if not quoted and "{" in value else [(value, quoted)]
            case CommandOutput(_, quoted):
                if not self._outputs:
                    raise NeedsOutput(part)
                return [(self._outputs.pop(0), quoted)]
            case ArithmeticPart(expression, quoted):
                return [(str(self.compute(self.text(expression))), quoted)]
            case Parameter():
                return self._expand_parameter(part)

    def _expand_braces(self, value: str) -> list[Piece | _Break]:
        """`{a,b}` and `{1..3}`, as far as a whole word is one."""
        match = re.fullmatch(r"\{(-?\d{1,4})\.\.(-?\d{1,4})\}", value)
        if match is None or self.state.dialect == "dash":
            return [(value, False)]
        begin, end = int(match[1]), int(match[2])
        step = 1 if end >= begin else -1
        pieces: list[Piece | _Break] = []
        for number in range(begin, end + step, step):
            pieces += [_BREAK, (str(number), True)] if pieces else [(str(number), True)]
        return pieces

    def _expand_parameter(self, part: Parameter) -> list[Piece | _Break]:
        value = self._elements(part)
        if isinstance(value, list):
            if part.operator == "length":
                return [(str(len(value)), part.quoted)]
            if part.name == "*" or (part.index and self.text(part.index) == "*"):
                return [(" ".join(value), part.quoted)]
            pieces: list[Piece | _Break] = []
            for element in value:
                pieces += [_BREAK, (element, part.quoted)] if pieces else [(element, part.quoted)]
            return pieces
        return self._apply_operator(part, value)

    def _elements(self, part: Parameter) -> str | list[str] | None:
        """Return a parameter's value: a list for `$@`, `$*` and whole arrays."""
        state, name = self.state, part.name
        if part.operator == "indirect":
            return state.get(state.get(name) or "")
        if name in {"@", "*"}:
            if part.operator not in {"", "length", ":"}:
                return " ".join(state.arguments)
            return list(state.arguments)
        if part.index is not None:
            value = state.variables.get(name, [])
            elements = value if isinstance(value, list) else [value]
            if name == "PIPESTATUS":
                elements = state.pipe_status
            index = self.text(part.index)
            if index in {"@", "*"}:
                return list(elements)
            at = self.compute(index)
            return elements[at] if -len(elements) <= at < len(elements) else None
        return self._value(name)

    def _value(self, name: str) -> str | None:
        state = self.state
        if name.isdecimal():
            at = int(name[:6])
            return state.name if at == 0 else state.arguments[at - 1] if at <= len(state.arguments) else None
        special = {
            "?": str(state.status),
            "$": str(state.pid),
            "#": str(len(state.arguments)),
            "!": str(state.last_job) if state.last_job else None,
            "-": "".join(sorted(option for option in state.options if len(option) == 1)),
            "LINENO": str(state.line),
        }
        if name in special:
            return special[name]
        if name == "PIPESTATUS":
            return state.pipe_status[0] if state.pipe_status else "0"
        return self._assigned[name] if name in self._assigned else state.get(name)

    def _number_variable(self, name: str) -> str:
        return self._value(name) or ""

    def _assign(self, name: str, value: str) -> None:
        self._assigned[name] = value

    def _apply_operator(self, part: Parameter, value: str | None) -> list[Piece | _Break]:
        operator, quoted = part.operator, part.quoted
        if operator.removeprefix(":") in {"-", "=", "+", "?"} and operator:
            return self._apply_default(part, value)
        if value is None and "u" in self.state.options and part.name not in {"@", "*"}:
            message = "parameter not set" if self.state.dialect == "dash" else "unbound variable"
            raise ExpansionFault(f"{part.name}: {message}")
        text = value or ""
        match operator:
            case "length":
                text = str(len(text))
            case "#" | "##" | "%" | "%%":
                strip = strip_start if operator[0] == "#" else strip_end
                text = strip(self.field(part.argument), text, longest=len(operator) == 2)
            case "/" | "//":
                regex = pattern_regex(self.field(part.argument), "longest")
                new = self.text(part.replacement)
                if regex.pattern:
                    text, _ = regex.subn(lambda _: new, text, count=int(operator == "/"))
            case "^" | "^^":
                text = text.upper() if operator == "^^" else text[:1].upper() + text[1:]
            case "," | ",,":
                text = text.lower() if operator == ",," else text[:1].lower() + text[1:]
            case ":":
                text = self._substring(text, self.text(part.argument))
        return [(text[:MAX_TEXT], quoted)]

    def _apply_default(self, part: Parameter, value: str | None) -> list[Piece | _Break]:
        operator = part.operator
        given = value is not None and not (operator.startswith(":") and value == "")
        match operator.removeprefix(":"):
            case "+" if not given:
                return [("", part.quoted)] if part.quoted else []
            case "-" | "=" | "?" if given:
                return [(value or "", part.quoted)]
            case "?":
                raise ExpansionFault(
                    f"{part.name}: {self.text(part.argument) or 'parameter null or not set'}"
                )
            case "=":
                text = self.text(part.argument)
                self._assign(part.name, text)
                return [(text, part.quoted)]
        pieces: list[Piece | _Break] = []
        for inner in part.argument:
            pieces += self._expand_part(inner, first=False)
        return pieces or ([("", True)] if part.quoted else [])

    def _substring(self, text: str, bounds: str) -> str:
        offset_text, _, length_text = bounds.partition(":")
        offset = self.compute(offset_text)
        start = max(0, len(text) + offset) if offset < 0 else offset
        if not length_text:
            return text[start:]
        length = self.compute(length_text)
        return text[start : start + length] if length >= 0 else text[start:length]

    def _file_names(self, field: Field) -> list[str]:
        """Return the files that a pattern matches, or the text itself."""
        text = "".join(piece for piece, _ in field)
        special = any(not quoted and re.search(r"[*?[]", piece) for piece, quoted in field)
        if not special or "f" in self.state.options:
            return [text]
        folder, slash, _ = text.rpartition("/")
        names = self._list_names(folder or ("/" if slash else self.state.folder))
        found = [f"{folder}{slash}{name}" for name in names if not name.startswith(".")]
        return [path for path in found if matches(field, path)] or [text]


def _split_text(text: str, separators: str) -> list[str]:
    """Split at separators; an empty text at an end means that a separator stood there."""
    if not separators:
        return [text]
    blanks = "".join(letter for letter in separators if letter in " \t\n")
    others = re.escape("".join(letter for letter in separators if letter not in " \t\n"))
    escaped = re.escape(blanks)
    if not others:
        return re.split(f"[{escaped}]+", text)
    blank = f"[{escaped}]*" if blanks else ""
    either = f"{blank}[{others}]{blank}" + (f"|[{escaped}]+" if blanks else "")
    return re.split(either, text)
