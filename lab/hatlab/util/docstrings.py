"""The docstrings of a class's attributes: string literals right below them, which Python itself forgets."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise


def attribute_docstrings(cls: type) -> dict[str, str]:
    """Attribute → its docstring on one line, read from the source of a class at the top of its module.

    pydantic does the same (`use_attribute_docstrings`), but whenever the class is imported: for the topology
    model that took 17 ms of each command, and only `hatlab schema` needs it.
    """
    (definition,) = ast.parse(inspect.getsource(cls)).body
    assert isinstance(definition, ast.ClassDef)
    docstrings = {}
    for statement, below in pairwise(definition.body):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                docstrings[name] = " ".join(text.split())
    return docstrings
