"""The story of logs that say less than today's: keepalived before 2.0."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.sources import find_zone
from hatlab.incident.story import tell_story
from hatlab.incident.story_text import to_text

HEARD = [
    ("Received higher prio advert", "Its log does not say whose advert it was."),
    ("Received advert with higher priority 150, ours 100", "heard another node with priority 150"),
]


@pytest.mark.parametrize(("line", "told"), HEARD)
def test_a_master_that_yields_says_no_more_than_its_log(tmp_path: Path, line: str, told: str) -> None:
    stamp = "2015-06-23T13:41:16.1+02:00 db1 Keepalived_vrrp[302]: VRRP_Instance(VI_1)"
    lines = ("Transition to MASTER STATE", "Entering MASTER STATE", line, "Entering BACKUP STATE")
    (tmp_path / "db1").mkdir()
    (tmp_path / "db1" / "messages").write_text("".join(f"{stamp} {text}\n" for text in lines))
    story = tell_story(import_incident(find_files([str(tmp_path / "db1")]), zone=find_zone("UTC")).events)
    text = " ".join(to_text(story).split())
    assert told in text
    assert "heard with" not in text


def test_a_wait_is_not_counted_by_settings_that_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "db1").mkdir()
    stamp = "2015-06-23T13:41:16+02:00 db1 Keepalived_vrrp[302]: (VI_1)"
    (tmp_path / "db1" / "messages").write_text(f"{stamp} Entering MASTER STATE\n")
    story = tell_story(import_incident(find_files([str(tmp_path / "db1")]), zone=find_zone("UTC")).events)
    assert "3.61 s" not in to_text(story)
