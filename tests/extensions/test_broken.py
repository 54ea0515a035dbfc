"""Whatever is wrong with an extension is told in one sentence, and everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab.actions import VERBS, Action, parse
from hatlab.engine.makers import EngineRequest, make_engine
from hatlab.errors import ActionFailed, EngineError, LabError
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.registry import known_problems
from hatlab.session import Session
from hatlab.topology.library import load_topology
from tests.keepalived.conf import SOUND
from tests.support.command_line import CommandLine
from tests.support.installed_extensions import find_in, install, install_example

Install = Callable[..., None]

API = "from hatlab.extensions import *\nEXTENSION_API = 1\n"
RULES = '''
RULES = """
### BAD001 something

*warning.* It is so.

*Do:* nothing.
"""
'''
VERB = "X = Verb('x', (), {title!r}, 'Help.', {example!r}, undo={undo!r}, group={group!r}, carry_out={do})"


def verb(
    title: str = "Do x",
    example: str = "x",
    undo: str = "",
    group: str = "lab",
    do: str = "lambda lab, action: ''",
) -> str:
    return API + VERB.format(title=title, example=example, undo=undo, group=group, do=do)


def check(rules: str = RULES, files: str = "configuration", find: str = "lambda file: ()") -> str:
    return f"{API}{rules}X = Check('x', {files!r}, {find}, RULES)\n"


LEFT_OUT = {
    "cannot be loaded: ModuleNotFoundError: No module named 'nowhere'": (
        "action",
        "import nowhere",
    ),
    "cannot be loaded: SyntaxError": ("check", "this is no Python"),
    "cannot be loaded: AttributeError": ("engine", "EXTENSION_API = 1"),
    "cannot be loaded: SystemExit: 3": ("condition", "raise SystemExit(3)"),
    "cannot be loaded: ValueError: THING is no kind of word": (
        "condition",
        API + "X = condition('x THING', 'h', 'x a')(bool)",
    ),
    "it gives no Check, but int": ("check", API + "X = 3"),
    "it gives no Verb, but int": ("action", API + "X = 3"),
    "it is not made by `condition`, but is a int": ("condition", API + "X = 3"),
    "it gives no EngineMaker, but int": ("engine", API + "X = 3"),
    "the entry point is called 'x', and the Verb in it 'y'": (
        "action",
        verb().replace("Verb('x'", "Verb('y'"),
    ),
    "the entry point is called 'x', and the condition in it 'y'": (
        "condition",
        API + "X = condition('y', 'h', 'y')(bool)",
    ),
    "it is written for API 2 of hatlab, and this one has 1": (
        "action",
        verb().replace("_API = 1", "_API = 2"),
    ),
    "does not say for which API of hatlab it is written": ("action", verb().replace("EXTENSION_API = 1", "")),
    "its Verb has nothing that carries it out (carry_out)": ("action", verb(do="None")),
    "there is no group 'own'": ("action", verb(group="own")),
    "its example does not begin with x": ("action", verb(example="kill mysqld db1")),
    "there is no action 'unx' that could undo it": ("action", verb(undo="unx")),
    "its title cannot be filled in": ("action", verb(title="Do {")),
    "it has no rules": ("check", check("RULES = ''\n")),
    "a section of its rules is not written as in `hatlab help checks`": (
        "check",
        check("RULES = '### BAD001'\n"),
    ),
    "its code KA001 should be three to eight capital letters": ("check", check(RULES.replace("BAD", "KA"))),
    "there are no files 'all'": ("check", check(files="all")),
}


@pytest.fixture
def hatlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package beside the example, which has to work all the same."""
    folder = tmp_path / "packages"
    folder.mkdir()
    install_example(folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def install_and_find(kind: str, source: str, name: str = "x", package: str = "broken-one") -> None:
        install(folder, package, {f"{kind} {name}": "X"}, source, "0.3")
        find_in(folder, monkeypatch)

    return install_and_find


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_what_cannot_be_used_is_left_out(reason: str, installed: Install, hatlab: CommandLine) -> None:
    kind, source = LEFT_OUT[reason]
    installed(kind, source)
    lines = [json.loads(line) for line in hatlab("extensions", "--json", code=1).out.splitlines()]
    (broken,) = [each for each in lines if not each["works"]]
    assert (broken["package"], broken["package_version"], broken["kind"]) == ("broken-one", "0.3", kind)
    assert reason in broken["text"]
    assert "broken-one" in broken["cure"].replace("_", "-") or "update hatlab" in broken["cure"]
    assert len(lines) == 5


def test_it_is_told_once_where_it_is_needed_and_the_rest_goes_on(
    installed: Install, hatlab: CommandLine
) -> None:
    installed("action", "import nowhere")
    told = hatlab("help", "do")
    assert "strike mysqld" in told.out
    assert (
        told.err.count("hatlab: the action 'x' of broken-one 0.3 cannot be loaded: ModuleNotFoundError") == 1
    )
    assert "pip install -U broken-one, or pip uninstall broken-one" in told.err
    found = hatlab("doctor", code=None).out
    assert "the action 'x' of broken-one 0.3 cannot be loaded" in found
    assert "hatlab-example 1.0" in found


@pytest.mark.parametrize(
    ("kind", "name"),
    [("action", "kill"), ("condition", "owner"), ("engine", "sim"), ("check", "translation")],
)
def test_a_name_of_hatlab_s_own_stays_its_own(
    kind: str, name: str, installed: Install, hatlab: CommandLine
) -> None:
    installed(kind, "raise RuntimeError('never imported')", name)
    told = hatlab("extensions", code=1).out
    assert (
        f"is left out: hatlab itself has a{'n' if kind in 'action engine' else ''} {kind} of that name"
        in told
    )
    assert parse("kill mysqld db1") == Action("kill", ("mysqld", "db1"))


def test_of_two_with_one_name_the_first_package_counts(installed: Install, hatlab: CommandLine) -> None:
    installed("action", verb(), "strike", package="zz-later")
    told = hatlab("extensions", code=1).out
    assert "is left out: hatlab-example 1.0 has an action of that name" in told
    assert VERBS["strike"].help.startswith("Like `kill`")


def test_two_checks_with_one_code_are_told(installed: Install, hatlab: CommandLine) -> None:
    installed("check", check(RULES.replace("BAD001", "SITE001")))
    assert "has the code SITE001 of another check" in hatlab("extensions", code=1).out


def test_a_name_that_cannot_be_typed_is_left_out(installed: Install, hatlab: CommandLine) -> None:
    installed("action", verb(), "Go there")
    assert "strike" in hatlab("help", "do").out
    (problem,) = known_problems()
    assert "a name has lower-case letters" in problem.message


def test_damaged_metadata_of_others_is_no_matter(
    installed: Install, hatlab: CommandLine, tmp_path: Path
) -> None:
    installed("action", verb())
    info = tmp_path / "packages" / "odd-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[hatlab.actions]\nno value here\n[", encoding="utf-8")
    (tmp_path / "packages" / "none-1.dist-info").mkdir()
    assert "broken-one 0.3" in hatlab("extensions").out


