"""Reads a topology file and finds all that is wrong with it, by line and column. Pure: bytes in.

An error in one part does not hide those in others: what cannot be used is left out, and the rest is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hatlab.diagnostics.finding import Finding, did_you_mean, sort_findings
from hatlab.diagnostics.location import KEY, ModelProblem
from hatlab.diagnostics.model_errors import validation_problems
from hatlab.diagnostics.yaml_source import (
    Problem,
    SourceMap,
    compose,
    decode_text,
    duplicate_keys,
)
from hatlab.topology import COLLECT, Topology
from hatlab.topology.lint import find_traps

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from yaml.nodes import Node

MOST_BYTES = 1_000_000
_ROUNDS = 12
_MOST_ERRORS = 300
"""With more the rest is not worth checking."""
_ACROSS_INSTANCES = {f"TP0{n}" for n in (30, 31, 40, 43, 44, 47, 56, 57, 63, 64)}
"""Codes of traps that depend on more than one instance."""
_STAND_INS: dict[str, Any] = {"version": 1, "title": "", "vrid": 1, "priority": 1, "network": "networks"}
"""For a value that is missing; a word means any name of that part of the file."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """A topology file's contents."""

    topology: Topology | None
    """None if there is an error."""
    findings: tuple[Finding, ...]
    """What is wrong, in the order of the file."""
    source_map: SourceMap | None = None
    """Where its parts stand; None if it cannot be read at all."""


def parse_topology(raw: bytes) -> ParseResult:
    """Read a topology from a file's bytes, with everything wrong with it. Never raises, in bounded time."""
    problems: list[Problem] = []
    root, data = _parse_yaml(raw, problems)
    if root is None:
        return ParseResult(None, _to_findings(problems))
    source_map = SourceMap(root)
    problems += duplicate_keys(root)
    defined = {kind: _keys(data, f"{kind}s") for kind in ("network", "node", "check", "instance")}
    defined["host"] = defined["node"] | _keys(data, "clients")
    topology, errors = _validate_parts(data)
    problems += validation_problems(source_map, errors, Topology)
    if topology is not None:
        for problem in (*topology.problems(), *_independent_of(errors, find_traps(topology))):
            if problem.name not in defined.get(problem.kind, ()):
                guess = did_you_mean(problem.name, defined[problem.kind]) if problem.kind else ""
                problems.append(source_map.problem(problem.number, problem.loc, problem.message + guess))
    findings = _to_findings(problems)
    is_sound = not any(finding.severity == "error" for finding in findings)
    return ParseResult(topology if is_sound else None, findings, source_map)


def _to_findings(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    return sort_findings(problem.finding("TP") for problem in problems)


def _parse_yaml(raw: bytes, problems: list[Problem]) -> tuple[Node | None, dict[Any, Any]]:
    """The file as nodes (with marks) and as data; no node, and a problem, if it is no mapping."""
    text = decode_text(raw, MOST_BYTES)
    if isinstance(text, Problem):
        problems.append(text)
        return None, {}
    root, data = compose(text, problems)
    if problems or isinstance(data, dict):
        return root, data
    kind = "this file is empty" if data is None else f"a {type(data).__name__}"
    message = f"a topology must be a mapping that starts with 'version: 1', not {kind}"
    problems.append(Problem("007", 1, 1, message))
    return None, {}


def _keys(data: Any, key: str) -> set[str]:
    inner = data.get(key)
    return {str(name) for name in inner} if isinstance(inner, dict | list) else set()


def _validate_parts(data: dict[Any, Any]) -> tuple[Topology | None, list[ErrorDetails]]:
    """The topology without its invalid parts (None if nothing is left), and what is wrong with those.

    Leaves those parts out of `data`.
    """
    from pydantic import ValidationError

    first_errors: list[ErrorDetails] = []
    for _ in range(_ROUNDS):
        try:
            return Topology.model_validate(data, context=COLLECT), first_errors
        except ValidationError as error:
            errors = error.errors(include_url=False)
            first_errors = first_errors or errors
            if len(errors) > _MOST_ERRORS or not all(_leave_out(data, each) for each in errors):
                break
    return None, first_errors


def _leave_out(data: Any, error: ErrorDetails) -> bool:
    """Removes the part that an error is about; False if that is the whole file."""
    loc = [part for part in error["loc"] if part != KEY]
    if error["type"] == "missing":
        if loc[-1] in _STAND_INS:
            return _put_stand_in(data, loc)
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


def _put_stand_in(data: dict[Any, Any], loc: list[int | str]) -> bool:
    """Gives a missing value a harmless one, so that the rest of its part is checked; False if it cannot."""
    owner: Any = data
    for part in loc[:-1]:
        owner = owner.get(part) if isinstance(owner, dict) else None
    if not isinstance(owner, dict):
        return False
    value = _STAND_INS[str(loc[-1])]
    owner[loc[-1]] = next(iter(sorted(_keys(data, value))), "none") if isinstance(value, str) else value
    return True


def _independent_of(errors: list[ErrorDetails], problems: Iterable[ModelProblem]) -> Iterator[ModelProblem]:
    """The problems that are true whatever the parts with errors were meant to say."""
    invalid = {tuple(error["loc"][:2]) for error in errors}
    invalid_instances = any(loc[:1] == ("instances",) for loc in invalid)
    for problem in problems:
        across = problem.code in _ACROSS_INSTANCES and invalid_instances
        if problem.loc[:2] not in invalid and not across:
            yield problem
