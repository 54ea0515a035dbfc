"""What `hatlab explain` tells of a run and of an incident."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hatlab import events as e
from hatlab.incident.brought import find_files
from hatlab.incident.recording import Window, import_incident
from hatlab.incident.sources import find_zone
from hatlab.incident.story import Story, tell_story
from hatlab.incident.story_document import to_document
from hatlab.incident.story_text import to_markdown, to_text
from tests.incident.field_files import write_files
from tests.parity.play import on_simulator
from tests.parity.scenarios import SCENARIOS


def incident(tmp_path: Path, number: str = "3", **options: object) -> Story:
    events = on_simulator(next(s for s in SCENARIOS if s.number == number)).events
    files = write_files(events, tmp_path, **options)  # type: ignore[arg-type]
    return tell_story(import_incident(find_files(files), zone=find_zone("UTC")).events)


def test_the_first_sentences_answer_why(tmp_path: Path) -> None:
    text = to_text(incident(tmp_path))
    head = text.partition("What happened")[0]
    assert head.startswith("VI_1 failed over from db1 to db2 at 03:12:")
    assert "it said it was leaving (priority 0)" in " ".join(head.split())


def test_each_change_has_its_evidence(tmp_path: Path) -> None:
    story = incident(tmp_path)
    assert story.transitions
    assert all(":" in change.evidence for change in story.transitions)
    assert "Evidence: db2/messages:" in to_text(story)


def test_what_is_not_known_comes_with_what_would_tell_it(tmp_path: Path) -> None:
    story = incident(tmp_path, captures=("db1",))
    assert any("reached db2 is not known" in sentence and "tcpdump" in sentence for sentence in story.unknown)
    assert not any("reached db1" in sentence for sentence in story.unknown)


def test_times_in_whole_seconds_are_told_as_such(tmp_path: Path) -> None:
    text = to_text(incident(tmp_path, captures=()))
    assert "(within 1 s)" in text
    assert "at about 03:12:" in text


def test_a_run_of_a_lab_has_a_story_without_anything_unknown() -> None:
    events = on_simulator(next(s for s in SCENARIOS if s.number == "2")).events
    story = tell_story(event for event in events if not event.derived)
    assert story.unknown == []
    assert story.before == "db1"
    assert "its keepalived is down, signal 9" in to_text(story)


def test_one_moment_can_be_asked_about() -> None:
    events = on_simulator(next(s for s in SCENARIOS if s.number == "11")).events
    masters = [ev.at for ev in events if isinstance(ev, e.Vrrp) and ev.state == "MASTER"]
    facts = [event for event in events if not event.derived]
    story = tell_story(facts, at=masters[-1])
    assert story.takeover is not None
    assert story.takeover.at == masters[-1]


def test_markdown_keeps_what_a_log_says_from_being_markup(tmp_path: Path) -> None:
    story = incident(tmp_path)
    text = to_markdown(story)
    assert text.startswith("# VI\\_1 failed over")
    assert "<" not in text.replace("\\<", "")


def test_the_document_has_what_the_text_has(tmp_path: Path) -> None:
    story = incident(tmp_path)
    document = to_document(story)
    assert document["takeover"]["node"] == "db2"
    assert document["takeover"]["before"] == "db1"
    assert len(document["transitions"]) == len(story.transitions)


def test_a_part_begins_with_what_was_so_before_it(tmp_path: Path) -> None:
    events = on_simulator(next(s for s in SCENARIOS if s.number == "3")).events
    files = find_files(write_files(events, tmp_path))
    whole = import_incident(files, zone=find_zone("UTC"))
    states = (event for event in whole.events if isinstance(event, e.Vrrp))
    taken = next(event.at for event in states if (event.node, event.state) == ("db2", "MASTER"))
    began = datetime.fromisoformat(whole.lab.event.started).timestamp()
    part = import_incident(files, zone=find_zone("UTC"), window=Window(began + taken - 2, None))
    story = tell_story(part.events)
    assert story.before == "db1"
    assert all(change.why is None for change in story.transitions if change.at == 0)


def test_a_split_that_a_log_in_whole_seconds_tells_begins_when_it_began(tmp_path: Path) -> None:
    spans = incident(tmp_path, "5", captures=("db2",)).report.conditions
    split = next(span for span in spans if span.name == "split_brain")
    exact = on_simulator(next(s for s in SCENARIOS if s.number == "5"))
    began, ended = (
        next(
            event.at
            for event in exact.events
            if isinstance(event, e.Vrrp) and event.at > 9 and event.state == state
        )
        for state in ("MASTER", "BACKUP")
    )
    assert split.ended is not None
    assert abs(split.ended - split.began - (ended - began)) < 1.0
