"""The page in a browser: thirty students, kept focus, a keyboard, a stranger's words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.classroom.board.running_board import RunningBoard, lesson, running_board
from tests.classroom.board.thirty import class_of_thirty, report_thirty
from tests.support.browser import CHROMIUM, Browser, Page, running_browser
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
ROW = "[...document.querySelectorAll('#rows tr')]"
NOON = 1_800_000_000.0


@pytest.fixture(scope="module")
def board() -> Iterator[RunningBoard]:
    with running_board(students=class_of_thirty(), clock=lambda: NOON) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser, board: RunningBoard) -> Iterator[Page]:
    board.hub.browser_user = "teacher"
    report_thirty(board)
    page = browser.new_page()
    page.call("Page.navigate", url=board.address)
    page.wait_for(f"document.readyState === 'complete' && {ROW}.length === {len(board.students)}")
    yield page
    problems = [problem for problem in page.problems if "it asks for http://127.0.0.1" not in problem]
    assert not problems
    page.close()


def name_in_row(number: int) -> str:
    return f"{ROW}[{number}].querySelector('.name').firstChild.textContent"


def test_thirty_fit_a_laptop_and_a_phone_and_who_needs_help_is_first(page: Page) -> None:
    page.size(1280, 800)
    first = {page.run(name_in_row(number)) for number in range(3)}
    assert first == {"⚑ Barbara Liskov", "⚑ Donald Knuth", "⚑ Jean Bartik"}
    assert page.run("document.querySelector('#summary').textContent").startswith(
        "28 of 30 here · 3 need help"
    )
    assert page.run(f"{ROW}[29].getBoundingClientRect().top") < 800
    for width in (1280, 360):
        page.size(width, 780)
        assert page.run("document.documentElement.scrollWidth") <= width
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
        roles = [node["role"]["value"] for node in tree if not node["ignored"]]
        assert (roles.count("row"), roles.count("rowheader"), roles.count("columnheader")) == (31, 30, 9)
        spoken = {node["name"]["value"] for node in tree if node["role"]["value"] == "link"}
        assert {"Watch Grace Hopper", "Help 王小明"} <= spoken


def test_the_focus_stays_where_it_is_while_all_moves(page: Page, board: RunningBoard) -> None:
    page.run(f"{ROW}[6].querySelector('.name').focus()")
    focused = "document.activeElement.closest('tr')?.querySelector('.name').title"
    name = page.run(focused)
    board.report(name, lesson(wrong=9, hints=3, since=900.0))
    needs_help = f"row.className.includes('help') && row.querySelector('.name').title === '{name}'"
    page.wait_for(f"{ROW}.some(row => {needs_help})")
    assert page.run(focused) == name
    page.press("ArrowUp")
    page.press("ArrowDown")
    assert page.run(focused) == name
    page.press("Enter")
    page.wait_for("document.querySelector('#student').open")
    assert page.run("document.querySelector('#student-reasons').textContent").startswith("15 min on this")
    page.run("document.querySelector('#student').close()")
    assert page.run(focused) == name, "where it was opened"
    page.run("document.activeElement.blur()")
    page.wait_for(f"{ROW}[0].querySelector('.name').title === '{name}'")
    board.report(name, lesson(task="fine again", item="again", since=1.0))


def test_everybodys_eyes_a_line_and_a_reset_are_asked_for(page: Page, board: RunningBoard) -> None:
    board.hub.asked.clear()
    page.click("#freeze")
    page.wait_for("document.querySelector('#freeze').textContent === '▶ Go on'")
    assert page.is_visible("#frozen")
    wait_until(lambda: len({name for name, asked in board.hub.asked if asked["ask"] == "freeze"}) == 28, 10)
    page.click("#freeze")
    page.wait_for("document.querySelector('#freeze').textContent.endsWith('Eyes on me')")
    wait_until(lambda: board.hub.asked[-1][1] == {"ask": "thaw"}, 10)
    page.run("document.querySelector('#to').value = 's03'")
    page.run("document.querySelector('#line').value = 'Look <b>up</b>'")
    page.click("#tell button")
    page.wait_for("document.querySelector('#outcome').textContent === '“Look <b>up</b>” sent to: 王小明.'")
    assert board.hub.asked[-1] == ("s03", {"ask": "tell", "text": "Look <b>up</b>"})
    page.run("[...document.querySelectorAll('.name')].find(each => each.title === 's03').click()")
    page.click("#reset")
    page.wait_for("document.activeElement.value === 'no'")
    page.click("#sure-yes")
    page.wait_for("document.querySelector('#outcome').textContent === 'Reset: 王小明.'")
    assert board.hub.asked[-1] == ("s03", {"ask": "do", "words": ["reset"]})


def test_what_a_student_writes_is_text(page: Page, board: RunningBoard) -> None:
    evil = "<img src=x onerror=document.title=1>"
    asked = {evil: {"ask": evil, "choices": [evil], "unit": ""}}
    board.report("s30", lesson(task=evil, title=evil, lab=evil, predictions={evil: evil}, questions=asked))
    page.wait_for(f"document.querySelector('#places').textContent.includes('{evil}')")
    page.run("[...document.querySelectorAll('.name')].find(each => each.title === 's30').click()")
    assert page.run("document.querySelectorAll('img').length") == 0
    assert page.run("document.title") != "1"
    board.post_report(b"[", "seat-s30")
    page.wait_for("document.querySelector('#student').textContent.includes('the report is not JSON')")


def test_where_no_websocket_passes_the_page_looks_by_itself(browser: Browser, board: RunningBoard) -> None:
    page = browser.new_page()
    no_socket = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose()); } };"
    page.call("Page.addScriptToEvaluateOnNewDocument", source=no_socket)
    page.call("Page.navigate", url=board.address)
    page.wait_for(f"document.readyState === 'complete' && {ROW}.length === 30")
    board.report("s02", lesson(task="Told by looking.", item="looking"))
    page.wait_for("document.querySelector('#rows').textContent.includes('Told by looking.')")
    assert page.run("document.querySelector('#connection').textContent") == ""
    page.close()
