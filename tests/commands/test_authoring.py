"""What helps to write a topology or a lesson: a start, and a schema for editors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hatlab.commands.new import KINDS
from hatlab.commands.support.lesson_preview import show_lesson
from hatlab.commands.support.verify_on_simulator import verify_simulated
from hatlab.lessons.conditions.syntax import COMBINATORS
from hatlab.lessons.format.markdown import Block, parse_markdown
from hatlab.lessons.format.schema import lesson_schema
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.library.loader import lesson_files
from hatlab.lessons.model import Lesson
from hatlab.lessons.verify.result import LessonResult
from hatlab.topology.file import parse_topology
from hatlab.topology.library import topology_names
from hatlab.topology.schema import topology_schema
from hatlab.util.files import shipped_folder
from tests.support.command_line import CommandLine
from tests.support.lesson_texts import LESSON, VARIANTS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_topology_is_sound(here: Path, hatlab: CommandLine) -> None:
    hatlab("new", "topology", "my-lab")
    text = (here / "my-lab.yaml").read_text()
    assert parse_topology(text.encode()).findings == ()
    assert "title: My lab" in text
    assert "already exists" in hatlab("new", "topology", "my-lab", code=2).err


def test_a_new_topology_names_the_schema_that_stands_beside_it(here: Path, hatlab: CommandLine) -> None:
    out = hatlab("new", "topology", "my-lab").out
    named = re.search(r"^# yaml-language-server: \$schema=(\S+)$", (here / "my-lab.yaml").read_text(), re.M)
    assert named is not None
    assert named[1] in out
    schema = here / named[1]
    assert json.loads(schema.read_text()) == topology_schema()
    schema.write_text(schema.read_text().replace("The ", "An older text: the "))
    hatlab("new", "topology", "other")
    assert json.loads(schema.read_text()) == topology_schema()
    schema.write_text("somebody's own")
    hatlab("new", "topology", "third")
    assert schema.read_text() == "somebody's own"


def test_its_comments_make_three_nodes(hatlab: CommandLine) -> None:
    """Whoever follows the comments of the start gets a sound topology of three nodes."""
    text = (
        hatlab("new", "topology", "-").out.replace("# db3", "db3").replace("kind: two-sources", "kind: none")
    )
    examined = parse_topology(text.encode())
    assert examined.findings == ()
    assert examined.topology is not None
    assert len(examined.topology.nodes) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["../evil", "a b", "", "-x", "a/b", "$(id)"])
def test_a_name_is_no_path(kind: str, name: str, hatlab: CommandLine) -> None:
    hatlab("new", kind, "--", name, code=2)


def test_a_new_lesson_is_sound_and_can_be_passed(here: Path, hatlab: CommandLine) -> None:
    hatlab("new", "lesson", "my-lesson")
    assert "my-lesson.md: no problems" in hatlab("check", "my-lesson.md").out
    hatlab("verify", "my-lesson.md", "--engine", "sim")
    lesson = load_lesson("my-lesson.md")
    ((_, task),) = lesson.tasks()
    assert task.solution == ("kill keepalived db1",)
    assert all((task.wrong, task.hints, task.capture))
    hatlab("new", "lesson", "my-lesson", code=2)
    assert "lower-case letters" in hatlab("new", "lesson", "My_Lesson", code=2).err


def test_the_preview_shows_all_a_learner_may_meet(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab = here / "labs" / "own.yaml"
    lab.parent.mkdir()
    lab.write_bytes((shipped_folder("topologies") / "two-node.yaml").read_bytes())
    lesson = here / "small.md"
    text = LESSON.replace("topology: two-node", "topology: labs/own.yaml")
    lesson.write_text(text.replace("owner db2]", "owner db2, outage]"))
    assert show_lesson(lesson) == 0
    out = capsys.readouterr().out
    for part in ("why: It was {outage} s.", "✦ Press k.", "✔ small"):
        assert part in out, part
    lab.write_text(lab.read_text() + "nonsense: 1\n")
    assert show_lesson(lesson) == 1
    out = capsys.readouterr().out
    assert "LS023" in out
    assert "fix:    " in out


@pytest.mark.parametrize(("seed", "shown"), [(None, "one"), (1, "two"), (2, "one")])
def test_the_preview_names_its_variant_and_proves_each(
    seed: int | None, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = tmp_path / "find-it.md"
    lesson.write_text(VARIANTS)
    assert show_lesson(lesson, seed) == 0
    out = capsys.readouterr().out
    assert f"the variant {shown}; --seed shows another: 0: one, 1: two" in out
    assert f"Something is wrong with {'mysqld' if shown == 'one' else 'keepalived'}." in out
    assert [line.split()[:3] for line in out.splitlines() if "tasks," in line] == [
        ["✔", "find-it", "(one)"],
        ["✔", "find-it", "(two)"],
    ]
    lesson.write_text(VARIANTS.replace("mend: [start keepalived db1]", "mend: [stop keepalived db1]"))
    assert show_lesson(lesson, 0) == 1, "the variant that is not shown fails"


def test_the_preview_goes_no_further_with_what_was_saved_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = tmp_path / "find-it.md"
    lesson.write_text(VARIANTS)

    def verify_and_save(form: Lesson) -> LessonResult:
        lesson.write_text(VARIANTS + "\nMore.\n")
        return verify_simulated(form)

    monkeypatch.setattr("hatlab.commands.support.lesson_preview.verify_simulated", verify_and_save)
    show_lesson(lesson)
    assert "✔ find-it (one)" in (out := capsys.readouterr().out)
    assert "find-it (two)" not in out


def test_a_file_beside_one_is_named_where_no_lesson_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trio-night.md").write_text(LESSON.replace("id: small", "id: trio-night"))
    assert "did you mean the file trio-night.md?" in hatlab("learn", "trio-night", code=2).err


def test_the_preview_breaks_no_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    words = "Kill mysqld on db1, and wait until the client is answered again by whoever it is."
    lesson = tmp_path / "small.md"
    lesson.write_text(LESSON.replace("Kill mysqld on db1.", words))
    show_lesson(lesson)
    out = capsys.readouterr().out
    shown = out[out.index("☐") : out.index("✦")].rstrip().split("\n")
    assert " ".join(" ".join(shown).split()) == f"☐ {words}"
    assert [len(line) <= 60 for line in shown] == [True, True]
    assert shown[1].startswith("    ")


def test_the_schema_explains_every_key() -> None:
    schema = topology_schema()
    for name, each in {"Topology": schema, **schema["$defs"]}.items():
        for key, value in each.get("properties", {}).items():
            assert value.get("description"), f"describe {name}.{key} in lab/hatlab/topology/spec.py"


def test_the_schema_is_printed(hatlab: CommandLine) -> None:
    assert json.loads(hatlab("schema", "topology").out) == topology_schema()


@pytest.mark.parametrize("name", topology_names())
def test_the_schema_accepts_what_ships(name: str) -> None:
    data = yaml.safe_load((shipped_folder("topologies") / f"{name}.yaml").read_text(encoding="utf-8"))
    schema = topology_schema()
    assert _fits(data, schema, schema["$defs"])
    assert not _fits({**data, "nods": {}}, schema, schema["$defs"])
    assert not _fits({**data, "nodes": {"db1": "eleven"}}, schema, schema["$defs"])


def test_the_lesson_schema_explains_every_key(hatlab: CommandLine) -> None:
    schema = lesson_schema()
    for definition in (schema, *schema["$defs"].values()):
        assert all(field["description"] for field in definition.get("properties", {}).values())
    assert schema["$defs"]["Combined"]["properties"].keys() == set(COMBINATORS)
    assert json.loads(hatlab("schema", "lesson").out) == schema


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_the_lesson_schema_accepts_what_ships(path: Path) -> None:
    page = parse_markdown(path.read_text(encoding="utf-8"))
    schema = lesson_schema()
    front = yaml.safe_load(page.front or "")
    assert _fits(front, schema, schema["$defs"])
    assert not _fits({**front, "minutes": "soon"}, schema, schema["$defs"])
    for block in (part for section in page.sections for part in section.parts if isinstance(part, Block)):
        data = yaml.safe_load(block.text)
        assert _fits(data, schema["$defs"][block.kind], schema["$defs"]), block.text
        assert not _fits({**data, "wehn": 1}, schema["$defs"][block.kind], schema["$defs"])


def _fits(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> bool:
    """A validator of the part of JSON Schema that the model's uses."""
    if "$ref" in schema:
        return _fits(value, defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        return any(_fits(value, option, defs) for option in schema["anyOf"])
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    types = schema.get("type", list(kinds))
    if not any(isinstance(value, kinds[t]) for t in (types if isinstance(types, list) else [types])):
        return False
    if isinstance(value, dict):
        return _object_fits(value, schema, defs)
    if isinstance(value, list):
        return all(_fits(item, schema.get("items", {}), defs) for item in value)
    return True


def _object_fits(value: dict[str, Any], schema: dict[str, Any], defs: dict[str, Any]) -> bool:
    if any(key not in value for key in schema.get("required", ())):
        return False
    for key, inner in value.items():
        patterns = [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, key)]
        known = schema.get("properties", {}).get(key, patterns[0] if patterns else None)
        if known is None and schema.get("additionalProperties") is False:
            return False
        if known is not None and not _fits(inner, known, defs):
            return False
    return True


