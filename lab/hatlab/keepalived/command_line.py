"""How keepalived splits a line that names a program (parser.c, notify.c): twice, and never by a shell.

The line is split into words first; the second one alone is the command. That is split again into the program
and its arguments, which go to execve as they are. What stands behind the command is a user and a group, and
ignored by `script`. Quotes of both kinds join words, a backslash takes the next character as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

_BLANKS = " \t\r\n\f\v"
_ESCAPES = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTAL, _HEX = "01234567", "0123456789abcdefABCDEF"


@dataclass(frozen=True, slots=True)
class Argument:
    """One word of a command."""

    text: str
    """As the program gets it."""
    quoting: str
    """For each character, the quote that it stood in: `'`, `"`, `\\` for an escaped one, a blank for none."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line that names a program, as keepalived takes it."""

    arguments: tuple[Argument, ...] = ()
    """The program and its arguments; none if keepalived cannot split the line."""
    behind: tuple[str, ...] = ()
    """The words behind the command: of a `notify`, its user and group."""
    open_quote: str = ""
    """The quote that is not closed, for which keepalived drops the command."""
    glued: bool = False
    """True if a quote ends in the middle of a word, as it does where quotes of one kind are nested."""

    @property
    def words(self) -> tuple[str, ...]:
        """The program and its arguments as they are handed to execve."""
        return tuple(argument.text for argument in self.arguments)


def split_command(line: str) -> CommandLine:
    """Split a line that begins with a keyword such as `script` or `notify_master`. Never raises."""
    words, unclosed = _split(line, escapes=False)
    if unclosed or len(words) < 2:
        return CommandLine(open_quote=unclosed)
    command = words[1]
    arguments, unclosed = _split(command.text, escapes=True)
    behind = tuple(word.text for word in words[2:])
    if unclosed:
        return CommandLine((), behind, unclosed)
    return CommandLine(tuple(arguments), behind, "", '"' in command.quoting and " " in command.quoting)


def _split(text: str, *, escapes: bool) -> tuple[list[Argument], str]:
    """The words of a text, and the quote that is left open; a backslash stays unless `escapes`."""
    words: list[Argument] = []
    at, size = 0, len(text)
    while True:
        while at < size and text[at] in _BLANKS:
            at += 1
        if at == size:
            return words, ""
        quote, word, quoting = "", "", ""
        while at < size and (quote or text[at] not in _BLANKS):
            char = text[at]
            if char == "\\":
                if at + 1 == size:
                    return words, "\\"
                taken, at = _escaped(text, at + 1) if escapes else (text[at : at + 2], at + 2)
                word += taken
                quoting += ("\\" if escapes else quote or " ") * len(taken)
                continue
            at += 1
            if char == quote:
                quote = ""
            elif char in "\"'" and not quote:
                quote = char
            else:
                word += char
                quoting += quote or " "
        if quote:
            return words, quote
        words.append(Argument(word, quoting))


def _escaped(text: str, at: int) -> tuple[str, int]:
    """The character that an escape behind a backslash stands for, and where the text goes on."""
    char = text[at]
    if char == "x" and text[at + 1 : at + 2] in set(_HEX):
        end = at + 2 + (text[at + 2 : at + 3] in set(_HEX))
        return chr(int(text[at + 1 : end], 16)), end
    if char == "c" and at + 1 < len(text):
        return chr(ord(text[at + 1]) & 0x1F), at + 2
    if char in _OCTAL:
        end = at + 1
        while end < min(at + 3, len(text)) and text[end] in _OCTAL:
            end += 1
        return chr(int(text[at:end], 8) & 0xFF), end
    return _ESCAPES.get(char, char), at + 1
