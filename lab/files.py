"""Finds the files that ship with hatlab, and reads topologies with the place of each fault.

`topologies/`, `lessons/` and `compose/` stand beside the package in a checkout and inside it in a wheel;
`shipped` is the only code that knows which.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.errors import FileError, UserError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from yaml.nodes import Node

    from lab.topology import Topology

_LIMIT = 1_000_000


def shipped(folder: str) -> Path:
    """The folder `topologies`, `lessons` or `compose` of this hatlab."""
    package = Path(__file__).parent
    for place in (package.parent / folder, package / "_shipped" / folder):
        if place.is_dir() and (
            place != package.parent / folder or (package.parent / "pyproject.toml").is_file()
        ):
            return place
    raise UserError(f"this hatlab has no {folder}/", "install it again: pipx reinstall hatlab")


def topology_names() -> list[str]:
    """Names of the shipped topologies."""
    return sorted(path.stem for path in shipped("topologies").glob("*.yaml"))


def find_topology(name: str) -> Path:
    """The file of a shipped topology's name, or of a path.

    Raises:
        UserError: there is no such file.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or "/" in name:
        if path.is_file():
            return path
        raise UserError(f"there is no file {name}", "give a shipped name or a path to a .yaml file")
    names = topology_names()
    if name not in names:
        guess = get_close_matches(name, names, 1)
        hint = f"did you mean {guess[0]!r}?" if guess else "shipped ones: " + ", ".join(names)
        raise UserError(f"no topology {name!r}", hint)
    return shipped("topologies") / f"{name}.yaml"


def load_topology(name: str) -> Topology:
    """Reads and checks a topology by shipped name or path.

    Raises:
        UserError: no such file.
        FileError: the first fault in it, with line and column.
    """
    from pydantic import ValidationError

    from lab.topology import Topology

    path = find_topology(name)
    root, data = _read_yaml(path)
    try:
        return Topology.model_validate(data)
    except ValidationError as error:
        raise _located(path, root, error) from None


def _read_yaml(path: Path) -> tuple[Node, Any]:
    """The parsed YAML as nodes (with marks) and as data. Aliases are refused: they can explode."""
    import yaml

    try:
        raw = path.read_bytes()
        if len(raw) > _LIMIT:
            raise FileError(f"{len(raw)} bytes is too large", f"at most {_LIMIT}", file=str(path))
        text = raw.decode("utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FileError("not UTF-8 text", "save it as UTF-8", file=str(path), line=line) from None
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.tokens.AliasToken):
                mark = token.start_mark
                raise FileError(
                    "aliases are not supported",
                    "write the value out",
                    file=str(path),
                    line=mark.line + 1,
                    column=mark.column + 1,
                )
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise FileError(
            f"not valid YAML: {error.problem}",
            file=str(path),
            line=mark.line + 1 if mark else 1,
            column=mark.column + 1 if mark else 1,
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileError(f"not valid YAML: {error}", file=str(path)) from None
    if root is None or not isinstance(data, dict):
        raise FileError("a topology is a mapping that begins with 'version: 1'", file=str(path))
    return root, data


def _located(path: Path, root: Node, error: ValidationError) -> FileError:
    # a misspelt key is also a missing one: the misspelling is what helps
    first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    line, column = _place(root, first["loc"])
    where = ".".join(str(part) for part in first["loc"] if part != "[key]")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "unknown key"
    return FileError(
        f"{where}: {message}" if where else message,
        "see docs/writing-topologies.md",
        file=str(path),
        line=line,
        column=column,
    )


def _place(node: Node, loc: tuple[int | str, ...]) -> tuple[int, int]:
    """Line and column of the deepest part of `loc` that the file has."""
    import yaml

    mark = node.start_mark
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return mark.line + 1, mark.column + 1
