"""`hatlab help TOPIC`: every page is there, and whatever names one names one that is."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from hatlab.commands import COMMANDS
from hatlab.commands.support import file_templates
from hatlab.commands.support.help_topics import topics
from hatlab.commands.support.pager import format_markdown
from hatlab.lessons.format.schema import lesson_schema
from hatlab.topology.schema import topology_schema
from hatlab.util.pages import SITE_PAGE, find_pages, page_text
from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[2]
READER_OF_CHECKS = ROOT / "lab/hatlab/diagnostics/rules.py"
"""What it says of its page is for whoever writes that."""
MODULES = sorted({*ROOT.glob("lab/**/*.py")} - {READER_OF_CHECKS})
SPEAKS_OF_PAGES = re.compile(r"docs/|[A-Z]\.md|hatlab help")


@pytest.fixture
def hatlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


@cache
def _texts_for_people() -> dict[str, str]:
    """Place → a text that a person reads: the strings of the code, the help of a command, a file of `new`."""
    texts = {}
    for path in MODULES:
        if not SPEAKS_OF_PAGES.search(text := path.read_text()):
            continue
        tree = ast.parse(text)
        comments = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in comments:
                texts[f"{path.relative_to(ROOT)}:{node.lineno}"] = node.value
        if path.parent.name == "commands" or path.name == "api.py":
            texts[str(path.relative_to(ROOT))] = ast.get_docstring(tree) or ""
    for kind, schema in (("lesson", lesson_schema()), ("topology", topology_schema())):
        texts[f"the schema of a {kind}"] = json.dumps(schema)
    texts |= {
        path.name: path.read_text()
        for path in [*ROOT.glob("lessons/*"), *ROOT.glob("topologies/*")]
        if path.is_file()
    }
    return texts


def test_no_text_for_people_names_a_file_that_an_installed_hatlab_lacks() -> None:
    named = re.compile(r"docs/[\w-]+\.md|(?:README|SECURITY|CONTRIBUTING)\.md (?:says|has|lists|explains)")
    assert {
        place: found[0] for place, text in _texts_for_people().items() if (found := named.search(text))
    } == {}


def test_whatever_says_hatlab_help_names_a_page_or_a_command() -> None:
    known = {*topics(), *COMMANDS, "TOPIC"}
    pages = {path.name: path.read_text() for path in find_pages().values()}
    said = {
        (place, word)
        for place, text in {**_texts_for_people(), **pages}.items()
        for word in re.findall(r"hatlab help ([A-Za-z][\w.-]*\w)", text)
    }
    assert {(place, word) for place, word in said if word not in known} == set()
    assert len(said) > 5


def test_every_page_is_a_topic_of_its_own() -> None:
    names = [path.name for path in find_pages().values()]
    assert sorted(names) == sorted({*names})
    assert {path.name for path in ROOT.glob("docs/**/*.md")} - {SITE_PAGE} < {*names}


def test_the_list_names_each_page(hatlab: CommandLine) -> None:
    out = hatlab("help").out
    assert all(f"  {topic} " in out for topic in topics())


def test_a_page_is_printed_where_there_is_no_terminal(hatlab: CommandLine) -> None:
    assert hatlab("help", "simulator").out.startswith("# The simulator")
    assert hatlab("help", "docs/simulator.md").out == hatlab("help", "simulator").out


def test_a_command_comes_before_a_page_of_its_name(hatlab: CommandLine) -> None:
    assert hatlab("help", "capture").out.startswith("usage: hatlab capture")
    assert hatlab("help", "capture.md").out.startswith("# Capture")


def test_a_page_that_is_not_there_is_told_with_a_guess(hatlab: CommandLine) -> None:
    assert "did you mean `hatlab help simulator`?" in hatlab("help", "simulater", code=2).err
    assert "`hatlab help` lists the pages" in hatlab("help", "xyzzy", code=2).err


@pytest.mark.parametrize("topic", find_pages())
def test_a_page_names_no_file_but_how_to_read_it(topic: str) -> None:
    text = page_text(find_pages()[topic], dict.fromkeys(find_pages(), "TOPIC"))
    assert re.findall(r"\]\((?!https?:)[^)]*\)", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)) == []


def test_a_page_fits_a_terminal() -> None:
    text = format_markdown(page_text(find_pages()["capture"], {}), 80)
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())) <= 80
    assert "Watch a failover in Wireshark" in text


def test_what_new_writes_says_where_to_read_more() -> None:
    for template in (file_templates.TOPOLOGY, file_templates.LESSON, file_templates.DRILL):
        assert "hatlab help writing-" in template
