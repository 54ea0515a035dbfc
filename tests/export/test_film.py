"""What a page plays: small, whole, and made of nothing that a page could take for anything but data."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from dataclasses import replace
from typing import Any

from hypothesis import given

from hatlab import events as e
from hatlab.describe.times import RunClock
from hatlab.export.html import write
from hatlab.export.html.film.pack import pack
from hatlab.export.html.film.tracks import StepTrack
from hatlab.state.steps import derive_steps
from hatlab.topology.library import load_topology
from hatlab.tui.widgets.theme import DARK_COLOURS, LIGHT_COLOURS, THEMES
from tests.support.simulated_lab import SimLab
from tests.support.story import story
from tests.texts.hostile import hostile_texts, unsafe_in


def page_of(facts: list[e.Event]) -> str:
    out = io.BytesIO()
    write(out, derive_steps(facts))
    return out.getvalue().decode()


def opened(packed: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(packed), -zlib.MAX_WBITS))


def film_of(page: str) -> Any:
    found = re.search(r'<script type="application/octet-stream" id="film">([A-Za-z0-9+/=]+)</script>', page)
    assert found is not None
    return opened(found.group(1))


@given(hostile_texts())
def test_packed_data_is_one_word_and_hides_nothing(text: str) -> None:
    packed = pack({"x": [text, {text: 1}]})
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)
    assert unsafe_in(json.dumps(opened(packed), ensure_ascii=False)) == []


def test_ends_of_scripts_and_line_separators_come_through() -> None:
    text = "</script><!-- \\u2028 ]]>"
    assert opened(pack([text])) == [text]


def test_a_track_keeps_the_last_value_of_a_moment_and_no_value_twice() -> None:
    track = StepTrack()
    for at, number in ((0, 1), (10, 1), (20, 2), (20, 3), (35, 1)):
        track.set(at, number)
    assert track.to_data() == [[0, 20, 15], [1, 3, 1]]


def test_a_run_of_two_minutes_is_a_fifth_of_what_ten_may_be() -> None:
    lab = SimLab(load_topology("two-node"))
    for line in ("kill mysqld db1", "start mysqld db1", "cut heartbeat", "heal heartbeat"):
        lab.run(20)
        lab.do(line)
    lab.run(40)
    assert len(page_of(lab.events)) < 1_000_000 / 5


def test_every_packet_is_in_the_film_with_its_fields() -> None:
    film = film_of(page_of(story(44.0)))
    packets = film["packets"]
    count = len(packets["row"])
    assert count > 30
    assert {len(packets[name]) for name in ("at", "gap", "frame", "flight")} == {count}
    fields = [packets["fields"][number] for number in packets["fieldsOf"][packets["frame"][0]]]
    assert {packets["texts"][field[0]] for field in fields} >= {"Ethernet", "IPv4", "VRRPv2"}
    lost = [row for row, flight in zip(packets["row"], packets["flight"], strict=True) if flight == 0.5]
    assert lost
    assert all("✖ never arrived" in str(packets["rows"][row]["arrived"]) for row in lost)


def test_events_to_step_through_are_in_order_and_within_the_run() -> None:
    film = film_of(page_of(story(44.0)))
    moments = film["moments"]
    assert moments == sorted(set(moments))
    assert 0 <= moments[0] < moments[-1] <= film["ends"]


def test_a_clock_of_the_day_goes_past_midnight() -> None:
    clock = RunClock.of_day("2026-11-30T23:59:58.250+01:00")
    assert [clock.format(at, 1) for at in (0.0, 1.75, 3700.0)] == ["23:59:58.2", "00:00:00.0", "01:01:38.2"]
    assert RunClock.of_day("").format(62.0) == "1:02"


def incident() -> list[e.Event]:
    lab, *_ = story(2.0)
    assert isinstance(lab, e.Lab)
    backup = e.Vrrp(at=7.0, node="db1", instance="VI_1", state="BACKUP", priority=None)
    return [
        replace(lab, engine="import", started="2026-03-29T03:12:00+02:00", sources={"db1": ["log"]}),
        replace(backup, about=1.0, evidence="db1/messages:812"),
        replace(backup, at=9.5, state="MASTER"),
    ]


def test_an_incident_says_what_is_known_how_exactly_and_from_where() -> None:
    page = page_of(incident())
    assert "<time>about 03:12:07</time>" in page
    assert "<time>03:12:09.500</time>" in page
    assert "db1/messages:812" in page
    assert "2026-03-29 03:12:00+02:00" in page


def test_what_is_not_known_of_an_incident_is_not_made_up() -> None:
    film = film_of(page_of(incident()))
    assert film["dayStart"] == (3 * 3600 + 12 * 60) * 1000
    lanes = {lane["title"]: lane["boxes"] for lane in film["lanes"]}
    assert [box[2:] for box in lanes["db2"]] == [["unknown", "not known"]]
    assert [box[2:] for box in lanes["198.18.0.100"]] == [["unknown", "not known"]]
    assert lanes["db1"][-1][3] == "MASTER"
    nodes = str(film["scenes"]["values"])
    assert "? mysqld" in nodes
    assert "? not known whether it holds 198.18.0.100" in nodes
    assert "no virtual address" not in nodes


def test_the_page_has_the_screens_colours() -> None:
    page = page_of(story(2.0))
    themes = {theme.name: theme for theme in THEMES}
    light, dark = themes["hatlab-light"], themes["hatlab-dark"]
    grounds = {
        "paper": (light.background, dark.background),
        "card": (light.surface, dark.surface),
        "panel": (light.panel, dark.panel),
        "ink": (light.foreground, dark.foreground),
    }
    shared = {name: (LIGHT_COLOURS[name], DARK_COLOURS[name]) for name in LIGHT_COLOURS}
    for name, (by_day, by_night) in {**shared, **grounds}.items():
        if f"--{name}:" in page:
            assert f"--{name}: light-dark({by_day}, {by_night});" in page
