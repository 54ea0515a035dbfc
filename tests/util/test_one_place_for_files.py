"""Only `hatlab.util.files` opens files: what it knows of devices, pipes and limits holds everywhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

import hatlab
from hatlab.util import files

PACKAGE = Path(hatlab.__file__).parent
_OPENERS = {"os.open", "os.fdopen", "io.open", "codecs.open", "tarfile.open", "gzip.open", "tempfile.mkstemp"}
_METHODS = {"read_text", "write_text", "read_bytes", "write_bytes"}
_MODES = set("rwaxbt+")


def opened_files(tree: ast.AST) -> Iterator[str]:
    """Yield each call that opens a file by its name, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            by_name = not any(keyword.arg == "fileobj" for keyword in node.keywords)
            if (function == "open") or (function in _OPENERS and by_name) or _is_method(node):
                yield f"{node.lineno}: {ast.unparse(node)}"


def _is_method(call: ast.Call) -> bool:
    """True for a method of a path: `p.read_text()`, or `p.open("rb")`, which has a mode or nothing."""
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "open":
        first = call.args[0] if call.args else None
        if first is None:
            return not call.keywords or call.keywords[0].arg in {"mode", "encoding"}
        return isinstance(first, ast.Constant) and set(str(first.value)) <= _MODES
    return call.func.attr in _METHODS


def test_nothing_else_in_the_package_opens_a_file() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{call}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != Path(files.__file__)
        for call in opened_files(ast.parse(path.read_text()))
    ]
    assert found == []


def test_each_way_to_open_a_file_is_found() -> None:
    code = """
open("x")
p.open()
p.open("rb")
p.open(mode="w")
Path("x").read_text()
p.write_bytes(b"")
os.open(p, 0)
os.fdopen(3)
tarfile.open(p)
tarfile.open(fileobj=raw)
bar.open("this step")
read_text(p, "file")
"""
    assert len(list(opened_files(ast.parse(code)))) == 9
