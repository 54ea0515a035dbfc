"""Every kind of file that hatlab reads, with hostile texts in its fields, and commands that read it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from hatlab.lessons.records import progress_file
from hatlab.util.files import shipped_folder
from tests.support.story import story
from tests.texts.fields import hostile_recording
from tests.texts.hostile import random_text

CONF = "vrrp_instance a {\n  interface eth0\n  virtual_router_id 7\n}\n"
_ANSWERS = {"q": {"right": False, "said": "x"}}
PROGRESS = {
    "format": progress_file.FORMAT,
    "version": progress_file.VERSION,
    "lessons": {"one-server": {"finished": True, "answers": _ANSWERS, "hints": 1}},
}


def hostile_files(folder: Path, rng: random.Random) -> Iterator[list[str]]:
    """Write each kind of file into a folder and yield the command lines that read it."""
    name = _file_name(rng)
    topology = folder / f"{name}.yaml"
    original = yaml.safe_load((shipped_folder("topologies") / "the-blog.yaml").read_text())
    topology.write_text(_to_yaml(_spoil(original, rng, 0.1)))
    yield ["check", str(topology)]
    yield ["check", "--json", str(topology)]
    title, description = random_text(rng)[:100], random_text(rng)
    topology.write_text(_to_yaml({**original, "title": title, "description": description}))
    yield ["check", str(topology)]
    yield from (["topologies", str(topology)], ["topologies", "--json"], ["compose", str(topology)])
    yield ["conf", str(topology), next(iter(original["nodes"]))]
    yield ["start", str(topology), "--engine", "sim", "--headless", "--for", "0.1"]
    topology.unlink()
    conf = folder / f"{name}.conf"
    conf.write_text(_sprinkle(CONF, rng), errors="replace")
    yield ["check", str(conf)]
    yield ["topology-from", str(conf)]
    lesson = folder / "lesson.md"
    text = (shipped_folder("lessons") / "01-one-server.md").read_text()
    front, prose = text.split("---\n", 2)[1:]
    title = f"title: {_to_yaml(random_text(rng)[:80])}"
    front = "".join(title if line.startswith("title:") else line for line in front.splitlines(keepends=True))
    lesson.write_text(f"---\n{front}---\n{_sprinkle(prose, rng)}", errors="replace")
    yield ["check", str(lesson)]
    yield ["lessons", str(folder)]
    yield ["lessons", str(folder), "--json"]
    progress = folder / f"{name}.json"
    progress.write_text(json.dumps({**PROGRESS, "lessons": _spoil(PROGRESS["lessons"], rng, 0.5)}))
    yield ["lessons", "--class", str(progress)]
    yield ["lessons", "--class", str(progress), "--json"]
    yield ["lessons", "--import", str(progress)]
    yield ["drill", "--import", str(progress)]
    recording = folder / f"{name}.jsonl"
    lines = hostile_recording(story(20), lambda: random_text(rng))
    recording.write_text("\n".join(lines) + "\n")
    yield ["replay", str(recording), "--headless"]
    yield ["replay", str(recording), "--headless", "--verbose"]
    yield ["replay", str(recording), "--json"]
    for form in ("html", "cast", "json"):
        yield ["export", str(recording), "--to", form, "-o", "-"]


def _to_yaml(value: Any) -> str:
    """Return a flow of YAML that says a value, surrogates alone left out: YAML has no word for them."""
    text = yaml.safe_dump(value, width=10**6, default_style='"', sort_keys=False)
    return re.sub(r"\\ud[89a-f][0-9a-f]{2}", "", text, flags=re.IGNORECASE)


def _file_name(rng: random.Random) -> str:
    name = "".join(c for c in random_text(rng) if c not in "\0/")
    return f"x{name[:20]}".encode("utf-8", "replace").decode()


def _spoil(value: Any, rng: random.Random, share: float) -> Any:
    """Return data with a share of its texts, keys too, replaced by hostile ones."""
    match value:
        case str():
            return random_text(rng) if rng.random() < share else value
        case list():
            return [_spoil(part, rng, share) for part in value]
        case dict():
            return {
                random_text(rng) if rng.random() < share / 4 else key: _spoil(part, rng, share)
                for key, part in value.items()
            }
    return value


def _sprinkle(text: str, rng: random.Random) -> str:
    """Return a text with some hostile ones in it."""
    for _ in range(5):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + random_text(rng) + text[at:]
    return text
