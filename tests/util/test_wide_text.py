"""Lines of text with characters of two cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatlab.util.text import wrap_hanging
from hatlab.util.wide_text import cells, has_wide, wrap_wide

CHINESE = "虚拟地址由持有者应答，心跳中断后备份节点在 3.61 s 之后接管地址（VRID 51）。"


def test_chinese_is_wrapped_between_any_two_characters() -> None:
    lines = wrap_hanging(CHINESE, 20, 2)
    assert lines[:3] == ["虚拟地址由持有者应", "  答，心跳中断后备份", "  节点在 3.61 s 之后"]
    assert max(map(cells, lines)) == 20


def test_marks_stay_with_what_they_belong_to_and_words_whole() -> None:
    for width in range(8, 60):
        lines = wrap_wide(CHINESE, width)
        assert "".join(lines).replace(" ", "") == CHINESE.replace(" ", "")
        assert not any(line[0] in "，。）" for line in lines)
        assert not any(line.rstrip()[-1] in "（" for line in lines)
        assert all("VRID" in line or not {*"VRID"} & {*line} for line in lines)


@given(st.text("虚拟地址 ab，（1", max_size=60), st.integers(8, 40))
def test_nothing_is_lost_and_lines_fit(text: str, width: int) -> None:
    lines = wrap_wide(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    words = max(map(len, text.split()), default=0) * 2
    assert all(cells(line) <= max(width, words) for line in lines)


def test_plain_text_is_wrapped_as_ever() -> None:
    assert not has_wide("★ Master, 3 × 1 s")
    assert wrap_hanging("one two three", 8, 1) == ["one two", " three"]
