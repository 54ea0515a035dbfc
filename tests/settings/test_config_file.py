"""config.toml: where its keys stand, what is wrong with it, and the one that is written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.errors import FileError
from hatlab.settings.config_file import commented_config, key_lines, read_config
from hatlab.settings.effective import file_problems
from hatlab.settings.model import Config, config_schema
from hatlab.settings.table import SETTINGS

TEXT = '''\
# a comment = 1
engine = "sim"

lessons = [
  "a", # [keys]
  """b
theme = 1
""",
]
  theme = "nord"
[ keys ]
"lab.kill" = "f9"
view.find = "f7"
'''


def test_each_key_has_its_line_whatever_stands_in_values() -> None:
    lines = key_lines(TEXT)
    expected = {("engine",): 2, ("lessons",): 4, ("theme",): 10, ("keys",): 11}
    assert {loc: line for loc, line in lines.items() if len(loc) == 1} == expected
    assert lines["keys", "lab.kill"] == 12
    assert lines["keys", "view.find"] == 13


VALUES = st.sampled_from(['"x"', "[\n1,\n2]", '"""\na = 1\n"""', "{ b = 2 }", "true", "'''\n[c]\n'''"])


@given(st.lists(VALUES, max_size=8), st.integers(0, 8))
def test_a_key_is_found_in_its_line_among_any_others(values: list[str], head: int) -> None:
    text, expected = "", {}
    for number, value in enumerate(values):
        if number == head:
            text += "\n[table]\n"
        loc = ("table", f"k{number}") if number >= head else (f"k{number}",)
        expected[loc] = text.count("\n") + 1
        text += f"k{number} = {value}\n"
    lines = key_lines(text)
    assert {loc: lines[loc] for loc in expected} == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('engine = "sum"', "1: engine: this should be 'auto', 'docker' or 'sim', not 'sum'"),
        ("\nthem = 'nord'", "2: unknown key `them`; did you mean `theme`?"),
        ('lessons = [\n"a",\n4]', "1: lessons (item 2): this should be a text, not 4"),
        ("ascii = 1", "1: ascii: this should be true or false, not 1"),
        ("tutor_width = 7", "1: tutor_width: this should be greater than or equal to 36, not 7"),
        ("[keys]\nlab.kill = 3", "2: keys.lab.kill: this should be a text, not 3"),
        ('language = "ä"', "1: language: these characters are not allowed here"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    assert [f"{p.line}: {p.message}" for p in file_problems(read_config(path))] == [problem]


@pytest.mark.parametrize(
    ("text", "place"), [("a = 1\nb = = 2", "2:5"), ("a = [1,\n", "2:1"), ("a = 1\na = 2\n", "2:")]
)
def test_what_is_no_toml_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=f"config.toml:{place}.*not valid TOML"):
        read_config(path)


def test_the_commented_file_sets_nothing_and_each_example_in_it_is_right(tmp_path: Path) -> None:
    text = commented_config()
    assert tomllib.loads(text) == {"keys": {}}
    path = tmp_path / "config.toml"
    uncommented = [
        line[1:] if line.startswith("#") and not line.startswith(("# ", "#\n", "#:")) else line
        for line in text.splitlines(keepends=True)
    ]
    path.write_text("".join(uncommented), encoding="utf-8")
    config = read_config(path)
    assert list(file_problems(config)) == []
    assert set(config.values) == {setting.key for setting in SETTINGS}


def test_the_model_the_table_and_the_schema_have_the_same_settings() -> None:
    keys = [setting.key for setting in SETTINGS]
    schema = config_schema()["properties"]
    assert keys == list(Config.model_fields) == list(schema)
    for setting in SETTINGS:
        assert schema[setting.key]["description"] == setting.help
        if setting.choices:
            named = "examples" if setting.adds else "enum"  # an editor knows no extension of another machine
            assert tuple(schema[setting.key][named]) == setting.choices
        if setting.default is not None:
            Config.model_validate({setting.key: setting.default})


@pytest.mark.parametrize("text", ["\ufeffengine = 'sim'\r\npane = 'log'\r\n", "\ufeff", "\r\n"])
def test_an_editor_of_windows_may_have_written_it(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    read = read_config(path)
    assert read.values == ({"engine": "sim", "pane": "log"} if "engine" in text else {})
    assert list(file_problems(read)) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("record = 3", "record: this should be true, false or a folder in quotes, not 3"),
        ("lessons = 'x'", "lessons: this should be a list, not 'x'"),
    ],
)
def test_what_is_of_the_wrong_kind_is_told_once(value: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(value, encoding="utf-8")
    assert [problem.message for problem in file_problems(read_config(path))] == [message]
