"""Reads a topology file and finds all that is wrong with it, each fault with its place. Pure: bytes in.

A fault in one part does not hide those in others: what cannot be used is left out, and the rest is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from lab.findings import Finding, did_you_mean
from lab.topology import COLLECT, KEY, Loc, Problem, Topology
from lab.topology_rules import RULES, traps

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from yaml.error import Mark
    from yaml.nodes import Node

MOST_BYTES = 1_000_000
_MOST_LEVELS = 40
_ROUNDS = 12
_MOST_FAULTS = 300
"""With more the rest is not worth checking."""
_MOST_GUESSES = 50
_STAND_INS: dict[str, Any] = {"version": 1, "title": "", "vrid": 1, "priority": 1, "network": "networks"}
"""For a value that is missing or faulty; a word means any name of that part of the file."""
_UNFIT = (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What PyYAML raises for a scalar that its tag does not fit, such as `!!int ''`."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A topology file's contents.

    Attributes:
        topology: what it describes, None if there is an error.
        findings: what is wrong, in the order of the file.
        places: where its parts stand, None if it cannot be read at all.
    """

    topology: Topology | None
    findings: tuple[Finding, ...]
    places: Places | None = None


def examine(raw: bytes) -> Examined:
    """The topology in a file's bytes and everything wrong with it. Never raises, in bounded time."""
    findings: list[Finding] = []
    root, data = _yaml(raw, findings)
    if root is None:
        return Examined(None, tuple(findings))
    places = Places(root)
    findings += _duplicates(root)
    names = {kind: _keys(data, f"{kind}s") for kind in ("network", "node", "check", "instance")}
    topology, errors = _validated(data)
    findings += _invalid_parts(places, errors)
    if topology is not None:
        problems = [*topology.problems(), *_certain(traps(topology), errors)]
        findings += [
            _contradiction(places, p, names) for p in problems if p.name not in names.get(p.kind, ())
        ]
    findings.sort(key=lambda f: (f.line, f.column, f.code))
    sound = not any(finding.severity == "error" for finding in findings)
    return Examined(topology if sound else None, tuple(findings), places)


