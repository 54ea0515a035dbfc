"""A topology that contradicts itself nowhere."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ValidationInfo, model_validator

from hatlab.diagnostics.location import ModelProblem
from hatlab.topology.spec import TopologySpec
from hatlab.topology.validate import find_contradictions

COLLECT = {"collect": True}
"""A validation context: leave contradictions to `Topology.problems` instead of raising."""


class Topology(TopologySpec):
    """A whole topology file."""

    @model_validator(mode="after")
    def _refuse_contradictions(self, info: ValidationInfo) -> Self:
        if info.context is not COLLECT and (problems := self.problems()):
            raise ValueError("; ".join(problem.message for problem in problems))
        return self

    def to_data(self) -> dict[str, Any]:
        """Plain data, without the version and whatever is as it would be anyway."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def problems(self) -> list[ModelProblem]:
        """Where the topology contradicts itself, in no order; empty if it can be laid out."""
        return list(find_contradictions(self))
