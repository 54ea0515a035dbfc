"""Exports: each form read back by a reader that is not ours, and files written whole or not at all."""

from __future__ import annotations

import io
import json
import os
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hatlab import events as e
from hatlab.cli import main
from hatlab.export import FORMS
from hatlab.export.html.lanes import lane_boxes
from hatlab.state.run_report import RunReport, build_report
from hatlab.state.steps import derive_steps
from tests.support.command_line import CommandLine
from tests.support.story import VIP, story, write_recording

FACTS = [
    *story(44.0),
    e.Action(at=44.1, name="kill", targets=("mysqld", "<db1>"), phase="started"),
    e.Action(at=44.2, name="kill", targets=("mysqld", "<db1>"), phase="failed", definite=False, effect="?"),
]


def _export(form: str, facts: list[e.Event] = FACTS) -> bytes:
    out = io.BytesIO()
    FORMS[form].write(out, derive_steps(facts))
    return out.getvalue()


@pytest.fixture(scope="module")
def report() -> RunReport:
    return build_report(derive_steps(FACTS))


# -- the run


def test_every_transition_has_its_reason(report: RunReport) -> None:
    assert report.transitions
    assert [t for t in report.transitions if t.why is None] == []
    assert all((t.why.node, t.why.to) == (t.node, t.to) for t in report.transitions if t.why)


def test_lanes_have_no_holes(report: RunReport) -> None:
    lanes = {lane.name: list(lane_boxes(lane, report.ends)) for lane in report.timeline.lanes}
    assert [*lanes] == ["db1", "db2", VIP, "client"]
    for boxes in lanes.values():
        assert boxes[-1].ended == report.ends
        for box, following in pairwise(boxes):
            assert box.ended == following.began
            assert (box.style, box.text) != (following.style, following.text)
    assert ("split", "db1 + db2") in {(box.style, box.text) for box in lanes[VIP]}


def test_an_action_is_one_from_beginning_to_end(report: RunReport) -> None:
    last = report.actions[-1]
    assert (last.at, last.ended, last.phase, last.definite) == (44.1, 44.2, "failed", False)


# -- json


def test_json_is_one_document() -> None:
    found = json.loads(_export("json"))
    assert (found["version"], found["lab"]["name"], found["missed"]) == (1, "two-node", 0)
    master = [t for t in found["transitions"] if t["to"] == "MASTER"]
    assert master[0]["why"]["arithmetic"].startswith("3 × 1 s + skew 0.414 s")
    assert found["outages"][0]["seconds"] > 0
    assert {"split_brain"} <= {c["name"] for c in found["conditions"]}


# -- cast


def test_a_cast_has_its_header_and_never_goes_back() -> None:
    header, *lines = map(json.loads, _export("cast").decode().splitlines())
    assert (header["version"], header["width"] > 80) == (2, True)
    moments = [at for at, kind, _ in lines if kind == "o"]
    assert len(moments) == len(lines) > 20
    assert moments == sorted(moments)
    assert any("MASTER" in text and text.endswith("\r\n") for _, _, text in lines)


# -- pcapng


def test_scapy_reads_the_same_frames(tmp_path: Path) -> None:
    from scapy.utils import PcapNgReader

    path = tmp_path / "x.pcapng"
    path.write_bytes(_export("pcapng"))
    frames = [x for x in FACTS if isinstance(x, e.Advert | e.Arp)]
    with PcapNgReader(str(path)) as reader:
        packets = list(reader)
    assert sorted(bytes(p).hex() for p in packets) == sorted(x.frame for x in frames)
    assert {p.sniffed_on for p in packets} == {f"{x.node} {x.network}" for x in frames}
    assert {p.direction for p in packets} == {1, 2}
    assert [float(p.time) for p in packets] == sorted(float(p.time) for p in packets)


