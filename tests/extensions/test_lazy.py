"""Extensions are looked for only where a name is needed that is not hatlab's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from hatlab.actions import VERBS, parse
from hatlab.commands.support.completion_words import completer_of
from hatlab.commands.support.parsers import command_parser
from hatlab.diagnostics.rules import codes_of
from hatlab.lessons.conditions.parser import parse_condition
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.registry import environment_allows, installed, use_extensions
from hatlab.topology.library import load_topology
from tests.support.command_line import CommandLine
from tests.support.installed_extensions import find_in, install, install_example


class LookedFor(Exception):
    """Somebody looked for extensions."""


@pytest.fixture
def _never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks for an extension fails."""

    @cache
    def look() -> None:
        raise LookedFor

    use_extensions(lambda: True)
    monkeypatch.delenv("HATLAB_EXTENSIONS", raising=False)
    monkeypatch.setattr(installed, "_scan", look)


@pytest.mark.usefixtures("_never")
def test_what_needs_none_looks_for_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    hatlab = CommandLine(capsys)
    for line in (
        "--help",
        "--version",
        "help status",
        "topologies",
        "conf two-node db1",
        "lessons",
    ):
        hatlab(*line.split())
    hatlab("check", "--explain", "KA106")
    hatlab("do", "kill", "mysqld", "db1", code=None)
    hatlab("start", "--engine", "sim", "--headless", "--for", "0")
    assert parse("power off db1").verb == "power off"
    assert parse("kill mysqld db1").undo is not None
    assert parse_condition("owner db1")
    assert load_topology("two-node")
    assert load_lesson("kill-mysqld", None)
    assert codes_of("KA")
    with pytest.raises(LookedFor):
        parse("strike mysqld")


def test_completion_offers_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_example(tmp_path)
    find_in(tmp_path, monkeypatch)
    words = {
        f"{name} {action.dest}": completer_of(name, action)
        for name in ("start", "do")
        for action in command_parser(name)._actions
    }
    engines = words["start engine"]
    assert engines is not None
    assert list(engines(prefix="")) == ["auto", "docker", "sim", "slow-motion"]
    verbs = words["do words"]
    assert verbs is not None
    parsed = command_parser("do").parse_args([])
    assert "strike" in verbs(prefix="st", parsed_args=parsed)
    parsed = command_parser("do").parse_args(["strike"])
    assert list(verbs(prefix="", parsed_args=parsed)) == ["mysqld", "keepalived"]


def test_the_environment_turns_them_off_for_programs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_example(tmp_path)
    find_in(tmp_path, monkeypatch)
    use_extensions(environment_allows)
    assert "strike" in VERBS.names
    monkeypatch.setenv("HATLAB_EXTENSIONS", "off")
    use_extensions(environment_allows)
    assert "strike" not in VERBS.names


def test_a_folder_that_is_gone_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_example(tmp_path)
    find_in(tmp_path, monkeypatch)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "strike" in VERBS.names
    monkeypatch.chdir(tmp_path)


def test_only_what_is_needed_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    install_example(tmp_path)
    find_in(tmp_path, monkeypatch)
    assert "strike" in VERBS.names
    assert "hatlab_example" not in sys.modules
    assert VERBS["strike"].title
    assert "hatlab_example" in sys.modules


def test_two_threads_that_ask_at_once_both_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = """
        import threading
        from hatlab.extensions import Verb
        EXTENSION_API = 1
        threading.Event().wait(0.1)
        X = Verb("slow", (), "Be slow", "Help.", "slow", carry_out=lambda lab, action: "")
    """
    install(tmp_path, "slow-one", {"action slow": "X"}, source)
    find_in(tmp_path, monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: VERBS.get("slow"), range(4)))
