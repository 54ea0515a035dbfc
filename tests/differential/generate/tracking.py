"""What instances and groups depend on: scripts, files and interfaces; and the files on disk that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.differential.case import DEVICES
from tests.differential.generate.cluster import Cluster, VirtualRouter
from tests.differential.generate.dice import Dice, block

FLAG = "/tmp/ok"
"""Scripts succeed while this file exists."""
NUMBER = "/tmp/number"
"""A tracked file."""
COMMANDS = {
    f"/usr/bin/test -e {FLAG}": 78,
    "/usr/bin/true": 12,
    "/usr/bin/false": 4,
    "/usr/bin/sleep 5": 3,
    "/tmp/missing": 2,
    f"/usr/bin/test -e {FLAG} | cat": 1,
}
"""Command of a check → in how many of a hundred."""
_WEIGHTS = (-60, -30, -5, 5, 30, 60, 120, -200)


@dataclass(frozen=True, slots=True)
class Tracking:
    """All that may be tracked in a case."""

    definitions: tuple[str, ...]
    """Blocks of keepalived.conf."""
    scripts: tuple[str, ...]
    files: dict[str, str]
    """Path → text, on every node."""
    tracked_files: tuple[str, ...]

    @property
    def uses_flag(self) -> bool:
        """True if a script looks at the flag file."""
        return any(FLAG in line for line in self.definitions)

    def used_by_instance(self, dice: Dice, router: VirtualRouter) -> Iterator[str]:
        """Yield the track_ blocks of an instance."""
        yield from self._track(dice, router.device, 70)

    def used_by_group(self, dice: Dice) -> Iterator[str]:
        """Yield the track_ blocks of a sync group."""
        yield from self._track(dice, "", 30)

    def _track(self, dice: Dice, own_device: str, percent: float) -> Iterator[str]:
        if self.scripts and dice.chance(percent):
            yield from block("track_script", [_entry(dice, name) for name in dice.some(self.scripts, 2)])
        if self.tracked_files and dice.chance(percent):
            yield from block("track_file", [_entry(dice, name) for name in self.tracked_files])
        if dice.chance(percent / 4):
            others = [device for device in DEVICES if device != own_device or dice.chance(10)]
            yield from block("track_interface", [_entry(dice, device) for device in dice.some(others, 1)])


def _entry(dice: Dice, name: str) -> str:
    """Return a line of a track_ block."""
    if dice.chance(65):
        return name
    weight = f"{name} weight {dice.pick(*_WEIGHTS)}"
    return weight + (" reverse" if dice.chance(20) else "")


def random_tracking(dice: Dice, cluster: Cluster) -> Tracking:
    """Return up to two scripts and one tracked file."""
    count = dice.weighted({0: 55, 1: 35, 2: 10})
    scripts = {f"chk_{number + 1}": _script(dice) for number in range(count)}
    tracked = {"number": _track_file(dice)} if dice.chance(15) else {}
    keyword = dice.pick("track_file", "vrrp_track_file")
    blocks = {f"vrrp_script {name}": lines for name, lines in scripts.items()}
    blocks |= {f"{keyword} {name}": lines for name, lines in tracked.items()}
    definitions = [line for head, lines in blocks.items() for line in block(head, lines)]
    files = {}
    if count and dice.chance(85):
        files[FLAG] = ""
    if tracked and dice.chance(90):
        files[NUMBER] = f"{dice.pick(0, 0, 1, 10, -10)}\n"
    return Tracking(tuple(definitions), tuple(scripts), files, tuple(tracked))


def _script(dice: Dice) -> list[str]:
    return [
        f'script "{dice.weighted(COMMANDS)}"',
        f"interval {dice.pick(1, 1, 2, 3)}",
        *dice.lines({"timeout {1|2}": 30, "fall {1|2|3}": 40, "rise {1|2|3}": 40, "init_fail": 8}),
        *([f"weight {dice.pick(*_WEIGHTS)}"] if dice.chance(45) else []),
        *([f"weight {dice.pick(*_WEIGHTS)} reverse"] if dice.chance(4) else []),
    ]


def _track_file(dice: Dice) -> list[str]:
    return [
        f"file {NUMBER}",
        *([f"weight {dice.pick(1, 2, -1, 10, -5)}"] if dice.chance(70) else []),
        *dice.lines({"init_file {0|1|5}": 15}),
    ]
