"""Line by line: what real keepalived logged and sent, and what the simulator does in the same story."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hatlab.engine.simulator.world import World
from tests.parity.timeline import Story, differing_lines, play, read_measured

WITHIN = 0.05
"""Seconds by which a line may come earlier or later."""


EXEC = 0.068
"""Seconds that the command which started A took before there was a process."""


def begin(world: World) -> None:
    world.clock.call_after(EXEC, world.nodes["a"].keepalived.spawn)


def service(verb: str) -> Callable[[World], None]:
    return lambda world: getattr(world.nodes["a"].keepalived, verb)()


def filters(**percent: float) -> Callable[[World], None]:
    def act(world: World) -> None:
        for name, share in percent.items():
            world.nodes[name].set_filter("net", share)

    return act


def link(network: str, up: bool) -> Callable[[World], None]:
    return lambda world: world.nodes["a"].set_link(network, up)


def answering(ok: bool) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.nodes["a"].mysqld.answering = ok

    return act


OWNER = {"priority": 255, "state": "MASTER"}
CHECK = {"interval": 2, "fall": 2, "rise": 2}
SCRIPT = {"rm ok (script fails)": answering(False), "touch ok": answering(True)}
STORIES = (
    Story("sigkill", {"SIGKILL all keepalived on A": service("kill"), "restart A": begin}),
    Story("sigstop", {"SIGSTOP all keepalived on A": service("freeze"), "SIGCONT A": service("thaw")}),
    Story("preempt", {"start A (prio150 BACKUP preempt)": begin}, first=("b",)),
    Story(
        "nopreempt",
        {
            "SIGTERM A": service("stop"),
            "start A": begin,
            "cut": filters(a=100, b=100),
            "heal (nopreempt both, A prio150 B prio100, both MASTER)": filters(a=0, b=0),
        },
        members={"a": {"nopreempt": True}, "b": {"nopreempt": True}},
        silent=(14.38, 21.788),
    ),
    Story(
        "heartbeat-cut",
        {"cut proto112 in+out at A (nft)": filters(a=100, b=100), "heal": filters(a=0, b=0)},
        silent=(6.3, 14.8586),
    ),
    Story(
        "one-way-loss", {"one-way cut: B drops incoming 112": filters(b=100), "heal": filters(b=0)}, races=5
    ),
    Story("track-fault", SCRIPT, check=CHECK),
    Story("track-weight", SCRIPT, check={**CHECK, "weight": -60}),
    Story(
        "track-interface",
        {
            "vt0 down": link("vt", False),
            "vt0 up": link("vt", True),
            "A own eth0 down": link("net", False),
            "eth0 up": link("net", True),
        },
        track=True,
    ),
    Story("password-mismatch", edits={"b": ("auth_pass 1111", "auth_pass 2222")}),
    Story("v2-interval-mismatch", members={"b": {"interval": 2}}),
    Story("ttl-not-255", tamper=lambda frame: frame[:22] + b"\x40" + frame[23:], races=16),
    Story("bad-checksum-v3", tamper=lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]), version=3, races=2),
    Story("vrid-mismatch", edits={"b": ("virtual_router_id 51", "virtual_router_id 52")}),
    Story(
        "owner-255",
        {"start A prio 255 MASTER": begin, "kill9": service("kill")},
        first=("b",),
        members={"a": OWNER},
    ),
    Story("two-owners-255", members={"a": OWNER, "b": OWNER}),
    Story(
        "ipv6",
        {
            "cut": filters(a=100, b=100),
            "heal": filters(a=0, b=0),
            "SIGSTOP all keepalived on A": service("freeze"),
            "SIGCONT A": service("thaw"),
            "SIGTERM A": service("stop"),
        },
        version=3,
        family="ipv6",
    ),
    Story(
        "child-killed",
        {
            "SIGKILL vrrp child on A": service("kill_child"),
            "SIGSTOP vrrp child only": service("freeze"),
            "CONT child": service("thaw"),
        },
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.file)
def test_the_simulator_says_and_sends_what_real_keepalived_did(story: Story) -> None:
    measured, acts = read_measured(story.file)
    assert {text for _, text in acts} == set(story.acts)
    starts = {name: next(m.at for m in measured if m.node == name) for name in story.first}
    simulated = play(story, starts, acts, measured[-1].at + WITHIN / 2)
    lines = differing_lines(measured, simulated, WITHIN)
    assert len(lines) <= story.races, "\n".join(lines)
