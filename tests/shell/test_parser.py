"""Scripts as a tree: what they run, where a shell stops reading them, and that no text raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.shell import Dialect, parse_script, program_names
from hatlab.shell.syntax import AndOr, Case, If, Simple, literal


def first_words(text: str, dialect: Dialect = "bash") -> list[str | None]:
    """The words of a text's first command."""
    command = parse_script(text, dialect).commands[0].pipelines[0].commands[0]
    assert isinstance(command, Simple)
    return [literal(word) for word in command.words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
        ("a # b", ["a"]),
        ("a b#c", ["a", "b#c"]),
        ("a \\\n b", ["a", "b"]),
        ("a $b", ["a", None]),
        ("a '' b", ["a", "", "b"]),
        ("a $'x\\ny'", ["a", "x\ny"]),
    ],
)
def test_a_line_falls_into_words(text: str, words: list[str | None]) -> None:
    assert first_words(text) == words


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("n=$(ps aux | grep mysqld | grep -v grep | wc -l)", ["ps", "grep", "wc"]),
        ("if [ `pidof mysqld` ]; then exit 0; else exit 1; fi", ["[", "pidof", "exit"]),
        ('case "$1" in start|stop) a;; *) b;; esac', ["a", "b"]),
        ("for i in 1 2; do a $i; done; while ! b; do sleep 1; done", ["a", "b", "sleep"]),
        ("f() { a; }; f", ["a", "f"]),
        ("cat <<END | a\nx $(b) y\nEND\nc", ["b", "cat", "a", "c"]),
        ("[[ $x == y && -n $(a) ]] && b", ["a", "b"]),
        ("echo $((1 + $(a)))", ["a", "echo"]),
        ("(a; b) & c", ["a", "b", "c"]),
        ('x="${y:-$(a "b")}"', ["a"]),
    ],
)
def test_programs_of_a_script_are_found(text: str, programs: list[str]) -> None:
    script = parse_script(text)
    assert script.error is None
    assert sorted(program_names(script)) == sorted(programs)


@pytest.mark.parametrize(
    ("text", "bash", "dash"),
    [
        ("fi", "syntax error near unexpected token `fi'", 'Syntax error: "fi" unexpected'),
        ("a | | b", "syntax error near unexpected token `|'", 'Syntax error: "|" unexpected'),
        ("a 'b", "unexpected EOF while looking for matching `''", "Syntax error: Unterminated quoted string"),
        ("if a; then", "syntax error: unexpected end of file", "Syntax error: end of file unexpected"),
        ("x=(a b)", None, 'Syntax error: "(" unexpected'),
        ("a <<< b", None, 'Syntax error: "redirection" unexpected'),
    ],
)
def test_each_shell_says_what_it_cannot_read(text: str, bash: str | None, dash: str) -> None:
    error = parse_script(text, "bash").error
    assert (error and error.describe("bash")) == bash
    error = parse_script(text, "dash").error
    assert error is not None
    assert error.describe("dash") == dash


def test_what_stands_before_an_error_is_kept() -> None:
    script = parse_script("a\nb\nc (\nd")
    assert program_names(script) == ("a", "b")
    assert script.error is not None
    assert script.error.line == 3


def test_compound_commands_keep_their_parts() -> None:
    script = parse_script("if a; then b; elif c; then d; else e; fi >f\ncase x in (a|b) c;; d) e; esac")
    one, other = (item.pipelines[0].commands[0] for item in script.commands)
    assert isinstance(one, If)
    assert isinstance(other, Case)
    assert (len(one.branches), one.otherwise is not None, len(one.redirects)) == (2, True, 1)
    assert [len(patterns) for patterns, _ in other.branches] == [2, 1]
    assert isinstance(script.commands[0], AndOr)


@given(st.text(alphabet="ab$({[]})`'\"\\|&;<>\n #=!?-/ifthen", max_size=60))
def test_no_text_raises(text: str) -> None:
    for dialect in ("bash", "dash"):
        parse_script(text, dialect)


@pytest.mark.parametrize("begin", ["(", "$((", '"$(', "{ ", "if ", "${x:-", "`\\`"])
def test_deep_nesting_is_an_error_like_any_other(begin: str) -> None:
    assert parse_script(begin * 5000 + "a").error is not None
