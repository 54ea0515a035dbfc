"""The page in a real browser: played by mouse and keys, linked to, read without scripts, printed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.export.html.film.filming import is_constant
from hatlab.export.html.film.scene import node_scene, wire_scene
from hatlab.state.model import LabState
from hatlab.state.steps import derive_steps
from hatlab.topology.library import load_topology
from hatlab.views.lab_view import condition_sentences, node_view
from hatlab.views.wire import advert_networks, wire_senders, wire_title
from tests.export.player.conftest import Opener, write_page
from tests.support.browser import Page
from tests.support.simulated_lab import SimLab
from tests.support.story import story
from tests.texts.fields import hostile_recording
from tests.texts.hostile import ATTACKS, random_text, unsafe_in

READY = next(x.at for x in story(44.0) if isinstance(x, e.Phase) and x.name == "ready" and x.done)
MOST_LOOKS = 40
"""Moments of a run at which the page and the screen are compared."""
LOOK = """(() => ({
  nodes: Object.fromEntries([...document.querySelectorAll('.node')].map((node) => [
    node.getAttribute('aria-label'),
    [node.className.replace('node is-', ''),
     ...[...node.querySelectorAll('.rows .row, .answers')].map((row) => row.textContent)],
  ])),
  wires: [...document.querySelectorAll('.wire-title, .caption')].map((text) => text.textContent),
  banner: [...document.querySelectorAll('#banner:not([hidden]) span')].map((line) => line.textContent),
}))()"""
"""What the map shows in words."""


def now(page: Page) -> float:
    """The moment that is shown, s."""
    return float(page.run("document.getElementById('scrub').getAttribute('aria-valuenow')"))


def is_paused(page: Page) -> bool:
    return bool(page.run("document.getElementById('play').getAttribute('aria-label') === 'play'"))


def on_screen(state: LabState) -> dict[str, Any]:
    """The words of hatlab's own screen."""
    assert state.layout is not None
    nodes = {name: node_scene(node_view(state, name, timers=False)) for name in state.nodes}
    wires = [
        wire_scene(wire_title(state, name, nodes), wire_senders(state, name, nodes))
        for name, nodes in advert_networks(state.layout).items()
    ]
    return {
        "nodes": {
            name: [
                scene["tone"],
                *("".join(text for text, _ in row) for row in scene["rows"]),
                scene["answers"],
            ]
            for name, scene in nodes.items()
        },
        "wires": [
            text for wire in wires for text in (wire["title"][0], *(s["caption"][0] for s in wire["senders"]))
        ],
        "banner": condition_sentences(state),
    }


def _words(row: list[list[str]]) -> str:
    return "".join(text for text, _ in row)


