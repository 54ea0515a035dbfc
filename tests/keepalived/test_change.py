from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.actions import SETTINGS
from hatlab.errors import ActionError
from hatlab.keepalived import change_setting, parse_config, read_scripts, read_settings
from tests.keepalived.conf import PLAIN
from tests.keepalived.test_parser import TEXTS


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


@pytest.mark.parametrize(
    ("key", "value", "diff"),
    [
        ("priority", "90", ["-    priority 150 # the highest wins", "+    priority 90 # the highest wins"]),
        ("advert_int", "2", ["-    advert_int 1", "+    advert_int 2"]),
        ("nopreempt", "off", ["-    nopreempt"]),
        ("nopreempt", "on", []),
        ("preempt_delay", "5", ["+    preempt_delay 5"]),
        ("weight", "0", ["-    weight -60", "+    weight 0"]),
        ("auth_pass", "other", ["-        auth_pass hatlab", "+        auth_pass other"]),
        ("virtual_router_id", "52", ["-    virtual_router_id 51", "+    virtual_router_id 52"]),
    ],
)
def test_a_setting_s_line_is_the_only_one_that_changes(key: str, value: str, diff: list[str]) -> None:
    assert _diff(PLAIN, change_setting(PLAIN, key, value)) == diff


def test_every_setting_can_be_set() -> None:
    values = {"nopreempt": "on", "auth_pass": "x"}
    for key in SETTINGS:
        change_setting(PLAIN, key, values.get(key, "7"))


def test_a_missing_setting_is_added_to_its_block() -> None:
    text = "vrrp_script a {\n}\nvrrp_instance VI_1 {\n\tpriority 5\n}\n"
    assert "\n\tnopreempt\n}\n" in change_setting(text, "nopreempt", "on")
    assert read_scripts(change_setting(text, "weight", "-5"))["a"].weight == -5
    assert read_settings(change_setting(text, "auth_pass", "secret"))["VI_1"].auth_pass == "secret"


@pytest.mark.parametrize(
    "text",
    [
        "vrrp_instance VI_1 { priority 5 }",
        "vrrp_instance VI_1 {}",
        "vrrp_instance VI_1 {\n priority 5",
        "vrrp_instance VI_1\n{\npriority # none\n}",
        "vrrp_instance VI_1 {\r\n    state BACKUP\r\n}\r\n",
        "vrrp_instance VI_1 {\n    state BACKUP }\n",
    ],
)
def test_settings_in_awkward_shapes_are_changed(text: str) -> None:
    changes = {"priority": "77", "preempt_delay": "7", "auth_pass": "secret", "nopreempt": "on"}
    for key, value in changes.items():
        found = read_settings(change_setting(text, key, value))["VI_1"]
        assert str(getattr(found, key)) in {value, "7.0", "True"}
    assert change_setting(text, "nopreempt", "off") == text


def test_a_comment_behind_nopreempt_stays() -> None:
    text = "vrrp_instance VI_1 {\n    nopreempt # why\n}\n"
    after = change_setting(text, "nopreempt", "off")
    assert "# why" in after
    assert not read_settings(after)["VI_1"].nopreempt


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("priority", "0"),
        ("priority", "256"),
        ("priority", "1 } vrrp_instance x {"),
        ("priority", "١"),
        ("advert_int", "0"),
        ("advert_int", "1\n}"),
        ("nopreempt", "yes please"),
        ("auth_pass", "a b"),
        ("auth_pass", 'a"'),
        ("auth_pass", "a#b"),
        ("auth_pass", "}"),
        ("auth_pass", "$A"),
        ("auth_pass", ""),
        ("weight", "254"),
        ("router_id", "x"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(key: str, value: str) -> None:
    with pytest.raises(ActionError):
        change_setting(PLAIN, key, value)


def test_a_text_without_a_place_for_the_setting_is_refused() -> None:
    two = PLAIN + PLAIN.replace("VI_1", "VI_2")
    with pytest.raises(ActionError, match="several"):
        change_setting(two, "priority", "7")
    assert read_settings(change_setting(two, "priority", "7", "VI_2"))["VI_2"].priority == 7
    assert read_settings(change_setting(two, "priority", "7", "VI_2"))["VI_1"].priority == 150
    with pytest.raises(ActionError, match="no vrrp_instance"):
        change_setting("", "priority", "7")
    with pytest.raises(ActionError, match="version 3"):
        change_setting("vrrp_instance A {\n version 3\n}", "auth_pass", "x")


@given(st.sampled_from(SETTINGS), st.text(max_size=12))
def test_a_value_never_becomes_syntax(key: str, value: str) -> None:
    try:
        after = change_setting(PLAIN, key, value)
    except ActionError:
        return
    shape = [s.keyword for s in parse_config(PLAIN).body or ()]
    assert [s.keyword for s in parse_config(after).body or ()] == shape
    assert len(_diff(PLAIN, after)) <= 2


@given(TEXTS, st.sampled_from(SETTINGS))
def test_any_text_gives_a_text_or_an_action_error(text: str, key: str) -> None:
    for whole in (text, f"vrrp_instance A {{\n{text}\n}}", f"vrrp_script A {{\n{text}\n}}"):
        try:
            change_setting(whole, key, "on" if key == "nopreempt" else "7")
        except ActionError:
            continue