def _yaml(raw: bytes, findings: list[Finding]) -> tuple[Node | None, dict[Any, Any]]:
    """The file as nodes (with marks) and as data; None and findings if it cannot be read as a mapping."""
    import yaml

    if len(raw) > MOST_BYTES:
        findings.append(_finding("TP006", 1, 1, "the file is too large"))
        return None, {}
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        findings.append(_finding("TP005", line, column, f"byte {raw[error.start]:#04x} is not UTF-8"))
        return None, {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        findings += _refused(yaml.parse(text, loader))
        if findings:
            return None, {}
        root = yaml.compose(text, loader)
        data = yaml.constructor.SafeConstructor().construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        findings += _tabs(text) or [_finding("TP001", line, column, f"not valid YAML: {error.problem}")]
        return None, {}
    except (yaml.YAMLError, *_UNFIT) as error:
        reason = str(error).partition("\n")[0][:120] or "a value does not fit its tag"
        findings.append(_finding("TP001", 1, 1, f"not valid YAML: {reason}"))
        return None, {}
    if not isinstance(data, dict):
        found = "an empty file" if data is None else f"a {type(data).__name__}"
        findings.append(
            _finding("TP007", 1, 1, f"a topology is a mapping that begins with 'version: 1', not {found}")
        )
        return None, {}
    return root, data


def _refused(events: Iterator[Any]) -> list[Finding]:
    """Aliases, which can explode, and nesting that no topology needs."""
    import yaml

    found, level = [], 0
    for event in events:
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            message = "aliases are not supported"
            found.append(_finding("TP004", mark.line + 1, mark.column + 1, message))
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if level > _MOST_LEVELS:
            return [_finding("TP006", mark.line + 1, mark.column + 1, f"more than {_MOST_LEVELS} levels")]
    return found


def _tabs(text: str) -> list[Finding]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        lead = line[: len(line) - len(line.lstrip())]
        if "\t" in lead and line.strip():
            found.append(_finding("TP002", number, lead.index("\t") + 1, "a tab in the indentation"))
    return found


def _duplicates(root: Node) -> Iterator[Finding]:
    import yaml

    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                todo.append(value)
                line = key.start_mark.line + 1
                if isinstance(key.value, str) and key.value in seen:
                    message = f"`{key.value[:40]}` is given in line {seen[key.value]} already"
                    yield _finding("TP003", line, key.start_mark.column + 1, message)
                elif isinstance(key.value, str):
                    seen[key.value] = line


def _keys(data: Any, key: str) -> set[str]:
    inner = data.get(key)
    return {str(name) for name in inner} if isinstance(inner, dict | list) else set()


def _validated(data: dict[Any, Any]) -> tuple[Topology | None, list[ErrorDetails]]:
    """The topology without the parts that are faulty, and the faults."""
    from pydantic import ValidationError

    found: list[ErrorDetails] | None = None
    for _ in range(_ROUNDS):
        try:
            return Topology.model_validate(data, context=COLLECT), found or []
        except ValidationError as error:
            errors = error.errors(include_url=False)
            found = errors if found is None else found
            if len(errors) > _MOST_FAULTS or not all(_leave_out(data, each) for each in errors):
                break
    return None, found or []


def _leave_out(data: Any, error: ErrorDetails) -> bool:
    """Removes what an error is about; False if that is the whole file."""
    loc = [part for part in error["loc"] if part != KEY]
    if error["type"] == "missing":
        if loc[-1] in _STAND_INS:
            return _stand_in(data, loc)
        loc = loc[:-1]
    owner: Any = None
    last: Any = None
    node: Any = data
    for part in loc:
        keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        key = next((k for k in keys if k == part or str(k) == str(part)), None)
        if key is None:
            break
        owner, last, node = node, key, node[key]
    if isinstance(owner, dict):
        del owner[last]
        return True
    if isinstance(owner, list):  # a neighbour in its place: indices of the others stay true
        owner[last] = owner[last - 1 if last else -1]
        return len(owner) > 1
    return False


def _stand_in(data: dict[Any, Any], loc: list[int | str]) -> bool:
    """Puts something harmless in place of a missing value, so that the rest of its part is checked."""
    owner: Any = data
    for part in loc[:-1]:
        owner = owner.get(part) if isinstance(owner, dict) else None
    if not isinstance(owner, dict):
        return False
    value = _STAND_INS[str(loc[-1])]
    owner[loc[-1]] = next(iter(sorted(_keys(data, value))), "none") if isinstance(value, str) else value
    return True


def _certain(problems: Iterable[Problem], errors: list[ErrorDetails]) -> Iterator[Problem]:
    """Those that do not depend on a part with an error."""
    faulty = {tuple(error["loc"][:2]) for error in errors}
    instances = any(loc[:1] == ("instances",) for loc in faulty)
    for problem in problems:
        across = problem.code in {"TP030", "TP031", "TP040", "TP043"}
        if problem.loc[:2] not in faulty and not (across and instances):
            yield problem


def _invalid_parts(places: Places, errors: list[ErrorDetails]) -> Iterator[Finding]:
    misspelt: set[Loc] = set()  # a misspelt key is also a missing one: the misspelling is what helps
    for error in errors:
        loc = error["loc"]
        if error["type"] == "extra_forbidden":
            name = str(loc[-1])
            guess = did_you_mean(name, _fields_at(loc[:-1])) if len(misspelt) < _MOST_GUESSES else ""
            misspelt.add((*loc[:-1], guess))
            yield _at(places, "TP010", (*loc, KEY), f"unknown key `{name[:40]}`{guess}")
    for error in errors:
        owner, name = error["loc"][:-1], str(error["loc"][-1]) if error["loc"] else ""
        known = (*owner, did_you_mean(name, [name])) in misspelt
        if error["type"] != "extra_forbidden" and not (error["type"] == "missing" and known):
            yield _invalid(places, error)


def _invalid(places: Places, error: ErrorDetails) -> Finding:
    loc, kind = tuple(error["loc"]), error["type"]
    name = next((str(part) for part in reversed(loc) if part != KEY), "the file")
    if kind == "missing":
        where = ".".join(str(part) for part in loc[:-1] if part != KEY)
        return _at(
            places, "TP011", (*loc[:-1], KEY), f"`{name}` is missing" + (f" in {where}" if where else "")
        )
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "this should")
    if kind == "string_pattern_mismatch":
        return _at(places, "TP013", loc, f"{name[:40]}: these characters are not allowed here ({message})")
    where = ".".join(str(part) for part in loc if part != KEY)
    given = error["input"]
    shown = f", not {repr(given)[:40]}" if isinstance(given, str | int | float) else ""
    return _at(places, "TP012", loc, f"{where}: {message}{shown}")


