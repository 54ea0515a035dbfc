"""Reads a topology file and finds all that is wrong with it, each fault with its place. Pure: bytes in.

A fault in one part does not hide those in others: what cannot be used is left out, and the rest is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.diagnostics.location import KEY, ModelProblem
from hatlab.diagnostics.rules.topology import RULES
from hatlab.diagnostics.yaml_source import (
    Problem,
    SourceMap,
    compose,
    decode_text,
    duplicate_keys,
    validation_problems,
)
from hatlab.topology import COLLECT, Topology
from hatlab.topology.lint import find_traps

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from yaml.nodes import Node

MOST_BYTES = 1_000_000
_ROUNDS = 12
_MOST_FAULTS = 300
"""With more the rest is not worth checking."""
_STAND_INS: dict[str, Any] = {"version": 1, "title": "", "vrid": 1, "priority": 1, "network": "networks"}
"""For a value that is missing or faulty; a word means any name of that part of the file."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """A topology file's contents.

    Attributes:
        topology: what it describes, None if there is an error.
        findings: what is wrong, in the order of the file.
        places: where its parts stand, None if it cannot be read at all.
    """

    topology: Topology | None
    findings: tuple[Finding, ...]
    places: SourceMap | None = None


def parse_topology(raw: bytes) -> ParseResult:
    """The topology in a file's bytes and everything wrong with it. Never raises, in bounded time."""
    faults: list[Problem] = []
    root, data = _yaml(raw, faults)
    if root is None:
        return ParseResult(None, tuple(map(_finding, faults)))
    places = SourceMap(root)
    faults += duplicate_keys(root)
    names = {kind: _keys(data, f"{kind}s") for kind in ("network", "node", "check", "instance")}
    names["host"] = names["node"] | _keys(data, "clients")
    topology, errors = _validated(data)
    findings = [*map(_finding, faults), *map(_finding, validation_problems(places, errors, Topology))]
    if topology is not None:
        problems = [*topology.problems(), *_certain(find_traps(topology), errors)]
        findings += [
            _contradiction(places, p, names) for p in problems if p.name not in names.get(p.kind, ())
        ]
    findings.sort(key=lambda f: (f.line, f.column, f.code))
    sound = not any(finding.severity == "error" for finding in findings)
    return ParseResult(topology if sound else None, tuple(findings), places)


def _yaml(raw: bytes, faults: list[Problem]) -> tuple[Node | None, dict[Any, Any]]:
    """The file as nodes (with marks) and as data; None and faults if it cannot be read as a mapping."""
    text = decode_text(raw, MOST_BYTES)
    if isinstance(text, Problem):
        faults.append(text)
        return None, {}
    root, data = compose(text, faults)
    if faults or isinstance(data, dict):
        return root, data
    found = "an empty file" if data is None else f"a {type(data).__name__}"
    message = f"a topology is a mapping that begins with 'version: 1', not {found}"
    faults.append(Problem("007", 1, 1, message))
    return None, {}


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


def _certain(problems: Iterable[ModelProblem], errors: list[ErrorDetails]) -> Iterator[ModelProblem]:
    """Those that do not depend on a part with an error."""
    faulty = {tuple(error["loc"][:2]) for error in errors}
    instances = any(loc[:1] == ("instances",) for loc in faulty)
    for problem in problems:
        across = problem.code in {
            *("TP030", "TP031", "TP040", "TP043", "TP044"),
            *("TP056", "TP057", "TP063", "TP064"),
        }
        if problem.loc[:2] not in faulty and not (across and instances):
            yield problem


def _contradiction(places: SourceMap, problem: ModelProblem, names: dict[str, set[str]]) -> Finding:
    guess = did_you_mean(problem.name, names[problem.kind]) if problem.kind else ""
    line, column = places.position(problem.loc)
    return RULES[problem.code].finding(line, column, problem.message + guess)


def _finding(fault: Problem) -> Finding:
    return RULES[f"TP{fault.number}"].finding(fault.line, fault.column, fault.message)
