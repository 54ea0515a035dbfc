"""An example of what a package can add to hatlab: a check, an action, a condition and an engine."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.extensions import (
    Action,
    ActionFailed,
    ArgKind,
    Check,
    EngineMaker,
    EngineRequest,
    Finding,
    Lab,
    Observation,
    Parameter,
    SimulatorEngine,
    SourceFile,
    Verb,
    condition,
)

EXTENSION_API = 1
"""The version of hatlab.extensions that this is written for."""


# A check: at our site, the network team has the router ids below 100.

_RULES = """\
### SITE001 a virtual_router_id of the network team

*warning.* Their routers may have the same id, and then two groups take each other's adverts for their own.

*Do:* use an id from 100 on.

```diff
-    virtual_router_id 51
+    virtual_router_id 151
```
"""


def find_router_ids(file: SourceFile) -> Iterator[Finding]:
    """Find each virtual_router_id below 100."""
    for instance in file.configuration.all("vrrp_instance"):
        for line in instance.all("virtual_router_id"):
            number = line.value()
            if number.isdecimal() and int(number) < 100:
                yield file.finding(
                    "SITE001", f"{number} is an id of the network team", line.line, line.column
                )


ROUTER_IDS = Check("router-ids", "configuration", find_router_ids, _RULES)


# An action: kill a service wherever the virtual address is just now.


def strike(lab: Lab, action: Action) -> str:
    """Kill a service on the one node that holds the first virtual address."""
    owners = lab.state.owners(lab.layout.vip_addresses[0])
    if len(owners) != 1:
        raise ActionFailed(f"{len(owners)} nodes hold the address", "wait until one node holds it")
    (node,) = owners
    return lab.do(f"kill {action.need(ArgKind.SERVICE)} {node}")


STRIKE = Verb(
    "strike",
    (Parameter(ArgKind.SERVICE),),
    "Kill {service} wherever the virtual address is",
    "Like `kill`, but you need not know which node holds the virtual address.",
    "strike mysqld",
    group="process",
    carry_out=strike,
)


# A condition: a lesson can wait until a node could take over.


@condition("ready NODE", "it could take over: a Backup whose mysqld runs and replicates", "ready db2")
def ready(seen: Observation, name: str) -> bool:
    """True if a node is Backup, and its mysqld has what the Master's has."""
    node = seen.node(name)
    replica = node.replica
    return (
        all(instance.reported == "BACKUP" for instance in node.instances.values())
        and node.service("mysqld").state == "up"
        and replica is not None
        and replica.receiver
        and replica.applier
    )


# An engine: the simulator, at a quarter of the speed.


class SlowMotion(SimulatorEngine):
    """The simulator, in which a second takes four."""

    name = "slow-motion"


def make_slow_motion(request: EngineRequest) -> SlowMotion:
    """Return a lab that is not started yet."""
    return SlowMotion(
        request.name,
        request.topology,
        seed=request.seed or 0,
        reason=request.reason,
        speed=0.25,
        paced=request.paced,
        open_editor=request.open_editor,
    )


SLOW_MOTION = EngineMaker("slow-motion", "the simulator, at a quarter of the speed", make_slow_motion)