@pytest.mark.parametrize(
    "find",
    [
        "lambda file: 1 / 0",
        "lambda file: [file.finding('BAD002', 'x')]",
        "lambda file: [3]",
        "lambda file: None",
        "lambda file: (1 / 0 for _ in 'x')",
    ],
)
def test_a_check_that_fails_finds_nothing(find: str, installed: Install, hatlab: CommandLine) -> None:
    installed("check", check(find=find))
    Path("db1.conf").write_text(SOUND, encoding="utf-8")
    told = hatlab("check", "db1.conf")
    assert "SITE001" in told.out
    assert "the check 'x' of broken-one 0.3" in told.err


def test_a_check_without_an_end_is_cut_off(installed: Install, hatlab: CommandLine) -> None:
    installed("check", check(find="lambda file: (file.finding('BAD001', 'again') for _ in iter(int, 1))"))
    Path("db1.conf").write_text(SOUND, encoding="utf-8")
    (file,) = json.loads(hatlab("check", "db1.conf", "--json").out)["files"]
    assert [finding["code"] for finding in file["findings"]].count("BAD001") == 300


@pytest.mark.parametrize(
    ("do", "told"),
    [
        ("lambda lab, action: 1 / 0", "failed: ZeroDivisionError: division by zero"),
        ("lambda lab, action: None", "returned no sentence, but NoneType"),
        ("lambda lab, action: lab.do('end')", "an action cannot be made of 'end'"),
        ("lambda lab, action: lab.do('strike mysqld')", "an action cannot be made of 'strike'"),
        ("lambda lab, action: lab.do('kill mysqld db9')", "there is no node 'db9'"),
        ("lambda lab, action: lab.run('db9', 'ls')", "there is no node 'db9'"),
    ],
)
def test_an_action_that_fails_is_one_that_failed(do: str, told: str, installed: Install) -> None:
    installed("action", verb(do=do))
    session = _simulated()
    with pytest.raises(ActionFailed) as failed:
        session.act(parse("x"))
    assert told in failed.value.message
    assert session.state.action is not None
    assert session.state.action.phase == "failed"
    assert session.act(parse("strike mysqld", session.state.layout))
    session.stop()


