"""The priorities that check counts with (KA307 to KA309) are those that keepalived comes to."""

from __future__ import annotations

import re

import pytest

from hatlab.keepalived import read_settings
from hatlab.keepalived.diagnose.pair.takeover import effective_priority
from tests.docker.daemon import run_keepalived

pytestmark = pytest.mark.docker

CASES: list[tuple[int, str, str]] = [
    (150, "good weight 20", ""),
    (150, "bad weight 20", "bad"),
    (150, "good weight -60", ""),
    (150, "bad weight -60", "bad"),
    (250, "good weight 20", ""),
    (250, "bad weight 20", "bad"),
    (20, "bad weight -60", "bad"),
    (150, "good weight 20 reverse", ""),
    (150, "bad weight 20 reverse", "bad"),
    (150, "bad weight -20 reverse", "bad"),
    (150, "good weight 10\n        bad weight -30", "bad"),
    (255, "bad weight -60", "bad"),
]
"""Priority, lines of track_script, and the check that fails."""
HEAD = """\
global_defs {
    script_user root
    enable_script_security
}
vrrp_script good {
    script /usr/bin/true
    interval 1
}
vrrp_script bad {
    script /usr/bin/false
    interval 1
}
"""
INSTANCE = """\
vrrp_instance VI_{number} {{
    interface eth0
    virtual_router_id {number}
    priority {priority}
    virtual_ipaddress {{
        192.0.2.{number}/24
    }}
    track_script {{
        {lines}
    }}
}}
"""
CONF = HEAD + "".join(
    INSTANCE.format(number=number, priority=priority, lines=lines)
    for number, (priority, lines, _) in enumerate(CASES, 1)
)


@pytest.fixture(scope="module")
def log() -> str:
    return run_keepalived(CONF, {}, 3)


@pytest.mark.parametrize("number", range(1, len(CASES) + 1))
def test_the_effective_priority_is_the_daemon_s(log: str, number: int) -> None:
    priority, _, failing = CASES[number - 1]
    changes = re.findall(rf"\(VI_{number}\) Changing effective priority from \d+ to (\d+)", log)
    settings = read_settings(CONF)[f"VI_{number}"]
    failed = next((track for track in settings.tracks if track.name == failing), None)
    assert effective_priority(settings, failed) == int(changes[-1] if changes else priority)
