"""Draws trials by seed: what hatlab does when it is killed, how, and who clears up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

STAGES = {"start": 8, "ready": 2, "fault": 3, "reset": 3, "down": 3, "build": 1}
"""What hatlab is doing → how often."""
SIGNALS = {"KILL": 6, "TERM": 1, "HUP": 1, "terminal closed": 1}
"""How it ends → how often."""
CLEARERS = {"down": 4, "status, then down": 2, "next start": 1, "lease, then down": 1}
"""Who removes what a killed hatlab left → how often."""
_LONGEST = {"start": 7.0, "ready": 1.0, "fault": 2.0, "reset": 5.0, "down": 2.5, "build": 4.0}
"""Stage → seconds within which the end comes."""
_TOPOLOGIES = ("gateway", "two-node", "gateway")
_FAULTS = {
    "two-node": ("kill mysqld db1", "cut heartbeat", "power off db2", "pause db1", "link down lan db1"),
    "gateway": ("kill keepalived r1", "cut lan", "power off r2", "pause r1", "link down lan r1"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One trial."""

    number: int
    topology: str
    on_screen: bool
    stage: str
    action: str
    """The fault, in the stage `fault`."""
    signal: str
    delay: float
    """Seconds from the beginning of the stage."""
    clearer: str

    def __str__(self) -> str:
        front = "screen" if self.on_screen else "headless"
        did = f"{self.stage} ({self.action})" if self.action else self.stage
        return (
            f"#{self.number} {self.topology} {front} {did} +{self.delay:.2f} s {self.signal}; {self.clearer}"
        )


def draw_plans(count: int, seed: int, stages: tuple[str, ...] = tuple(STAGES)) -> Iterator[Plan]:
    """Yield trials, the same for the same seed."""
    for number in range(1, count + 1):
        chance = random.Random(f"{seed}-{number}")
        stage = chance.choices(stages, [STAGES[name] for name in stages])[0]
        topology = chance.choice(_TOPOLOGIES)
        on_screen = stage != "build" and chance.random() < 0.4
        signals = {n: weight for n, weight in SIGNALS.items() if on_screen or n != "terminal closed"}
        yield Plan(
            number,
            topology,
            on_screen,
            stage,
            chance.choice(_FAULTS[topology]) if stage == "fault" else "",
            chance.choices([*signals], [*signals.values()])[0],
            chance.uniform(0.05, _LONGEST[stage]),
            chance.choices([*CLEARERS], [*CLEARERS.values()])[0],
        )
