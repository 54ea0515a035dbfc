"""What scripts of a configuration need and a lab does not have: programs, interpreters, users, Galera.

A script that runs such a program fails in a lab for no reason of its own. So each is told by name when a lab
starts, on both engines in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hatlab.keepalived.command_line import split_command
from hatlab.keepalived.parser import Statement, parse_config
from hatlab.shell import Dialect, Script, parse_script
from hatlab.shell.programs import IMAGE_PROGRAMS, LAB_PROGRAMS, SHELL_BUILTINS
from hatlab.shell.syntax import Assignment, Parameter, Simple, Word, defined_functions, literal, walk

_SHELLS = frozenset({"bash", "sh", "dash"})
_NOTIFY = ("notify", "notify_master", "notify_backup", "notify_fault", "notify_stop")
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin")
_MYSQL_CLIENTS = frozenset({"mysql", "mysqladmin"})
_MYSQL_USERS = frozenset({"root", "client"})
"""Whom a lab's mysqld knows."""
_GALERA = re.compile(r"\bwsrep_\w*")


_TOLD = re.compile(r"the check (\S+) ((?:runs|logs in|asks) .+?): if you know ")


@dataclass(frozen=True, slots=True)
class _Place:
    """A check, or a line that is run on a change of state."""

    words: tuple[str, ...]
    name: str
    is_check: bool

    @property
    def called(self) -> str:
        return f"the check {self.name}" if self.is_check else f"the {self.name} of an instance"

    @property
    def cure(self) -> str:
        known = (
            f"start the lab with --assume {self.name}=ok, fail or mysqld" if self.is_check else "leave it out"
        )
        return f"if you know what it would do, {known}" if self.is_check else known


def missing_in_lab(text: str, files: Mapping[str, str], *, simulated: bool) -> list[str]:
    """Return a sentence for each thing that scripts of a keepalived.conf need and a node lacks. Never raises.

    Args:
        text: the configuration.
        files: path → text of the files beside it on the node.
        simulated: the node is simulated; it runs shell scripts only.
    """
    told: dict[str, None] = {}
    for place in _places(parse_config(text)):
        for what in _missing(place, files, simulated):
            told[f"{place.called} {what}: {place.cure}"] = None
    return list(told)


def read_missing(text: str) -> tuple[str, str] | None:
    """Return the check, and what of it a lab does not have, that a sentence of `missing_in_lab` tells."""
    match = _TOLD.match(text)
    return (match[1], match[2]) if match else None


def _places(root: Statement) -> Iterator[_Place]:
    for block in root.body or ():
        if block.keyword == "vrrp_script" and (script := block.last("script")):
            yield _Place(split_command(script.text).words, block.value(), True)
        elif block.keyword in {"vrrp_instance", "vrrp_sync_group"}:
            for statement in block.body or ():
                if statement.keyword in _NOTIFY:
                    yield _Place(split_command(statement.text).words, statement.keyword, False)


def _missing(place: _Place, files: Mapping[str, str], simulated: bool) -> Iterator[str]:
    """Yield what a line needs and lacks."""
    if not place.words or place.words[0].startswith("<"):
        return
    path, *arguments = place.words
    path = _with_folder(path, files)
    name = path.rpartition("/")[2]
    if path in files:
        yield from _missing_for_file(files[path], path, files, simulated)
    elif "/" in path and not path.startswith(("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/")):
        yield f"runs {path}, which is not in this lab"
    elif why := _lack(name, simulated):
        yield f"runs {path}, {why}"
    elif name in _SHELLS and arguments[:1] == ["-c"] and len(arguments) > 1:
        yield from _missing_for_script(
            parse_script(arguments[1], "bash" if name == "bash" else "dash"), files, simulated
        )
    elif name in _MYSQL_CLIENTS:
        yield from _missing_in_mysqld(arguments)


def _with_folder(program: str, files: Mapping[str, str]) -> str:
    """Return the path of a program that PATH leads to among a node's files, else as it is named."""
    if "/" in program:
        return program
    return next((path for folder in _PATH if (path := f"{folder}/{program}") in files), program)