def _fields_at(loc: Loc) -> list[str]:
    """The keys that the model knows at a place, found by walking its annotations."""
    annotation: Any = Topology
    for part in loc:
        fields = getattr(annotation, "model_fields", None)
        if fields is not None:
            annotation = _inner(fields[part].annotation) if part in fields else None
        elif get_origin(annotation) is dict:
            annotation = _inner(get_args(annotation)[1])
    return list(getattr(annotation, "model_fields", ()))


def _inner(annotation: Any) -> Any:
    """Without `Annotated[…]` and `… | None`."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    options = [option for option in get_args(annotation) if option is not type(None)]
    return annotation if get_origin(annotation) is dict or not options else _inner(options[0])


def _contradiction(places: Places, problem: Problem, names: dict[str, set[str]]) -> Finding:
    guess = did_you_mean(problem.name, names[problem.kind]) if problem.kind else ""
    return _at(places, problem.code, problem.loc, problem.message + guess)


def _at(places: Places, code: str, loc: Loc, message: str) -> Finding:
    line, column = places.of(loc)
    return _finding(code, line, column, message)


def _finding(code: str, line: int, column: int, message: str) -> Finding:
    rule = RULES[code]
    message = " ".join(message.split())
    return Finding(code, rule.severity, line, column, message, rule.effect, rule.cure)


class Places:
    """Where the parts of a file stand."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._entries: dict[int, dict[str | int, tuple[Mark, Node]]] = {}

    def of(self, loc: Loc) -> tuple[int, int]:
        """Line and column of the deepest part of `loc` that is there; of a value unless `loc` ends in KEY."""
        node, mark, of_key = self._root, self._root.start_mark, self._root.start_mark
        for part in loc:
            if part == KEY:
                mark = of_key
                continue
            found = self._inside(node).get(part) or self._inside(node).get(str(part))
            if found is None:
                if isinstance(node.value, list):
                    mark = of_key
                break
            of_key, node = found
            mark = node.start_mark
        return mark.line + 1, mark.column + 1

    def _inside(self, node: Node) -> dict[str | int, tuple[Mark, Node]]:
        """What a mapping or sequence holds, by key, index and (for short forms) by word."""
        import yaml

        if id(node) in self._entries:
            return self._entries[id(node)]
        entries: dict[str | int, tuple[Mark, Node]] = {}
        if isinstance(node, yaml.MappingNode):
            entries = {k.value: (k.start_mark, v) for k, v in node.value if isinstance(k.value, str)}
        elif isinstance(node, yaml.SequenceNode):
            for index, inner in enumerate(node.value):
                entries[index] = (inner.start_mark, inner)
                if isinstance(inner.value, str):
                    entries.setdefault(inner.value, entries[index])
        self._entries[id(node)] = entries
        return entries
