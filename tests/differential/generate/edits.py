"""Edits of a keepalived.conf that a reload then reads."""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.generate.dice import Dice

EVERY_PRIORITY = (30, 70, 110, 130, 170, 220, 254)


def random_edit(dice: Dice, conf: str) -> tuple[str, str]:
    """Return (an edit, the edit that takes it back) of one line; sometimes of none: a reload alone."""
    lines = [line.strip() for line in conf.splitlines()]
    changes = _changes(dice, lines)
    editable = [line for line in lines if line.split(" ")[0] in changes and lines.count(line) == 1]
    if not editable or dice.chance(15):
        return " => ", " => "
    old = dice.pick(*editable)
    if dice.chance(10):
        return f"{old} => ", f"{old} => "
    new = changes[old.split(" ")[0]]()
    first, _, added = new.partition("\\n")
    return f"{old} => {new}", f"{added} => " if added and first == old else f"{first} => {old}"


def _changes(dice: Dice, lines: list[str]) -> dict[str, Callable[[], str]]:
    """Return the first word of a line → what makes another line of it."""
    address = next(line for line in lines if line.startswith(("198.18.", "fd00:")))
    bare = address.split()[0].partition("/")[0]
    vrid = next(line for line in lines if line.startswith("virtual_router_id"))
    interface = next(line for line in lines if line.startswith("interface"))
    # the simulator does not model a daemon that waits for an interface
    elsewhere = interface if "dynamic_interfaces" in lines else f"{interface}9"
    return {
        "priority": lambda: f"priority {dice.pick(*EVERY_PRIORITY)}",
        "advert_int": lambda: f"advert_int {dice.pick(1, 2)}",
        "virtual_router_id": lambda: dice.pick(
            f"virtual_router_id {dice.pick(51, 61, 62)}",
            f"{vrid}\\nnopreempt",
            f"{vrid}\\npreempt_delay 2",
            f"{vrid}\\nno_such_keyword",
        ),
        "state": lambda: f"state {dice.pick('MASTER', 'BACKUP')}",
        "weight": lambda: f"weight {dice.pick(-60, 60, 20)}",
        "auth_pass": lambda: "auth_pass 3333",
        "preempt_delay": lambda: "preempt_delay 1",
        "interval": lambda: "interval 1",
        "vrrp_instance": lambda: "vrrp_instance RENAMED {",
        address.split(" ")[0]: lambda: f"{address}\\n{bare[:-1]}9",
        "virtual_ipaddress": lambda: "virtual_ipaddress",
        "interface": lambda: dice.pick(elsewhere, "interface eth1"),
        "unicast_src_ip": lambda: "",
    }
