"""Which of several values counts, and how a damaged one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.errors import UserError
from hatlab.settings.effective import Given, Settings
from hatlab.settings.remembered import Remembered
from hatlab.settings.table import SETTINGS

FILE = """\
theme = "from-the-file"
lessons = ["course"]
[keys]
lab.kill = "f8"
lab.cut = "f7"
"""


def _settings(tmp_path: Path, environ: dict[str, str] | None = None, text: str = FILE) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    kept = Remembered(tmp_path / "screen.json")
    kept.keep("theme", "from-the-screen")
    kept.keep("pane", "log")
    return Settings(path, environ, lambda: kept)


def test_an_option_counts_before_a_variable_the_file_the_screen_and_the_default(tmp_path: Path) -> None:
    environ = {"HATLAB_THEME": "from-a-variable"}
    settings = _settings(tmp_path, environ)
    settings.take_options({"theme": "from-an-option"})
    assert settings.given("theme") == Given("from-an-option", "option", "--theme")
    assert _settings(tmp_path, environ).given("theme") == Given("from-a-variable", "variable", "HATLAB_THEME")
    in_file = _settings(tmp_path).given("theme")
    assert in_file == Given("from-the-file", "file", f"{tmp_path}/config.toml:1")
    assert _settings(tmp_path, text="").given("theme").origin == "screen"
    assert _settings(tmp_path)["pane"] == "log"
    assert _settings(tmp_path).given("notices") == Given("normal", "default")


def test_keys_of_several_places_are_added_up(tmp_path: Path) -> None:
    settings = _settings(tmp_path, {"HATLAB_KEYS": "lab.kill=f2 lab.fix=f3"})
    settings.take_options({"keys": {"lab.fix": "f4"}})
    assert settings["keys"] == {"lab.kill": "f2", "lab.cut": "f7", "lab.fix": "f4"}
    places = {"lab.kill": "HATLAB_KEYS", "lab.fix": "--key", "lab.cut": f"{tmp_path}/config.toml:5"}
    assert settings.key_places() == places


def test_a_folder_in_the_file_starts_from_the_file(tmp_path: Path) -> None:
    assert _settings(tmp_path).folders() == [(tmp_path / "course", f"{tmp_path}/config.toml:2")]
    assert _settings(tmp_path, {"HATLAB_LESSONS": "a"}).folders() == [(Path("a"), "HATLAB_LESSONS")]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("HATLAB_ENGINE", "sum", "HATLAB_ENGINE: this should be 'auto', 'docker' or 'sim', not 'sum'"),
        ("HATLAB_ASCII", "maybe", "HATLAB_ASCII is 'maybe', which is neither on nor off"),
        ("HATLAB_TUTOR_WIDTH", "wide", "HATLAB_TUTOR_WIDTH is 'wide', not a whole number"),
        ("HATLAB_KEYS", "lab.kill", "HATLAB_KEYS: 'lab.kill' is not ID=KEY"),
    ],
)
def test_a_wrong_variable_is_named(name: str, text: str, problem: str) -> None:
    with pytest.raises(UserError) as caught:
        Settings(None, {name: text}).given("engine")
    assert caught.value.message == problem


def test_every_setting_has_a_variable_that_is_read() -> None:
    texts = {"text": "", "switch": "1", "number": "50", "folders": "a:b", "recording": "0", "keys": "a.b=c"}
    for setting in SETTINGS:
        text = setting.choices[-1] if setting.choices else texts[setting.form] or "de"
        given = Settings(None, {setting.variable: text}).given(setting.key)
        assert (given.origin, given.place) == ("variable", setting.variable)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"format": "x"}',
        '{"format": "hatlab screen", "version": 1, "settings": []}',
        '{"format": "hatlab screen", "version": 1, "settings": {"tutor_width": "x"}}',
    ],
)
def test_a_damaged_file_of_the_screen_is_told_and_put_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "screen.json"
    path.write_text(content, encoding="utf-8")
    said: list[str] = []
    kept = Remembered(path, said.append)
    assert kept.values == {}
    assert "It was moved to" in said[0]
    kept.keep("pane", "log")
    assert Remembered(path).values == {"pane": "log"}
    assert [p.read_text(encoding="utf-8") for p in tmp_path.glob("*.aside.json")] == [content]
