"""The programs that a configuration names, with the script files that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hatlab.keepalived.command_line import CommandLine, split_command
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile
from hatlab.keepalived.keywords import COMMANDS
from hatlab.keepalived.parser import Statement

SHELLS = frozenset(["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"])
_INTERPRETERS = SHELLS | frozenset(["python", "python2", "python3", "perl", "ruby", "php", "node"])
_WRAPPERS = frozenset(["env", "sudo", "timeout", "nice", "ionice", "setsid", "nohup", "chrt", "runuser"])
_ELSEWHERE = re.compile(r"\b(?:ssh|sshpass|ansible|rsh|fence_\w+)\b")
"""What runs on another node."""
_CHECKS = {"script", "misc_path"}
BEFORE_SHEBANG = "\ufeff\xef\xbb\xbf \t\r\n"
"""What may stand, by mistake, before a script's `#!` (KA106)."""


@dataclass(frozen=True)
class Command:
    """A statement that names a program."""

    statement: Statement
    owner: Statement
    """The block that it stands in."""
    line: CommandLine
    """The program and its arguments, as keepalived splits them."""
    file: ScriptFile | None = None
    """The script that it runs, if that is known."""

    @property
    def is_check(self) -> bool:
        """True if its exit status is the verdict on a service."""
        return self.statement.keyword in _CHECKS

    @property
    def is_notify(self) -> bool:
        return self.statement.keyword.startswith("notify")

    @property
    def has_user(self) -> bool:
        """True if it says itself who runs it."""
        return bool(self.owner.last("user")) if self.is_check else bool(self.line.behind)

    @property
    def program(self) -> str:
        """The first word: what keepalived executes."""
        return next(iter(self.line.words), "")

    @property
    def called(self) -> str:
        """Its name in messages: the script's or program's path, else its keyword."""
        path = self.script_path or self.program
        return f"`{path[:60]}`" if "/" in path else f"this `{self.statement.keyword}`"

    @cached_property
    def script_path(self) -> str:
        """The path of the script that it runs, itself or by an interpreter; empty if it names none."""
        if self.program.startswith("<"):
            return ""
        words = list(self.line.words)
        while words and (words[0].rpartition("/")[2] in _WRAPPERS or words[0].startswith("-")):
            words.pop(0)
        if words and words[0].rpartition("/")[2] in _INTERPRETERS:
            return next((word for word in words[1:2] if "/" in word and " " not in word), "")
        return self.program if "/" in self.program else ""

    @property
    def is_interpreted(self) -> bool:
        """True if its script is handed to a shell or another interpreter, which needs no `#!` for that."""
        return self.script_path != self.program

    @property
    def interpreter(self) -> str | None:
        """What reads its script: the program it is handed to, or what its `#!` names; None without either."""
        if self.is_interpreted:
            return self.program
        first = self.file.text.lstrip(BEFORE_SHEBANG).partition("\n")[0] if self.file else ""
        return first[2:].strip() if first.startswith("#!") else None

    @property
    def inline_shell(self) -> str:
        """What it hands to a shell by `-c`; empty if nothing."""
        at = self.shell_command_index
        return self.line.words[at] if at else ""

    @cached_property
    def shell_command_index(self) -> int:
        """The index of the word that a shell runs (`sh -c WORD`); 0 for none."""
        words = self.line.words
        for at, word in enumerate(words[1:-1], 1):
            if word.startswith("-") and word.endswith("c") and "--" not in word:
                return at + 1 if any(w.rpartition("/")[2] in SHELLS for w in words[:at]) else 0
        return 0

    @property
    def text(self) -> str:
        """What it is meant to run, and the contents of its file where that is known."""
        behind = self.line.behind if self.is_check else ()
        line = " ".join((*self.line.words, *behind))
        return line[:4096] + "\n" + (self.file.text[:65_536] if self.file else "")

    @cached_property
    def plain_text(self) -> str:
        """The same without the lines that are comments."""
        return re.sub(r"(?m)^[ \t]*#(?!!)[^\n]*$", "", self.text)

    @cached_property
    def local_text(self) -> str:
        """The same without the lines that reach for another node."""
        return "\n".join(line for line in self.plain_text.split("\n") if not _ELSEWHERE.search(line))


def find_commands(conf: Configuration) -> Iterator[Command]:
    """Each statement that names a program, in the order of the text."""
    for at in conf.statements:
        if at.statement.keyword in COMMANDS and len(at.statement.words) > 1:
            command = Command(at.statement, at.owner, split_command(at.statement.text))
            path = command.script_path
            file = conf.files.get(path) or conf.files.get(path.rpartition("/")[2]) if path else None
            yield Command(at.statement, at.owner, command.line, file)
