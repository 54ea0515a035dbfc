"""A class's folder: what is made of a list of people, its keys and links, and what is wrong in its files."""

from __future__ import annotations

import csv
import io
import stat
from copy import deepcopy
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hatlab.classroom import keys
from hatlab.classroom.config import ClassConfig, read_config
from hatlab.classroom.course import Course, follow_course, open_course
from hatlab.classroom.running import _put_aside_what_is_no_database, stop_class
from hatlab.errors import FileError
from tests.support.command_line import CommandLine

SECRET = "00" * 32


@pytest.fixture
def hatlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


@pytest.fixture
def course(tmp_path: Path, hatlab: CommandLine) -> Course:
    people = tmp_path / "people.csv"
    people.write_text('full name\nAda Example\n王小明\n"=<b>Müller"\n', encoding="utf-8")
    hatlab("class", "new", tmp_path / "course", "--roster", people, "--address", "http://192.0.2.7:8000")
    return open_course(tmp_path / "course")


def _links(hatlab: CommandLine, course: Course, *options: str) -> dict[str, str]:
    out = hatlab("class", "links", course.folder, *options).out
    return {row["name"]: row["link"] for row in csv.DictReader(io.StringIO(out))}


def test_links_lead_in_and_only_the_right_ones(hatlab: CommandLine, course: Course) -> None:
    links = _links(hatlab, course)
    assert list(links) == ["teacher", "s01", "s02", "s03"]
    for name, link in links.items():
        parts = urlsplit(link)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        assert (parts.netloc, parts.path, query["name"]) == ("192.0.2.7:8000", "/hub/link", name)
        assert course.accepts(name, query["key"])
        assert not any(course.accepts(other, query["key"]) for other in links if other != name)
        assert not course.accepts(name, query["key"][:-1])
    assert not course.accepts("nobody", keys.link_key(course.secret, "nobody"))


def test_a_link_that_is_renewed_leads_in_no_more(hatlab: CommandLine, course: Course) -> None:
    before = _links(hatlab, course)
    assert _links(hatlab, course, "--renew", "s02").keys() == {"s02"}
    after = _links(hatlab, course)
    assert [name for name in before if before[name] != after[name]] == ["s02"]
    assert not course.accepts("s02", before["s02"].rpartition("=")[2])
    assert course.accepts("s02", after["s02"].rpartition("=")[2])


def test_a_link_ends_when_its_student_leaves_the_roster(hatlab: CommandLine, course: Course) -> None:
    key = _links(hatlab, course)["s01"].rpartition("=")[2]
    lines = course.roster_file.read_text(encoding="utf-8").splitlines()
    course.roster_file.write_text("\n".join(line for line in lines if "s01" not in line), encoding="utf-8")
    assert not course.accepts("s01", key)


def test_cards_have_a_code_each_and_nothing_that_runs(
    hatlab: CommandLine, course: Course, tmp_path: Path
) -> None:
    said = hatlab("class", "links", course.folder, "--html", tmp_path / "links.html").out
    is_local = "127.0.0.1" in course.config.server.address
    assert ("They work on this machine alone." in said) == is_local
    page = (tmp_path / "links.html").read_text(encoding="utf-8")
    assert page.count("<section>") == page.count("<svg") == 3
    assert "=&lt;b&gt;Müller" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "name=teacher" not in page


def test_a_spreadsheet_takes_no_name_for_a_formula(hatlab: CommandLine, course: Course) -> None:
    rows = list(csv.reader(io.StringIO(hatlab("class", "links", course.folder).out)))
    assert rows[-1][1] == "'=<b>Müller"


