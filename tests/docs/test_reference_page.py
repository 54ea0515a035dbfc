"""docs/reference.md has every environment variable, file and exit code of the package, and no other."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest

from hatlab import errors
from hatlab.settings.table import SETTINGS
from hatlab.util import paths

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
OWN = re.compile(r"\bHATLAB_[A-Z][A-Z_]*[A-Z]\b")
GIVES_A_PATH = [
    name
    for name, function in inspect.getmembers(paths, inspect.isfunction)
    if function.__module__ == paths.__name__
    and not inspect.signature(function).parameters
    and get_type_hints(function).get("return") is Path
]
CONCERNED = re.compile(rf"HATLAB_|environ|getenv|\b(?:{'|'.join(GIVES_A_PATH)})\(")
"""What a file has in it that says anything of variables or paths; most have not, and are not parsed."""
BETWEEN_PROGRAMS = {"PYDANTIC_DISABLE_PLUGINS", "COMP_LINE"}
"""What programs set for one another: hatlab for a library, a shell for what completes its lines."""


@cache
def nodes() -> tuple[ast.AST, ...]:
    """Every piece of syntax of the files, in package and agent, that have to do with any of it."""
    files = [*(ROOT / "lab" / "hatlab").rglob("*.py"), *(ROOT / "compose" / "agent").rglob("*.py")]
    sources = (file.read_text(encoding="utf-8") for file in files)
    trees = (ast.parse(source) for source in sources if CONCERNED.search(source))
    return tuple(node for tree in trees for node in ast.walk(tree))


def texts() -> Iterator[str]:
    return (node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str))


def is_of_environment(node: ast.AST) -> bool:
    """Whether an expression is the environment, by the names that the package gives it."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in {"environ", "environment"}


def read_variables() -> Iterator[str]:
    """Yield each constant that is looked up in the environment."""
    for node in nodes():
        match node:
            case ast.Call(
                func=ast.Attribute(value=of, attr="get" | "pop" | "setdefault"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                if is_of_environment(of):
                    yield name
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]):
                yield name
            case ast.Subscript(value=of, slice=ast.Constant(value=str(name))) if is_of_environment(of):
                yield name


def test_every_variable_of_hatlab_stands_there_and_no_other() -> None:
    variables = {setting.variable for setting in SETTINGS}
    assert set(OWN.findall(PAGE)) == {name for text in texts() for name in OWN.findall(text)} | variables


def test_every_variable_that_is_read_stands_there() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", SECTIONS["Environment variables"]))
    read = {
        name for name in read_variables() if not name.startswith("JUPYTERHUB_")
    }  # the hub's to its services
    assert read - BETWEEN_PROGRAMS <= named


@pytest.mark.parametrize("name", GIVES_A_PATH)
def test_every_path_stands_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("STATE", "CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path))
    monkeypatch.setattr("platform.node", lambda: "MACHINE")
    path: Path = getattr(paths, name)()
    assert f"`{path.relative_to(tmp_path / 'hatlab').as_posix()}".removesuffix(".") in SECTIONS["Files"]


def test_every_file_in_such_a_folder_stands_there() -> None:
    written = {
        node.right.value
        for node in nodes()
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and isinstance(node.left, ast.Call)
        and isinstance(node.left.func, ast.Name)
        and node.left.func.id in GIVES_A_PATH
        and isinstance(node.right, ast.Constant)
    }
    assert {name for name in map(str, written) if name not in SECTIONS["Files"]} == set()
    assert "crash.txt" in written


def exit_codes() -> Iterator[int]:
    """Yield the code of each kind of error, and each number that a command's function returns."""
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.LabError):
            yield kind.exit_code
    for file in (ROOT / "lab" / "hatlab" / "commands").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            is_command = isinstance(node, ast.FunctionDef) and node.name == "run"
            for found in ast.walk(node) if is_command else ():
                if isinstance(found, ast.Return) and found.value is not None:
                    yield from returned_numbers(found.value)


def returned_numbers(value: ast.AST) -> Iterator[int]:
    match value:
        case ast.Constant(value=int(number)):
            yield number
        case ast.IfExp(body=one, orelse=other):
            yield from returned_numbers(one)
            yield from returned_numbers(other)


def test_every_exit_code_stands_there_and_no_other() -> None:
    documented = {int(code) for code in re.findall(r"^\| `(\d+)` \|", SECTIONS["Exit codes"], re.M)}
    assert documented == set(exit_codes())
    assert "`128 + n`" in SECTIONS["Exit codes"]