def test_a_condition_that_fails_counts_as_not_true(installed: Install) -> None:
    installed("condition", API + "X = condition('x', 'h', 'x')(lambda seen: 1 / 0)")
    session = _simulated()
    layout = session.state.layout
    assert layout is not None
    assert CONDITIONS.resolve(["x"], layout)(None) is False  # type: ignore[arg-type]
    (problem,) = known_problems()
    assert problem.title == "the condition 'x' of broken-one 0.3"
    assert problem.what == "failed, and counts as not true: ZeroDivisionError: division by zero"
    session.stop()


ENGINE = API + "class Own(SimulatorEngine):\n    name = 'x'\n    {body}\nX = EngineMaker('x', 'h', {make})\n"


@pytest.mark.parametrize(
    ("body", "make", "told"),
    [
        ("pass", "lambda request: 1 / 0", "failed: ZeroDivisionError"),
        ("pass", "lambda request: request", "has no live"),
        ("pass", "lambda request: SimulatorEngine(request.name, request.topology)", "whose name is 'sim'"),
        ("def start(self, emit): 1 / 0", "lambda r: Own(r.name, r.topology)", "failed in `start`: Zero"),
    ],
)
def test_an_engine_that_fails_is_no_lab(body: str, make: str, told: str, installed: Install) -> None:
    installed("engine", ENGINE.format(body=body, make=make))
    with pytest.raises(EngineError) as failed:
        Session(make_engine("x", EngineRequest("two-node", load_topology("two-node")))).start()
    assert f"the engine 'x' of broken-one 0.3 {told}" in failed.value.message or told in failed.value.message
    assert "broken-one" in failed.value.hint


def test_an_engine_that_cannot_stop_says_whose_it_is(installed: Install) -> None:
    body = "def stop(self): super().stop(); 1 / 0"
    installed("engine", ENGINE.format(body=body, make="lambda r: Own(r.name, r.topology, paced=False)"))
    session = Session(make_engine("x", EngineRequest("two-node", load_topology("two-node"))))
    session.start()
    with pytest.raises(EngineError, match=r"the engine 'x' of broken-one 0\.3 failed in `stop`: Zero"):
        session.stop()
    assert session.ended


def test_what_it_prints_steers_no_terminal_and_spoils_no_json(
    installed: Install, hatlab: CommandLine
) -> None:
    source = check(find="lambda file: print('\\x1b[31mfound\\u202e') or ()")
    installed("check", f"print('\\x1b]0;title\\x07loaded')\n{source}")
    Path("db1.conf").write_text(SOUND, encoding="utf-8")
    told = hatlab("check", "db1.conf")
    assert "\x1b" not in told.out + told.err
    assert "\\x1b[31mfound\\u202e" in told.err
    assert "loaded" in told.err
    told = hatlab("check", "db1.conf", "--json")
    assert json.loads(told.out)["errors"] == 0
    assert all(json.loads(line) for line in told.err.splitlines())


def test_no_file_brings_code_along(
    installed: Install, hatlab: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed("action", verb())
    for name in ("evil.py", "sitecustomize.py", "hatlab_evil.py"):
        Path(name).write_text("raise SystemExit('evil')", encoding="utf-8")
    install(tmp_path, "evil-one", {"check evil": "X"}, "open('/nowhere/evil')")
    Path("db1.conf").write_text(SOUND, encoding="utf-8")
    monkeypatch.syspath_prepend("")
    monkeypatch.syspath_prepend(tmp_path)
    told = hatlab("check", "db1.conf", ".", code=None)
    assert "evil" not in told.out.replace("db1.conf", "") + told.err


def _simulated() -> Session:
    session = Session(make_engine("sim", EngineRequest("two-node", load_topology("two-node"), paced=False)))
    try:
        session.start()
    except LabError:
        session.stop()
        raise
    return session
