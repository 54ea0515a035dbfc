"""The whole of a topology file, as a person writes it (YAML, version 1)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from hatlab.diagnostics.location import ModelProblem
from hatlab.topology.spec import (
    PROGRAMS,
    Check,
    ClientSpec,
    FaultLine,
    Instance,
    Name,
    NetworkSpec,
    NodeSpec,
    ReplicationSpec,
    Sql,
    names_to_mapping,
    short,
)
from hatlab.topology.validate import find_contradictions

COLLECT = {"collect": True}
"""A validation context: leave contradictions to `Topology.problems` instead of raising."""


class Topology(BaseModel):
    """A whole topology file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    title: Annotated[str, Field(max_length=120)]
    description: Annotated[str, Field(max_length=4000)] = ""
    networks: Annotated[
        dict[Name, NetworkSpec], BeforeValidator(names_to_mapping), Field(min_length=1, max_length=8)
    ]
    nodes: Annotated[dict[Name, NodeSpec], short("octet"), Field(min_length=1, max_length=16)]
    instances: dict[Name, Instance] = {}
    sync_groups: dict[Name, Annotated[tuple[Name, ...], Field(min_length=2)]] = {}
    checks: dict[Name, Check] = {}
    replication: ReplicationSpec = ReplicationSpec()
    clients: dict[Name, ClientSpec] = {}
    sql: dict[Name, Annotated[tuple[Sql, ...], Field(max_length=100)]] = {}
    faults: Annotated[tuple[FaultLine, ...], Field(max_length=32)] = ()

    @model_validator(mode="after")
    def _references(self, info: ValidationInfo) -> Self:
        if info.context is not COLLECT and (problems := self.problems()):
            raise ValueError("; ".join(problem.message for problem in problems))
        return self

    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""
        spec = self.nodes.get(node)
        return PROGRAMS[spec.service] if spec else ()

    def pinged(self, client: str) -> str | None:
        """The host that a client pings; None if it logs in to mysqld, or is no client."""
        spec = self.clients.get(client)
        return spec.probe.ping if spec and spec.probe else None

    def problems(self) -> list[ModelProblem]:
        """Where the topology contradicts itself, in no order; empty if it can be laid out."""
        return list(find_contradictions(self))

    def networks_of(self, name: str) -> tuple[str, ...]:
        """The networks a node or client is on."""
        if name in self.clients:
            return (self.clients[name].network,)
        own = self.nodes[name].networks
        return tuple(self.networks) if own is None else own
