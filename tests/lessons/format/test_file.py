"""Every fault of a lesson file at once, each with its code and its place in the Markdown."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.rules import codes_of
from hatlab.lessons.compile import compile_lesson
from hatlab.lessons.format.file import MOST_BLOCKS, MOST_BYTES
from hatlab.topology import Layout
from tests.support.lesson_findings import TWO_NODE, locations, only_message, parse, position
from tests.support.lesson_texts import LESSON, VARIANTS


def test_a_sound_lesson_has_no_findings() -> None:
    result = parse(LESSON)
    assert result.findings == ()
    assert result.lesson is not None
    kill, look = result.lesson.steps
    assert (kill.title, look.title) == ("Kill it", "Look")
    assert [type(item).__name__ for item in kill.items] == ["QuestionItem", "TaskItem", "Prose"]
    assert kill.begin is not None
    assert look.begin is None
    assert [item.line for item in kill.items] == [
        position(LESSON, m)[0] for m in ("```yaml predict", "```yaml task", "It took")
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "mark"),
    [
        ("ask: For", "ask: [For", "LS001", ""),
        ("ask: For", "\task: For", "LS002", "\task: For"),
        ("unit: s", "unit: s\nunit: sec", "LS003", "unit: sec"),
        ("title: Small", "title: &a Small\nlanguage: *a", "LS004", "*a"),
        ("---\nversion", "--\nversion", "LS007", "--\nversion"),
        ("\n```\n\n```yaml predict", "\n\n```yaml predict", "LS008", "```yaml lab"),
        ("healthy\n```", "healthy\n\n  ```conf\n", "LS001", ""),
        ("```yaml task", "```yaml taks", "LS009", "yaml taks"),
        ("```yaml task", "```task", "LS009", "task\nid: kill"),
        ("```yaml task", "  ```yaml task", "LS009", "yaml task"),
        ("title: Small", "titel: Small", "LS010", "titel"),
        ("unit: s", "unti: s", "LS010", "unti: s"),
        ("solution: kill mysqld db1", "solution: {edit: db1, dorp: x}", "LS010", "dorp"),
        ("hints:\n  - Press k.", "hints: {sayy: x}", "LS010", "sayy"),
        ("do: Kill mysqld on db1.\n", "", "LS011", "id: kill"),
        ("minutes: 5", "minutes: soon", "LS012", "soon"),
        ("near: 0.5", "near: -1", "LS012", "-1"),
        ("near: 0.5", "right: [1]\nnear: 0.5", "LS012", "[1]"),
        ("solution: kill mysqld db1", "solution: [kill mysqld db1, {wiat: 1}]", "LS012", "{wiat"),
        ("{outage: outage client}", "{outage: [outage client]}", "LS012", "[outage"),
        ("id: small", "id: Small One", "LS013", "Small One"),
        ("{outage: outage client}", "{outage: outage client, Out: owner}", "LS013", "Out:"),
        ("# Small\n", "# Small\n```yaml lab\n```\n", "LS014", "```yaml lab\n```"),
        ("```yaml task\nid: kill", "```yaml lab\n```\n```yaml task\nid: kill", "LS014", "```yaml lab\n```"),
        ("id: mend", "id: kill", "LS020", "kill\ndo: Start"),
        ("{outage: outage client}", "{outage: outage client, vip: owner}", "LS020", "vip: owner"),
        ("[db1, db2, nobody]", "[db1, db2, DB1]", "LS020", "DB1"),
        ("owner db2]", "owner db3]", "LS021", "owner db3"),
        ("owner db2]", "{not: owner db3}]", "LS021", "owner db3"),
        ("owner db2]", "owner = db3]", "LS021", "owner = db3"),
        ("owner db2]", "{not: 5}]", "LS021", "5}]"),
        ("owner db2]", "{ever: handovers = db2}]", "LS021", "handovers"),
        ("owner db2]", "{nto: owner db2}]", "LS021", "{nto"),
        ("owner db2]", "condition split_brian]", "LS021", "condition split"),
        ("owner db2]", "did klil]", "LS021", "did klil"),
        ("owner db2]", "owners inf]", "LS021", "owners inf"),
        ("owner db2]", "owner db2 198.18.0.100]", "LS021", "owner db2 198"),
        ("until: owner db1", "until: ownr db1", "LS021", "ownr"),
        ("{outage: outage client}", "{outage: outage clinet}", "LS021", "outage clinet"),
        ("{outage: outage client}", "{outage: {from: outage}}", "LS021", "{from"),
        ("{outage: outage client}", "{outage: {from: outage, to: ownr}}", "LS021", "ownr"),
        ("  - Press k.", "  - {when: ownr db1, say: x}", "LS021", "ownr"),
        ("hints:\n  - Press k.", "fail: Wrong.\nhints: Press k.", "LS021", "Wrong."),
        ("- wait: healthy", "- wait: {not: helthy}", "LS021", "helthy"),
        ("truth: owner", "truth: owner .99", "LS021", "owner .99"),
        ("solution: kill mysqld db1", "solution: klil mysqld db1", "LS022", "klil"),
        ("solution: kill mysqld db1", "solution: [kill mysqld db1, end]", "LS022", "end]"),
        ("solution: kill mysqld db1", "solution: 'sql client \"SELECT'", "LS022", "'sql"),
        ("do: stop keepalived db1", "do: stop keepalived db3", "LS022", "stop keepalived db3"),
        ("start mysqld db1", "{edit: db9, drop: nopreempt}", "LS022", "db9"),
        ("topology: two-node", "topology: two-nodes", "LS023", "two-nodes"),
        ("you said {cut_off}", "you said {cut_of}", "LS025", "{cut_of}"),
        ("do: Kill mysqld on db1.", "do: Kill, within {outage} s.", "LS025", "Kill, within"),
        ("It was {outage} s.", "It was {skew} s.", "LS025", '"It was'),
        ("- Press k.", "- Press {k}.", "LS025", "Press {k}"),
        ("[db1, db2, nobody]", "[db1, {text: db2, wrong: 'not {db}'}]", "LS025", "'not {db}"),
        ("[db1, db2, nobody]", "[db1, '{vipp}', db2]", "LS025", "'{vipp}"),
        ("truth: outage\n", "truth: outge\n", "LS026", "outge"),
        ("truth: owner", "right: db3", "LS026", "db3\n"),
        ("truth: owner", "right: db1\ntruth: owner", "LS026", "db1\ntruth"),
        ("truth: owner\n", "", "LS026", "who\nask"),
        ("choices: [db1, db2, nobody]\n", "", "LS026", "owner\n```\n\n```yaml task\nid: mend"),
        ("choices: [db1, db2, nobody]", "choices: [db1]", "LS026", "db1]"),
        ("near: 0.5", "near: 0.5\norder: fixed", "LS026", "fixed"),
        ("do: Start it", "do: Start {{it}}", "LS027", "Start {{it}}"),
        ("It took", "It, {{it}}, took", "LS027", "{{it}}"),
        ("# Small\n", "# Small {{it}}\n", "LS027", "{{it}}"),
        ("hints:\n  - Press k.\n", "", "LS030", "```yaml task"),
        ("## Look", "## Read\n\nOnly.\n\n## Look", "LS031", "## Read"),
        (
            "```yaml question",
            "```yaml predict\nid: p\nask: x\ntruth: adverts db1\n```\n\n```yaml question",
            "",
            "",
        ),
        ("do: stop keepalived db1", "do: kill mysqld db1", "LS033", "wrong:"),
        ("solution: kill mysqld db1", "solution: []", "LS034", "[]"),
        ("solution: kill", "watch: true\nsolution: kill", "LS034", "true"),
        ("owner db2]", "owner db2, owner db1]", "LS035", "[process"),
        ("owner db2]", "owner db2, owners 3]", "LS035", "[process"),
        ("owner db2]", "owner db2, {not: owner db2}]", "LS035", "[process"),
        ("{held: 1,", "{held: 31,", "LS035", "{held: 31"),
        ("- Press k.", "- Try kill mysqld db1\n  - Do.", "LS036", "Try kill"),
        ("goals: [You can say who holds the address.]\n", "", "LS037", "---\nversion"),
        ("## Look", "##", "LS038", "##\n"),
        ("near: 0.5", "near: 0", "LS039", "outage\nnear"),
        ("truth: outage\nnear: 0.5", "truth: outage client", "LS039", "outage client\nwhy"),
        ("truth: outage\nnear: 0.5", "truth: outage", "LS039", "outage\nwhy"),
        ("[db1, db2, nobody]", "[db1, db2, db2 and db1]", "LS040", "db2 and db1"),
        ("is `{vip}`", "is 198.18.7.100", "LS041", "198.18.7.100"),
        (
            "choices: [db1, db2, nobody]\ntruth: owner",
            "near: 1\ntruth: outage client",
            "LS043",
            "outage client\n```\n\n```yaml task\nid: mend",
        ),
        ("It took", "##It took", "LS044", "It took"),
        ("unit: s", "unit: ms", "LS050", "ms\n"),
        ("It took {outage}", "It took {OUTAGE}", "LS052", "{OUTAGE}"),
        ("It took {outage}", "It took {outage / cut_off}", "LS052", "{outage /"),
        ("It was {outage} s.", "It was { outage } s.", "LS052", '"It was'),
        ("It took", "An `echo ${SHELL}`, a `{ mysql }`, {held: 3, when: owner db1}. It took", "", ""),
        ("## Look", "## Look at {vip}", "LS052", "{vip}\n\n```yaml question"),
        ("title: Small", "title: Small {foo}", "LS052", "Small {foo}"),
        ("[You can say who holds the address.]", "[You can., 'You can {foo}.']", "LS052", "'You can {foo}"),
        ("It took {outage}", "It took {key:outage}", "LS053", "{key"),
        ("unit: s\ntruth: outage\n", "unit: minutes\ntruth: outage client\n", "LS050", "minutes\n"),
        ("unit: s", "unit: Sekunden", "", ""),
        ("unit: s\ntruth: outage\n", "unit: min\ntruth: handovers\n", "", ""),
        ("start mysqld db1\n", "{edit: db1, drop: nopremt}\n", "LS022", "nopremt"),
        ("start mysqld db1\n", "{edit: db1, change: {from: '{vpi}', to: a}}\n", "LS025", "'{vpi}'"),
    ],
)
def test_each_problem_is_found_where_it_stands(old: str, new: str, code: str, mark: str) -> None:
    assert old in LESSON
    text = LESSON.replace(old, new, 1)
    if not code:
        assert locations(text) == []
    elif mark:
        assert locations(text) == [(code, *position(text, mark))]
    else:
        assert code in {c for c, _, _ in locations(text)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("do: Kill mysqld", "  do: Kill mysqld", "this line is indented too far"),
        ("when: [process", " when: [process", "this line is indented"),
        (
            "It took",
            "> ```yaml task\n> id: x\n> ```\n\nIt took",
            "must stand alone: remove the `>`",
        ),
        (
            "It took",
            "- ```yaml task\n  id: x\n  ```\n\nIt took",
            "must stand alone: remove the `-`",
        ),
        (
            "It took",
            "- one\n  ```yaml task\n  ```\n\nIt took",
            "a block must start in the first column",
        ),
        ("It took", "    ```yaml task\nIt took", "a block must start in the first column: remove the spaces"),
        ("It took", "> ```yml task\n\nIt took", "unknown block `yml task`; write `yaml task`"),
        ("```\n\n```yaml task", "\n```yaml task", "this block is not closed: another one starts in line 28"),
        (
            "- Press k.",
            "- It is the power: press k.",
            "unknown key `It is the power`; put a text with `: `",
        ),
        ("- Press k.", "- Look: press k.", "unknown key `Look`; put a text with `: ` in quotes"),
        (
            "hints: Press s.",
            "hints: {say: so, well}",
            "unknown key `well`; put a text with a comma in quotes",
        ),
        (
            "wrong:\n  do: stop keepalived db1\n  because: mysqld lives",
            "wrong: {do: stop keepalived db1, because: mysqld is, well, alive}",
            "unknown key `well`; put a text with a comma in quotes here",
        ),
        ("- wait: healthy", "- wait: {when: owner db1}", "; write `wait: owner db1`"),
        ("until: owner db1", "until: {when: [owner db1]}", "; write `until: …`"),
        ("is `{vip}`", "is {db3.lan}", "the lab has no db3 on a network lan; did you mean `db2.lan`?"),
    ],
)
def test_a_message_says_what_helps(old: str, new: str, expected: str) -> None:
    assert old in LESSON
    assert expected in only_message(LESSON.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "do: stop keepalived db1\n  because: mysqld lives",
            "- stop keepalived db1",
            "wrong (item 1): this should be a mapping with the keys `do`, `because`, not 'stop",
        ),
        (
            "title: Small",
            "title: Small\nlanguage: german",
            "language: write a language as its tag, for example: en, de, zh-CN, not 'german'",
        ),
        ("- Press k.", "- {when: owner db1}", "`say` is missing in hints (item 1)"),
        ("id: kill", "id: Kill", "id: these characters are not allowed here"),
        (
            "[You can say who holds the address.]",
            "[{You can: say}]",
            "goals (item 1): this should be a text; put one with `: ` in quotes",
        ),
        ("near: 0.5", "near: 0.5 s", "near: this should be a number, not '0.5 s'"),
        ("minutes: 5", "minutes: 5.5", "minutes: this should be a whole number, not 5.5"),
        (
            "until: owner db1",
            "until: owner db1\nhidden: maybe",
            "hidden: this should be true or false, not 'maybe'",
        ),
    ],
)
def test_a_wrong_value_is_told_in_the_words_of_its_author(old: str, new: str, expected: str) -> None:
    assert old in LESSON
    assert only_message(LESSON.replace(old, new, 1)).startswith(expected)


def test_an_answer_has_a_name_from_then_on() -> None:
    assert locations(LESSON.replace("It took", "You said {cut_off.said}. It took")) == []
    before = LESSON.replace("The address is", "You said {cut_off.said}. The address is")
    assert [code for code, _, _ in locations(before)] == ["LS025"]


def test_a_prediction_behind_the_last_task_is_told() -> None:
    text = LESSON + "\n```yaml predict\nid: p\nask: x\ntruth: adverts db1\n```\n"
    assert locations(text) == [("LS032", *position(text, "```yaml predict\nid: p"))]


def test_every_code_is_tried() -> None:
    (mark,) = (m for m in test_each_problem_is_found_where_it_stands.pytestmark if m.name == "parametrize")  # type: ignore[attr-defined]
    tried = {code for _, _, code, _ in mark.args[1]}
    elsewhere = {"LS005", "LS006", "LS015", "LS024", "LS028", "LS032", "LS042", "LS045", "LS051"}
    elsewhere |= {"LS054", "LS055", "LS056", "LS057", "LS058", "LS059", "LS060"}
    assert set(codes_of("LS")) - tried == elsewhere


def test_two_variants_of_one_id_are_told() -> None:
    text = VARIANTS.replace("id: two", "id: one")
    assert locations(text) == [("LS020", *position(text, "one, values: {service: keepalived"))]


def test_a_value_of_a_variant_that_stands_nowhere_is_told_once() -> None:
    text = VARIANTS.replace("answer: a,", "answer: a, aside: 3,").replace(
        "answer: b,", "answer: b, aside: 4,"
    )
    assert locations(text) == [("LS058", *position(text, "aside: 3"))]


def test_a_message_suggests_the_word_that_may_be_meant() -> None:
    assert (
        only_message(LESSON.replace("yaml task", "yaml taks", 1))
        == "unknown block `yaml taks`; did you mean `task`?"
    )
    assert (
        only_message(LESSON.replace("owner db2]", "ownr db2]"))
        == "unknown condition `ownr`; did you mean `owner`?"
    )
    assert (
        only_message(LESSON.replace("owner db2]", "owner db22]"))
        == "there is no node `db22`; did you mean `db2`?"
    )
    assert only_message(LESSON.replace("unit: s", "unti: s")) == "unknown key `unti`; did you mean `unit`?"
    assert (
        only_message(LESSON.replace(": kill mys", ": klil mys"))
        == "unknown action 'klil'; did you mean 'kill'?"
    )
    assert "did you mean `outage`?" in only_message(LESSON.replace("took {outage}", "took {outag}"))
    wrong = LESSON.replace("owner db2]", "{odrer: [owner db2]}]")
    assert only_message(wrong) == "this is not a condition: {odrer: …}; did you mean `order`?"


def test_a_text_that_yaml_takes_for_more_must_stand_in_quotes() -> None:
    assert "it needs quotes around a text with `: `" in only_message(
        LESSON.replace("do: Start it again.", "do: Start it: again.")
    )
    assert only_message(LESSON.replace("do: Start it again.", "do: {vip}, again.")).endswith(
        "put a text that starts like this in quotes"
    )


def test_one_problem_hides_no_other() -> None:
    text = LESSON.replace("minutes: 5", "minutes: soon").replace("owner db2]", "ownr db2]")
    text = text.replace("- wait: healthy", "- wait: helthy").replace("unit: s", "unti: s")
    result = parse(text)
    assert result.lesson is None
    assert [f.code for f in result.findings] == ["LS012", "LS010", "LS021", "LS021"]


def test_a_file_that_is_no_lesson_is_told_why() -> None:
    assert locations("") == [("LS007", 1, 1)]
    assert locations("# A page\n") == [("LS007", 1, 1)]
    assert locations("---\nversion: 1\n") == [("LS007", 1, 1)]
    assert "that starts in line 1 has no end" in only_message(LESSON.replace("]\n---\n", "]\n", 1))
    assert "between two lines of `---`" in only_message("# A page\n")
    assert locations("---\n- a\n---\n") == [("LS012", 2, 1)]
    assert locations(LESSON.encode() + b"\xff") == [("LS005", LESSON.count("\n") + 1, 1)]
    assert locations(LESSON + "x" * MOST_BYTES) == [("LS006", 1, 1)]
    assert locations(LESSON[: LESSON.index("## Kill")]) == [("LS015", 9, 1)]
    assert locations(LESSON + "```yaml lab\n```\n" * MOST_BLOCKS)[-1][0] == "LS006"
    last = LESSON.rstrip().removesuffix("```")
    assert locations(last) == [("LS008", *position(LESSON, "```yaml task\nid: mend"))]


def test_a_block_that_is_not_closed_hides_nothing_behind_it() -> None:
    """Neither the heading that follows nor what is wrong in the next block; its own code may show blocks."""
    text = LESSON.replace("because: mysqld lives\n```\n", "because: mysqld lives\n")
    assert locations(text) == [("LS008", *position(text, "```yaml task\nid: kill"))]
    text = text.replace("truth: owner", "truth: owner .99")
    assert [code for code, _, _ in locations(text)] == ["LS008", "LS021"]
    text = LESSON.replace(
        "```yaml lab\nuntil: owner db1\n```\n", "See {{it}}.\n\n```yaml lab\nuntil: owner db1\n"
    )
    assert locations(text) == [
        ("LS027", *position(text, "{{it}}")),
        ("LS008", *position(text, "```yaml lab")),
    ]
    assert locations(LESSON.replace("## Look", "````\n```yaml task\n````\n\n## Look")) == []


def test_a_comment_that_is_not_closed_is_told() -> None:
    text = LESSON.replace("## Look", "<!-- later:\n\n## Look")
    assert locations(text) == [("LS008", *position(text, "<!--"))]
    assert only_message(text) == "this comment is not closed: everything below would be part of it"
    assert locations(LESSON + "<!-- one line -->\n<!-- and\ntwo -->\n") == []


def test_code_and_comments_are_prose_and_hold_no_headings() -> None:
    shown = "```conf\n## no heading\nvrrp { {outag} }\n```\n<!-- not told:\n## none\n-->\n~~~yaml\n"
    shown += "```yaml task\n~~~\n"
    text = LESSON.replace("## Kill it", shown + "\n## Kill it")
    result = parse(text)
    assert result.findings == ()
    assert result.lesson is not None
    assert [step.title for step in result.lesson.steps] == ["Kill it", "Look"]
    assert "## no heading" in result.lesson.intro
    assert "not told" not in result.lesson.intro


def test_lines_may_end_in_any_way() -> None:
    for text in (LESSON.replace("\n", "\r\n"), "\ufeff" + LESSON, LESSON.replace("\n", "\r")):
        result = parse(text)
        assert result.findings == ()
        assert result.lesson == parse(LESSON).lesson
    text = LESSON.replace("ask: For", "ask: \u2028For").replace("owner db2]", "ownr db2]")
    assert locations(text) == [("LS021", *position(text, "ownr"))]


def test_yes_and_no_are_words() -> None:
    text = LESSON.replace("[db1, db2, nobody]\ntruth: owner", "[yes, no]\nright: no")
    result = parse(text)
    assert result.findings == ()
    assert result.lesson is not None
    (_, item) = (question.question for _, question in result.lesson.questions())
    assert ([choice.text for choice in item.choices], item.right) == (["yes", "no"], "no")


def test_a_capture_of_an_earlier_step_can_be_a_truth() -> None:
    text = LESSON.replace("choices: [db1, db2, nobody]\ntruth: owner", "truth: outage\nnear: 1")
    result = parse(text)
    assert result.findings == ()
    assert result.lesson is not None
    assert compile_lesson(result.lesson, Layout.numbered("lab", TWO_NODE)).questions["who"].truth is None


def test_a_seed_draws_a_variant() -> None:
    for seed, (service, right) in {None: ("mysqld", "a"), 1: ("keepalived", "b"), 2: ("mysqld", "a")}.items():
        result = parse(VARIANTS, seed)
        assert result.findings == ()
        assert result.lesson is not None
        assert result.lesson.steps[0].title == "Find it"
        ((_, task),) = result.lesson.tasks()
        ((_, item),) = result.lesson.questions()
        assert item.question.right == right
        assert task.solution == (f"start {service} db1",)
        assert result.lesson.steps[0].begin is not None
        assert result.lesson.steps[0].begin.begin[0] == f"kill {service} db1"
        assert result.lesson.intro == f"Something is wrong with {service}."


def test_each_variant_is_checked() -> None:
    text = VARIANTS.replace("service: keepalived", "service: keepalivd")
    assert {f.code for f in parse(text, 0).findings} == {"LS021", "LS022"}
    assert parse(text, 0).lesson is None
    text = VARIANTS.replace(", answer: b", "")
    assert [(f.code, f.message) for f in parse(text).findings if f.code == "LS027"] == [
        ("LS027", "variant two has no value for {{answer}}")
    ]
    assert [f.code for f in parse(VARIANTS.replace("minutes: 5", "minutes: soon")).findings] == ["LS012"]
    text = VARIANTS.replace("{{answer}}", "[{{answer}}")
    assert "\ue000" not in "".join(f.message for f in parse(text).findings)


def test_prose_names_values_that_each_variant_has() -> None:
    text = VARIANTS.replace("Something is", "A {{word}} to {{service}}:\n`{{word}}` is")
    result = parse(text)
    assert result.lesson is None
    assert [(f.code, f.line, f.column, f.message) for f in result.findings] == [
        ("LS027", *position(text, mark), f"variant {variant} has no value for {{{{word}}}}")
        for mark in ("{{word}} to", "{{word}}`")
        for variant in ("one", "two")
    ]
    one = text.replace("{service: mysqld,", "{service: mysqld, word: fault,")
    assert {f.message for f in parse(one).findings} == {"variant two has no value for {{word}}"}
    assert only_message(LESSON.replace("It took", "It {{it}} took")) == (
        "this lesson has no variants, so there is no value for {{it}}"
    )


def test_code_may_have_braces_of_its_own() -> None:
    code = "```jinja\n{{ansible_host}}\n```\n\nSomething {{service}} is"
    result = parse(VARIANTS.replace("Something is", code))
    assert result.findings == ()
    assert result.lesson is not None
    assert "{{ansible_host}}\n```\n\nSomething mysqld is" in result.lesson.intro


def test_any_file_is_read_or_refused_in_a_moment() -> None:
    """However a file is made, it is refused or read in a moment."""
    head, tail = LESSON.split("when: [process mysqld db1 down, owner db2]")
    deep = "{not: " * 60 + "healthy" + "}" * 60
    many = "[" + "ownr db2, " * 15_000 + "]"
    nested = "[" * 30 + "ownr db2, " * 15_000 + "]" * 30
    began = time.monotonic()
    assert len(parse(LESSON + "```yaml lab\n" * 7_000).findings) > 1
    for text in (deep, many, nested, '"' + "x" * 150_000 + '"', "{" + "a: {}, " * 20_000 + "}"):
        result = parse(head + "when: " + text + tail)
        assert result.lesson is None
        assert result.findings
    values = "".join(f"  - {{id: v{k}, values: {{x: {['ownr db1'] * 300}}}}}\n" for k in range(20))
    many_values = LESSON.replace("goals:", f"variants:\n{values}goals:").replace(
        "[process mysqld db1 down, owner db2]", "[" + "{{x}}, " * 2000 + "]"
    )
    assert parse(many_values).lesson is None
    assert time.monotonic() - began < 10


@settings(max_examples=150)
@given(st.data())
def test_no_damage_makes_reading_fail(data: st.DataObject) -> None:
    """Lines lost, swapped and changed: located findings, or a lesson that is ready for its lab."""
    lines = data.draw(st.sampled_from([LESSON, VARIANTS])).split("\n")
    bits = [
        "",
        "  ",
        "- ",
        "{",
        "}",
        "[",
        ": ",
        "not: ",
        "```",
        "```yaml task",
        "## ",
        "owner db2",
        "{x}",
        "{{y}}",
        "5",
        "'",
    ]
    for _ in range(data.draw(st.integers(1, 4))):
        k = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                del lines[k]
                lines = lines or [""]
            case 1:
                lines.insert(k, data.draw(st.sampled_from(lines)))
            case 2:
                at = data.draw(st.integers(0, len(lines[k])))
                lines[k] = lines[k][:at] + data.draw(st.sampled_from(bits)) + lines[k][at:]
            case _:
                lines[k] = (
                    data.draw(st.sampled_from(bits)) + lines[k][data.draw(st.integers(0, len(lines[k]))) :]
                )
    text = "\n".join(lines)
    result = parse(text)
    _sane(result.findings, text)
    if result.lesson is not None:
        compile_lesson(result.lesson, Layout.numbered("lab", TWO_NODE))
    else:
        assert any(f.severity == "error" for f in result.findings)


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_fail(raw: bytes) -> None:
    for whole in (raw, b"---\n" + raw + b"\n---\n" + raw, LESSON.encode() + b"\n```yaml task\n" + raw):
        _sane(parse(whole).findings, whole.decode("utf-8", "replace"))


def _sane(findings: tuple[Finding, ...], text: str) -> None:
    lines = len(re.split("\r\n|\r|\n", text))
    assert all(1 <= f.line <= lines + 1 and f.column >= 1 and "\n" not in f.message for f in findings)