def _blocks(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0
        assert struct.unpack_from("<I", data, at + length - 4) == (length,)
        found.append((kind, data[at + 8 : at + length - 4]))
        at += length
    return found


def test_blocks_are_as_the_draft_says() -> None:
    blocks = _blocks(_export("pcapng"))
    assert blocks[0][0] == 0x0A0D0D0A
    assert struct.unpack_from("<IHH", blocks[0][1]) == (0x1A2B3C4D, 1, 0)
    seen = 0
    for kind, body in blocks[1:]:
        if kind == 1:
            seen += 1
        else:
            assert kind == 6
            assert struct.unpack_from("<I", body)[0] < seen


def test_transitions_are_comments_of_the_frames_behind_them() -> None:
    data = _export("pcapng")
    comments = re.findall(r"[\d.]+ . db2 VI_1 is MASTER, priority 100", data.decode("utf-8", "replace"))
    assert len(comments) == sum(
        isinstance(x, e.Vrrp) and x.node == "db2" and x.state == "MASTER" for x in FACTS
    )


def test_a_capture_without_frames_still_tells_what_happened() -> None:
    data = _export("pcapng", [x for x in FACTS if not isinstance(x, e.Advert | e.Arp)])
    assert [kind for kind, _ in _blocks(data)] == [0x0A0D0D0A, 1]
    assert b"VI_1 is MASTER" in data


# -- html


class _Tags(HTMLParser):
    """Collects tags and what they point at."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for key, value in attrs if key in {"src", "href", "srcset", "data"}]


def test_a_report_is_one_file_and_needs_nothing_else() -> None:
    text = _export("html").decode()
    tags = _Tags()
    tags.feed(text)
    assert tags.links == []
    assert tags.tags.count("script") == 2  # the player, and what it plays
    assert re.search(r"url\(|@import|https?://", text) is None
    assert "color-scheme: light dark" in text


def test_a_report_tells_why_with_arithmetic_and_escapes_what_was_recorded() -> None:
    text = _export("html").decode()
    assert "3 × 1 s + skew 0.414 s = 3.414 s" in text
    assert "was cut off for" in text
    assert "split brain" in text
    assert "kill mysqld &lt;db1&gt;" in text
    assert "<db1>" not in text


def test_a_report_of_an_incident_says_nothing_of_clients_that_nobody_saw() -> None:
    lab, *facts = FACTS
    assert isinstance(lab, e.Lab)
    topology = {**lab.topology, "clients": {}}
    imported = replace(lab, engine="import", topology=topology, sources={"db1": ["log"], "db2": ["log"]})
    seen = [fact for fact in facts if isinstance(fact, e.Vrrp | e.Log | e.Conf | e.Tick)]
    tiles = _export("html", [imported, *seen]).decode().partition('<section class="tiles">')[2]
    tiles = tiles.partition("</section>")[0]
    assert "transitions" in tiles
    assert "outage" not in tiles
    assert "action" not in tiles


def test_the_timeline_is_sound_and_inside_its_box() -> None:
    text = _export("html").decode()
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", text, re.DOTALL).group())  # type: ignore[union-attr]
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    rects = svg.findall("rect")
    assert len(rects) > 10
    for rect in rects:
        x, y, w, h = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + w <= width
        assert y + h <= height


def test_a_report_of_a_run_in_which_nothing_happened() -> None:
    assert "Nothing changed." in _export("html", FACTS[:1]).decode()


@pytest.mark.parametrize("form", FORMS)
def test_a_fact_that_cannot_be_is_missed_not_fatal(form: str) -> None:
    odd = e.Advert(
        at=30.0, node="db1", direction="received", network="heartbeat", source="a.b.c.d", destination="x",
        version=2, vrid=51, priority=150, interval=1.0, auth="hatlab", frame="zz",
    )  # fmt: skip
    assert _export(form, [*story(30.0), odd])


# -- the command


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "run.jsonl", FACTS)


@pytest.mark.parametrize("form", FORMS)
def test_each_form(form: str, recording: Path, monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine) -> None:
    folder = recording.parent / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert f"wrote run.{form}" in hatlab("export", recording, "--to", form).err
    assert [p.name for p in folder.iterdir()] == [f"run.{form}"]


def test_nothing_is_overwritten_without_force(recording: Path, hatlab: CommandLine) -> None:
    out = recording.with_name("x.html")
    out.write_text("mine")
    command = ["export", str(recording), "--to", "html", "-o", str(out)]
    assert "use --force to replace it" in hatlab(*command, code=2).err
    assert out.read_text() == "mine"
    hatlab(*command, "--force")
    assert out.read_text().startswith("<!doctype html>")


def test_a_recording_is_not_replaced_by_its_export(recording: Path, hatlab: CommandLine) -> None:
    before = recording.read_text()
    err = hatlab("export", recording, "--to", "json", "-o", recording, "--force", code=2).err
    assert "the recording itself" in err
    assert recording.read_text() == before


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_an_error_in_plain_words(recording: Path, hatlab: CommandLine) -> None:
    err = hatlab("export", recording, "--to", "html", "-o", "/dev/full", code=1).err
    assert "cannot write /dev/full: No space left on device" in err


def test_nothing_is_left_on_a_full_disk(
    recording: Path, monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine
) -> None:
    import hatlab.export.json as form

    def fill(out: io.BufferedWriter, steps: object) -> None:
        out.write(b"some")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(form, "write", fill)
    err = hatlab("export", recording, "--to", "json", "-o", recording.with_name("x"), code=1).err
    assert "No space left" in err
    assert [p.name for p in recording.parent.iterdir()] == ["run.jsonl"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "gif"], "invalid choice: 'gif'"),
        ([], "--to"),
        (["--to", "html", "-o", "/nowhere/x"], "cannot write /nowhere/x: No such file"),
        (["--to", "html", "-o", "/"], "is a folder"),
    ],
)
def test_mistakes(words: list[str], says: str, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(recording), *words]) in (1, 2)
    assert says in capsys.readouterr().err


def test_what_a_damaged_recording_still_has_is_exported(recording: Path, hatlab: CommandLine) -> None:
    recording.write_text(recording.read_text()[:-20].replace('"kind":"tick"', '"kind":"tock"', 1))
    out = recording.with_name("x.json")
    assert "unknown event kind 'tock'" in hatlab("export", recording, "--to", "json", "-o", out).err
    assert json.loads(out.read_text())["missed"] == 2