def _lack(name: str, simulated: bool) -> str:
    """Return why a program cannot be run; empty if it can."""
    if name in LAB_PROGRAMS or name in _SHELLS:
        return ""
    if name in IMAGE_PROGRAMS:
        return "which only a node on Docker has, not a simulated one" if simulated else ""
    return "which is not in this lab"


def _missing_for_file(text: str, path: str, files: Mapping[str, str], simulated: bool) -> Iterator[str]:
    first = text.partition("\n")[0]
    words = first[2:].split() if first.startswith("#!") else []
    if not words:
        return  # keepalived itself does not run it: `hatlab check` says so
    name = words[0].rpartition("/")[2]
    if name == "env" and len(words) > 1:
        name = words[-1].rpartition("/")[2]
    if name not in _SHELLS:
        if why := _lack(name, simulated):
            yield f"runs {path}, a script for {name}, {why}"
        return
    dialect: Dialect = "bash" if name == "bash" else "dash"
    script = parse_script(text, dialect)
    if script.error is not None and simulated:  # a real shell may know what ours does not
        yield f"runs {path}, which a simulated node's shell can read only up to line {script.error.line}"
    yield from _missing_for_script(script, files, simulated)


def _missing_for_script(script: Script, files: Mapping[str, str], simulated: bool) -> Iterator[str]:
    functions = set(defined_functions(script))
    constants = {
        node.name: value
        for node in walk(script)
        if isinstance(node, Assignment) and (value := literal(node.value)) is not None
    }
    for command in (node for node in walk(script) if isinstance(node, Simple) and node.words):
        words = [_text_of(word, constants) for word in command.words]
        path = words[0] and _with_folder(words[0], files)
        if not path or path in functions or path in SHELL_BUILTINS or path in files:
            continue
        name = path.rpartition("/")[2]
        if why := _lack(name, simulated):
            yield f"runs {path}, {why}"
        elif name in _MYSQL_CLIENTS:
            yield from _missing_in_mysqld([word or "" for word in words[1:]])


def _text_of(word: Word, constants: Mapping[str, str]) -> str | None:
    """Return a word whose variables are set once in the script; None if it depends on more."""
    text = ""
    for part in word:
        if (
            isinstance(part, Parameter)
            and not part.operator
            and part.index is None
            and part.name in constants
        ):
            text += constants[part.name]
        elif (value := literal((part,))) is not None:
            text += value
        else:
            return None
    return text


def _missing_in_mysqld(arguments: list[str]) -> Iterator[str]:
    """Yield what a call of a MySQL client needs of mysqld and a lab's does not have."""
    if why := _mysql_login(arguments):
        yield why
    if asked := next((match[0] for word in arguments if (match := _GALERA.search(word))), ""):
        yield f"asks mysqld for {asked[:40]}, which only Galera has"


def _mysql_login(arguments: list[str]) -> str:
    """Return why a lab's mysqld does not let a client in; empty if it does.

    Through the socket it takes any user and password (compose/template.sql).
    """
    host, user = _option(arguments, "-h", "--host"), _option(arguments, "-u", "--user") or "root"
    password = _option(arguments, "-p", "--password")
    if host in {"", "localhost"}:
        return ""
    if user not in _MYSQL_USERS:
        return f"logs in to mysqld as {user[:32]} over TCP, a user that a lab's mysqld does not know there"
    return "logs in to mysqld over TCP with a password, but a lab's users have none" if password else ""


def _option(arguments: list[str], short: str, long: str) -> str:
    """Return the value of an option, empty without it."""
    for position, argument in enumerate(arguments):
        if argument.startswith(f"{long}="):
            return argument.partition("=")[2]
        if argument in {short, long}:
            return (*arguments[position + 1 :], "")[0]
        if argument.startswith(short) and not argument.startswith("--"):
            return argument[len(short) :]
    return ""