@pytest.mark.parametrize(
    ("topology", "script"),
    [
        ("two-node", ("kill mysqld db1", "cut heartbeat", "power off db2")),
        ("three-node", ("stop keepalived db1", "pause db2")),
        ("load-sharing", ("stop keepalived db1", "link down lan db2")),
        ("ipv6", ("power off db1",)),
        ("gateway", ("stop keepalived r1", "power off r2")),
    ],
)
def test_the_map_shows_what_hatlabs_screen_shows(
    topology: str, script: tuple[str, ...], opened: Opener, tmp_path: Path
) -> None:
    lab = SimLab(load_topology(topology))
    lab.run(6)
    for line in script:
        lab.do(line, wait=6)
    steps = list(derive_steps(lab.events))
    states = {round(s.after.at * 1000): s.after for s in steps if not is_constant(s.event) and s.after.layout}
    states = {at: states[at] for at in sorted(states)[:: 1 + len(states) // MOST_LOOKS]}
    page = opened(write_page(tmp_path / "x.html", lab.events), "#t=0.0001")
    looks = page.run(
        f"""(async () => {{
          const looks = [];
          for (const at of {json.dumps([*states])}) {{
            const arrived = new Promise((come) => addEventListener('hashchange', come, {{ once: true }}));
            location.hash = `#t=${{at / 1000}}`;
            await arrived;
            looks.push({LOOK});
          }}
          return looks;
        }})()"""
    )
    assert len(looks) == len(states) > 10
    for look, (at, state) in zip(looks, states.items(), strict=True):
        assert list(look.values()) == list(on_screen(state).values()), at


def test_keys_go_through_time(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=10")
    steps: list[tuple[str, bool, Callable[[float], bool]]] = [
        ("ArrowRight", False, lambda at: at == 11),
        ("ArrowRight", True, lambda at: at == 21),
        ("ArrowLeft", False, lambda at: at == 20),
        ("End", False, lambda at: at > 43),
        ("Home", False, lambda at: at == 0),
        (".", False, lambda at: 0 < at < 2),
        (",", False, lambda at: at == 0),
    ]
    for key, shift, holds in steps:
        page.press(key, shift=shift)
        assert holds(now(page)), key
    page.press(" ")
    page.wait_for("Number(document.getElementById('scrub').getAttribute('aria-valuenow')) > 0.3")
    assert not is_paused(page)
    page.press(" ")
    assert is_paused(page)
    for key, speed in ((">", "2"), ("<", "1"), ("<", "0.5"), ("4", "4"), ("0", "10")):
        page.press(key)
        assert page.run("document.getElementById('speed').value") == speed
    assert page.run("document.activeElement === document.body")


def test_events_are_stepped_through_one_by_one(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=9")
    found = []
    for _ in range(12):
        page.press(".")
        found.append(now(page))
    assert found == sorted(set(found))
    for at in reversed(found[:-1]):
        page.press(",")
        assert now(page) == at


def test_the_address_says_the_moment_and_leads_to_one(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=12.4")
    assert (now(page), is_paused(page)) == (12.4, True)
    page.run("location.hash = '#t=0:31.25'")
    page.wait_for("document.getElementById('scrub').getAttribute('aria-valuenow') === '31.25'")
    page.press("ArrowRight")
    page.wait_for("location.hash === '#t=32.25'")
    length = page.run("history.length")
    page.press("5")
    page.press(" ")
    page.wait_for("Number(location.hash.slice(3)) > 34")
    assert page.run("history.length") == length  # playing leaves nothing to go back through
    page.run("location.hash = '#nonsense'")
    assert now(page) > 33


def test_a_page_begins_where_the_lab_is_ready(opened: Opener, story_page: Path) -> None:
    assert now(opened(story_page)) == pytest.approx(READY, abs=0.01)


def test_the_mouse_scrubs_zooms_and_chooses(opened: Opener, story_page: Path) -> None:
    page = opened(story_page)
    page.click("#scrub", 0.5)
    assert now(page) == pytest.approx(22, abs=0.3)
    width = page.run("document.getElementById('scrub').clientWidth")
    page.click("#zoom-in")
    assert page.run("document.getElementById('scrub').clientWidth") == pytest.approx(2 * width, abs=2)
    page.click("#next")
    assert now(page) > 22
    page.click("#play")
    assert not is_paused(page)
    page.click(".events li:nth-child(5) time a")
    page.wait_for("document.getElementById('play').getAttribute('aria-label') === 'play'")
    entry = page.run("document.querySelector('.events li:nth-child(5)').dataset.at")
    page.wait_for(f"document.getElementById('scrub').getAttribute('aria-valuenow') == {float(entry)}")


def test_adverts_cross_the_wire_and_die_at_a_cut(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=8.0")
    sent = [round(x.at, 3) for x in story(44.0) if isinstance(x, e.Advert) and x.direction == "sent"]
    arriving, dying = next(at for at in sent if at > 6), next(at for at in sent if at > 31)
    seen = "[...document.querySelectorAll('.flight:not([hidden])')].map((each) => each.textContent)"
    place = "document.querySelector('.flight:not([hidden])').style.left"
    page.run(f"location.hash = '#t={arriving + 0.15}'")
    page.wait_for(f"{seen}.join() === '150' && Math.abs(parseFloat({place}) - 25) < 1")
    page.run(f"location.hash = '#t={dying + 0.5}'")
    page.wait_for(f"{seen}.includes('╳')")


def test_why_is_told_with_its_sum_and_its_line(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=5")
    told = page.run("document.getElementById('why').textContent")
    assert "3 × 1 s + skew 0.414 s = 3.414 s" in told
    assert "keepalived.conf:" in told
    page.press("Home")
    assert page.run("document.getElementById('why').textContent") == "Nothing to explain yet."


def test_a_packet_is_explained_field_by_field(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=8")
    page.click(".packet-row.is-current")
    text = page.run("document.getElementById('packet').textContent")
    assert "VRRP v2 VRID 51 prio 150" in text
    page.run(
        "[...document.querySelectorAll('.field')].find((f) => f.textContent.startsWith('priority')).click()"
    )
    assert "priority 150" in page.run("document.querySelector('.says').textContent")
    assert page.run("document.querySelectorAll('.bytes .is-chosen').length") == 1
    page.run("document.getElementById('packet-list').focus()")
    before = now(page)
    page.press("ArrowDown")
    assert now(page) > before
    assert page.run("document.querySelectorAll('[role=option][aria-selected=true]').length") == 1


def test_dark_and_light_follow_the_reader_and_the_switch(opened: Opener, story_page: Path) -> None:
    page = opened(story_page)
    paper = "getComputedStyle(document.body).backgroundColor"
    page.prefer(color_scheme="dark")
    assert page.run(paper) == "rgb(16, 20, 27)"
    page.click("#theme")
    assert page.run(paper) == "rgb(244, 246, 249)"
    page.prefer(color_scheme="light")
    page.click("#theme")
    assert page.run(paper) == "rgb(16, 20, 27)"


def test_without_scripts_there_is_the_report(opened: Opener, story_page: Path) -> None:
    page = opened(story_page)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(story_page)
    assert page.is_visible(".still svg")
    assert page.is_visible(".events li")
    assert not page.is_visible("#player")


def test_on_paper_there_is_the_report(opened: Opener, story_page: Path) -> None:
    page = opened(story_page)
    assert not page.is_visible(".still svg")
    page.prefer(color_scheme="dark", media="print")
    assert page.is_visible(".still svg")
    assert not page.is_visible("#player")
    assert page.run("getComputedStyle(document.body).color") == "rgb(29, 37, 48)"
    assert page.print().startswith(b"%PDF")


def test_motion_is_left_out_where_it_is_not_wanted(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=8")
    page.prefer(reduced_motion="reduce")
    page.press(" ")
    moments = page.run(
        """new Promise((resolve) => {
          const seen = new Set();
          const look = () => {
            const at = document.getElementById('scrub').getAttribute('aria-valuenow');
            seen.add(at);
            if (Number(at) > 9.2) resolve([...seen]);
            else requestAnimationFrame(look);
          };
          look();
        })"""
    )
    assert len(moments) <= 4


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_shows_all_of_it(width: int, opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=31")
    page.size(width, 844)
    assert page.run("document.scrollingElement.scrollWidth") <= width
    assert page.is_visible("#play")


def test_who_cannot_see_it_is_told(opened: Opener, story_page: Path) -> None:
    page = opened(story_page, "#t=9")
    nameless = page.run(
        "[...document.querySelectorAll('#player button, #player select, #player [role]')]"
        ".filter((each) => !each.ariaLabel && !each.textContent && each.role !== 'presentation')"
        ".map((each) => each.outerHTML)"
    )
    assert nameless == []
    assert "db1 MASTER" in page.run("document.getElementById('scrub').getAttribute('aria-valuetext')")
    page.press(".")
    assert page.wait_for("document.getElementById('told').textContent").startswith("0:")
    page.press("Tab")
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_hostile_texts_stay_texts(opened: Opener, tmp_path: Path) -> None:
    facts = [*story(44.0)]
    for number, attack in enumerate(ATTACKS):
        at = 44.0 + number / 100
        facts.append(e.Action(at=at, name="kill", targets=(attack,), phase="failed", effect=attack * 2))
        facts.append(e.Log(at=at, node="db1", service=attack, text=attack))
        facts.append(e.Probe(at=at, client="client", ok=False, error=attack))
        facts.append(e.Process(at=at, node="db1", service="mysqld", state="down", reason=attack))
    page = opened(write_page(tmp_path / "x.html", facts))
    assert page.run("document.querySelectorAll('script').length") == 2
    assert page.run("document.querySelectorAll('img, iframe, object, embed, base, link').length") == 0
    for key in ("Home", "End", *"....", *",,,,"):
        page.press(key)
    assert "\u202e" not in page.run("document.documentElement.outerHTML")
    assert page.run("document.title").startswith("Two MySQL servers")


def test_a_recording_that_is_hostile_in_every_field(opened: Opener, tmp_path: Path) -> None:
    rng = random.Random(14)
    recording = tmp_path / "x.jsonl"
    recording.write_text("\n".join(hostile_recording(story(44.0), lambda: random_text(rng))))
    facts = (event for _, event in RecordingReader(recording).read())
    page = opened(write_page(tmp_path / "x.html", facts))
    page.press("End")
    assert unsafe_in(page.run("document.documentElement.textContent")) == []


def test_no_script_of_somebody_elses_runs(opened: Opener, story_page: Path, tmp_path: Path) -> None:
    text = story_page.read_text()
    evil = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
    path = tmp_path / "x.html"
    path.write_text(text.replace("<footer>", f"{evil}<footer>"))
    page = opened(path)
    assert page.run("document.title") != "owned"
    assert page.problems  # the policy says so
    page.problems.clear()
    refused = page.run("try { document.body.innerHTML = '<b>x</b>'; 'done' } catch (error) { error.name }")
    assert refused == "TypeError"
    page.problems.clear()


def test_an_incident_has_the_time_of_day_and_says_what_is_not_known(opened: Opener, tmp_path: Path) -> None:
    lab, *rest = story(44.0)
    assert isinstance(lab, e.Lab)
    imported = replace(lab, engine="import", started="2026-11-30T23:59:30", sources={"db1": ["log"]})
    addresses = [x for x in rest if not isinstance(x, e.Address) or x.at > 20]
    page = opened(write_page(tmp_path / "x.html", [imported, *addresses]), "#t=40.5")
    assert page.run("document.getElementById('clock').textContent").startswith("00:00:10.5 / ")
    assert "not known" in page.run("document.querySelector('.box.unknown').title")
    assert page.run("document.querySelector('.events time').textContent").startswith("23:59:3")
    for width in (390, 1280):  # as the report without scripts, and on paper: each time inside its column
        page.prefer(media="print")
        page.size(width, 844)
        wide = "(time) => time.scrollWidth > time.clientWidth"
        times = f"[...document.querySelectorAll('.events time')].filter({wide})"
        assert page.run(f"{times}.map((time) => time.textContent)") == []


def test_a_damaged_recording_is_played_as_far_as_it_goes(opened: Opener, tmp_path: Path) -> None:
    odd = e.Advert(
        at=30.0, node="db1", direction="received", network="heartbeat", source="198.18.1.99", destination="x",
        version=None, vrid=None, priority=None, interval=None, frame="zz", defects=("truncated",),
    )  # fmt: skip
    page = opened(write_page(tmp_path / "x.html", [*story(30.0), odd]))
    page.press("End")
    page.click(".packet-row:last-child")
    assert opened(write_page(tmp_path / "y.html", story(44.0)[:1])).is_visible("#play")