def _blocks_of(page: str, language: str) -> list[str]:
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def test_the_page_s_examples_are_sound() -> None:
    whole, garp, group, router, begun, *nodes = _blocks_of("writing-topologies.md", "yaml")
    assert parse_topology(whole.encode()).findings == ()
    before, _, after = whole.partition("nodes:")
    for own in nodes:
        mixed = before + own + "\n" + after[after.index("instances:") :]
        assert parse_topology(mixed.encode()).findings == ()
    announced = whole.replace("    checks: [mysql]\n", "    checks: [mysql]\n" + garp)
    assert parse_topology(announced.encode()).findings == ()
    second = "  outside: {network: lan, vrid: 52, members: {db1: 150, db2: 100}, addresses: {lan: [101]}}\n"
    grouped = whole.replace("VI_1", "inside").replace("\nchecks:", second + group + "\nchecks:")
    assert parse_topology(grouped.encode()).findings == ()
    assert parse_topology(f"version: 1\ntitle: gateway\n{router}".encode()).findings == ()
    assert parse_topology(f"{whole}\n{begun}".encode()).findings == ()


def test_the_page_names_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "writing-topologies.md").read_text(encoding="utf-8")
    schema = topology_schema()
    keys = {key for each in (schema, *schema["$defs"].values()) for key in each.get("properties", {})}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []
