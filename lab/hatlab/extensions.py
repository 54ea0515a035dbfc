"""What a package imports to extend hatlab: with checks, actions, conditions and engines, by entry points.

`hatlab help extending` explains it with a whole example. The names here, and what they are made of, keep
their meaning while API_VERSION stays the same. Each is imported when it is asked for, so a package that adds
an action waits for nothing that lessons or engines need.

    hatlab.checks       a `Check`: rules of your own for `hatlab check`
    hatlab.actions      a `Verb`: something more that can be done to a lab
    hatlab.conditions   what `condition` makes: something more that a lesson can wait for
    hatlab.engines      an `EngineMaker`: something else that runs a lab, for `--engine NAME`
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hatlab.registry import API_VERSION

if TYPE_CHECKING:
    from hatlab.actions import Action, ArgKind, Parameter, Verb
    from hatlab.checks.source_file import SourceFile
    from hatlab.checks.table import Check
    from hatlab.diagnostics.finding import Finding
    from hatlab.engine.acting import Lab
    from hatlab.engine.base import Engine
    from hatlab.engine.makers import EngineMaker, EngineRequest
    from hatlab.engine.simulator.engine import SimulatorEngine
    from hatlab.errors import ActionFailed, EngineError
    from hatlab.lessons.conditions.trace import Observation
    from hatlab.lessons.conditions.vocabulary import condition

__all__ = [
    "API_VERSION",
    "Action",
    "ActionFailed",
    "ArgKind",
    "Check",
    "Engine",
    "EngineError",
    "EngineMaker",
    "EngineRequest",
    "Finding",
    "Lab",
    "Observation",
    "Parameter",
    "SimulatorEngine",
    "SourceFile",
    "Verb",
    "condition",
]
_HOMES = {
    "hatlab.actions": ("Action", "ArgKind", "Parameter", "Verb"),
    "hatlab.checks.source_file": ("SourceFile",),
    "hatlab.checks.table": ("Check",),
    "hatlab.diagnostics.finding": ("Finding",),
    "hatlab.engine.acting": ("Lab",),
    "hatlab.engine.base": ("Engine",),
    "hatlab.engine.makers": ("EngineMaker", "EngineRequest"),
    "hatlab.engine.simulator.engine": ("SimulatorEngine",),
    "hatlab.errors": ("ActionFailed", "EngineError"),
    "hatlab.lessons.conditions.trace": ("Observation",),
    "hatlab.lessons.conditions.vocabulary": ("condition",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