def test_the_secret_is_the_teachers_alone(course: Course) -> None:
    assert stat.S_IMODE((course.state / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(course.state.stat().st_mode) == 0o700


def test_a_class_is_not_made_twice(hatlab: CommandLine, course: Course) -> None:
    before = course.secret
    roster = course.roster_file
    assert "holds a class already" in hatlab("class", "new", course.folder, "--roster", roster, code=2).err
    assert Course(course.folder).secret == before


def test_keys_follow_from_the_secret_and_say_nothing_of_each_other() -> None:
    made = {
        keys.link_key(SECRET, "s01"),
        keys.link_key(SECRET, "s01", 1),
        keys.link_key(SECRET, "s02"),
        keys.link_key("11" * 32, "s01"),
        keys.signing_key(SECRET, "s01").hex(),
        keys.service_token(SECRET, "s01"),
        keys.proxy_token(SECRET),
        keys.cookie_secret(SECRET).hex(),
    }
    assert len(made) == 8
    assert len({keys.variant_seed(SECRET, f"s{n:02}") for n in range(30)}) == 30
    assert keys.link_key(SECRET, "s01") == "5khhzrcccf4gty3jc7fonrhn", "a link printed last year still counts"


def test_the_new_configuration_says_what_counts_anyway(course: Course) -> None:
    config = read_config(course.config_file)
    usual = ClassConfig()
    assert config.seats == usual.seats
    assert config.server.model_copy(update={"address": usual.server.address}) == usual.server


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[class]\ntitle = A class\n", 2, "this is not TOML"),
        ('[seats]\nengine = "simulator"\n', 2, "`seats.engine`"),
        ("[seats]\n\nmemry = 300\n", 3, "there is no key `seats.memry`"),
        ("[seat]\n", 1, "there is no key `seat`"),
        ('[server]\naddress = "http://192.0.2.7/lab"\n', 2, "without a path"),
        ('[server]\naddress = "192.0.2.7"\n', 2, "such as http://"),
        ('[server]\naddress = "http://192.0.2.7:99999"\n', 2, "`server.address`"),
        ('[seats]\nidle = "long"\n', 2, "`seats.idle`"),
        ("[seats]\nmemory = 20\n", 2, "`seats.memory`"),
        ('[seats]\nrun = "down"\n', 2, "`seats.run`"),
        ('[server]\ncertificate = "a.pem"\n', 1, "`certificate_key`"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "class.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_config(path)
    assert (caught.value.line, caught.value.file) == (line, str(path))
    assert message in caught.value.message


def test_what_is_changed_counts_and_a_mistake_leaves_what_stood_there(
    course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    followed = follow_course(course.folder)
    text = course.config_file.read_text(encoding="utf-8")
    course.config_file.write_text(text.replace('lesson = ""', 'lesson = "kill-mysqld"'), encoding="utf-8")
    assert deepcopy(followed).config.exam.lesson == "kill-mysqld", "traitlets copies what is configured"
    for broken in (text.replace('lesson = ""', "lesson = kill"), "\0"):
        course.config_file.write_text(broken, encoding="utf-8")
        assert followed.config.exam.lesson == "kill-mysqld"
    course.config_file.unlink()
    assert followed.config.exam.lesson == "kill-mysqld"
    assert len(caplog.records) == 3
    assert f"{course.config_file}:" in caplog.text


def test_what_is_damaged_or_missing_is_told(hatlab: CommandLine, course: Course, tmp_path: Path) -> None:
    assert "nobody in this class" in hatlab("class", "links", course.folder, "--renew", "x", code=2).err
    (course.state / "secret").write_text("12", encoding="utf-8")
    assert "is damaged" in hatlab("class", "links", course.folder, code=2).err
    (course.state / "secret").unlink()
    assert "there is no file" in hatlab("class", "links", course.folder, code=2).err
    assert "it has no class.toml" in hatlab("class", "start", tmp_path, code=2).err


@pytest.mark.parametrize(
    "words",
    [("start",), ("setup", "x"), ("new", "x"), ("stop", "x", "--html", "y"), ("links", "x", "--roster", "y")],
)
def test_what_does_not_belong_together_is_told(hatlab: CommandLine, words: tuple[str, ...]) -> None:
    assert "hatlab" in hatlab("class", *words, code=2).err


def test_a_mistake_in_the_configuration_keeps_nothing_alive(course: Course) -> None:
    told: list[str] = []
    course.config_file.write_text("[seats", encoding="utf-8")
    assert not stop_class(course, told.append)
    assert "this is not TOML" in told[0]


@pytest.mark.parametrize(
    ("content", "stays"), [(b"garbage", False), (b"", True), (b"SQLite format 3\0 and so on", True)]
)
def test_a_hub_whose_database_is_none_begins_a_new_one(course: Course, content: bytes, stays: bool) -> None:
    database = course.hub_folder / "hub.sqlite"
    _put_aside_what_is_no_database(database)
    database.write_bytes(content)
    _put_aside_what_is_no_database(database)
    assert database.exists() is stays
    assert database.with_suffix(".damaged").exists() is not stays
