"""A key that there is not is told where it stands; the learner would read it as it is written."""

from __future__ import annotations

import pytest

from hatlab.lessons.format.file import parse_lesson
from hatlab.topology.library import load_topology
from tests.support.lesson_findings import position
from tests.support.lesson_texts import LESSON, VARIANTS


def findings(text: str) -> list[tuple[str, int, int, str]]:
    result = parse_lesson(text.encode(), topology=load_topology)
    assert result.lesson is not None
    return [(f.code, f.line, f.column, f.message) for f in result.findings]


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("The address is", "The\n\naddress {key:kil} is", "{key", "no key does `kil`"),
        ("It took", "Once\n{key:mend|a} took", "{key", "a key is written {key:LINE}"),
        ("ask: Who holds it now?", 'ask: "{key:node}?"', '"{key', "no line does what `node` does"),
        ("do: Kill", "do: By {key:power off db9} kill", "By {key", "`power off db9`: the lab has no db9"),
        ("Press k.", "Press {key:cut lan2}", "Press {key", "`cut lan2`: the lab has no lan2"),
        ("hints: Press s.", "hints: Press {key:s}.", "Press {key", "no key does `s`"),
        ('why: "It was {outage} s."', 'why: "{key:wyh}"', '"{key', "no key does `wyh`"),
        ("db2, nobody]", "{text: db2, wrong: 'Not {key:x}.'}, nobody]", "'Not", "no key does `x`"),
        ("db2, nobody]", "db2, 'by {key:mend}']", "'by", "a key is not replaced in a choice"),
        ("## Look", "## Look {key:mend}", "{key", "a key is not replaced in a heading"),
        ("title: Small", "title: Small {key:mend}", "Small {key", "a key is not replaced in a title"),
        ("[You can say who holds the address.]", "'{key:c}'", "'{", "a key is not replaced in a goal"),
    ],
)  # fmt: skip
def test_what_is_no_key_is_told_with_its_place(old: str, new: str, at: str, message: str) -> None:
    text = LESSON.replace(old, new, 1)
    assert text != LESSON
    ((code, line, column, found),) = findings(text)
    assert code == "LS053"
    assert (line, column) == position(text, at, new)
    assert found.startswith(message)


def test_a_key_by_its_line_or_its_name_is_sound() -> None:
    text = LESSON.replace("Press k.", '"{key:kill mysqld db1|The key @|Typing @} does it{key:node|; or @|}."')
    text = text.replace("The address is", "{key:cut NETWORK|@|@}\n\n```\n{key:kil}\n```\n\nThe address is")
    assert findings(text) == []


def test_a_variant_s_value_may_stand_in_a_key() -> None:
    text = VARIANTS.replace("Look at {{service}}.", "'{key:kill {{service}} db1}'")
    assert findings(text) == []
