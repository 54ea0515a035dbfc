"""What a check in Python does (KA130 and KA135); other languages are not read.

A Python program ends with status 1 where an exception leaves it, and with 0 at its end. So a check in Python
fails by `sys.exit`, or by an exception that nobody catches.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import finding
from hatlab.keepalived.diagnose.scripts.commands import Command

_PYTHON = re.compile(r"python[\d.]*$")
_ENDS = {"exit", "_exit", "quit", "abort", "kill", "execv", "execvp", "execlp"}
"""Calls that may end the program with another status than 0."""
_CONNECTS = re.compile(r"connect|create_engine|urlopen|^get$|^head$|^request$|client|open$", re.I)

_EFFECT = (
    "a Python program that catches its exceptions ends with 0, unless it calls `sys.exit` with another "
    "number. Whatever it prints, keepalived counts every run as a success"
)


def python_rules(command: Command, addresses: Collection[str]) -> Iterator[Finding]:
    """Find what is wrong with a check in Python; `addresses` are the virtual ones."""
    if (tree := _tree(command)) is None:
        return
    at, called = command.statement, command.called
    if _catches_all(tree) and not _can_end_otherwise(tree):
        message = f"{called} can never end with a failure"
        yield finding(
            "KA130", at, message, word=1, effect=_EFFECT, cure="call `sys.exit(1)` when the service is down"
        )
    asked = next((address for address in sorted(addresses) if _is_asked(address, tree)), "")
    if asked:
        yield finding("KA135", at, f"{called} asks {asked}, the virtual address", word=1)


def _tree(command: Command) -> ast.Module | None:
    """The program's tree; None where it is no Python, or of a Python that this one cannot read."""
    if command.file is None or not any(map(_PYTHON.search, (command.interpreter or "").split())):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(command.file.text[:65_536])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _name(node: ast.expr) -> str:
    """The last name of what is called: `connect` of `pymysql.connect(…)`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _catches_all(tree: ast.Module) -> bool:
    """True if some `except` takes whatever a question to the service raises."""
    caught = (node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    return any(kind is None or any(map(_is_wide, _parts(kind))) for kind in caught)


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _is_wide(node: ast.expr) -> bool:
    name = _name(node)
    return name.endswith(("Error", "Exception")) and name not in {"ImportError", "ModuleNotFoundError"}


def _can_end_otherwise(tree: ast.Module) -> bool:
    """True if something in it raises, asserts or exits with what is not plainly 0."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and not (_is_call_of("SystemExit", node.exc) and _is_zero(node.exc)):
            return True
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and _name(node.func) in _ENDS and not _is_zero(node):
            return True
    return False


def _is_call_of(name: str, node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == name


def _is_zero(node: ast.expr | None) -> bool:
    """True for `exit()`, `exit(0)` and the like."""
    if not isinstance(node, ast.Call):
        return False
    return not node.args or (
        isinstance(node.args[0], ast.Constant) and node.args[0].value in (0, None, False)
    )


def _is_asked(address: str, tree: ast.Module) -> bool:
    """True if the program connects to this address, written there or in a name of this value."""
    names = {
        _name(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _mentions(node.value, address, set())
        for target in node.targets
    } - {""}
    return any(
        isinstance(node, ast.Call)
        and _CONNECTS.search(_name(node.func))
        and any(_mentions(each, address, names) for each in [*node.args, *(k.value for k in node.keywords)])
        for node in ast.walk(tree)
    )


def _mentions(node: ast.AST, address: str, names: set[str]) -> bool:
    literal = re.compile(rf"(?<![\w.:]){re.escape(address)}(?![\w.])")
    return any(
        (isinstance(each, ast.Constant) and isinstance(each.value, str) and literal.search(each.value))
        or (isinstance(each, ast.Name) and each.id in names)
        for each in ast.walk(node)
    )
