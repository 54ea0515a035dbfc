"""The page in a browser: thirty students, kept focus, a keyboard, a stranger's words."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hatlab.classroom.roster import Student
from tests.classroom.board.running_board import RunningBoard, lesson, running_board
from tests.classroom.board.thirty import class_of_thirty, report_thirty
from tests.support.browser import CHROMIUM, Browser, Page, running_browser
from tests.support.relay import running_relay
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


def test_a_second_click_means_the_other_wish_before_the_board_has_told_the_first(
    page: Page, board: RunningBoard
) -> None:
    board.hub.asked.clear()
    button = "document.querySelector('#freeze').textContent"
    click_and_read = f"document.querySelector('#freeze').click(); {button}"
    assert page.run(click_and_read) == "▶ Go on"
    assert page.run(click_and_read) == "◉ Eyes on me"
    wait_until(lambda: sum(asked["ask"] == "thaw" for _, asked in board.hub.asked) == 28, 20)
    assert [asked["ask"] for name, asked in board.hub.asked if name == "s07"] == ["freeze", "thaw"]
    page.wait_for(f"{button} === '◉ Eyes on me' && document.querySelector('#frozen').hidden")
    board.hub.asked.clear()
    page.run("document.querySelector('#freeze').dispatchEvent(new MouseEvent('click', {detail: 1}))")
    page.run("document.querySelector('#freeze').dispatchEvent(new MouseEvent('click', {detail: 2}))")
    assert page.run(button) == "▶ Go on", "a double click is one wish"
    page.wait_for("document.querySelector('#outcome').textContent === 'Eyes on me: 28 students.'")
    page.run("document.querySelector('#go-on').click()")
    page.wait_for("document.querySelector('#outcome').textContent === 'Go on: 28 students.'")
    assert {asked["ask"] for _, asked in board.hub.asked} == {"freeze", "thaw"}


def test_a_line_is_sent_once_and_what_became_of_it_is_in_sight(page: Page, board: RunningBoard) -> None:
    board.hub.asked.clear()
    refusal = (409, {"error": {"message": "no lab is running at this seat"}})
    board.hub.answers = {"s03": refusal, "s04": refusal}
    page.size(390, 600)
    page.run("document.querySelector('#line').value = 'Look'")
    for _ in range(2):
        page.run("document.querySelector('#tell').requestSubmit()")
    said = "“Look” sent to: 26 students. 王小明, Edsger Dijkstra: no lab is running at this seat."
    page.wait_for(f"document.querySelector('#outcome').textContent === '{said}'")
    assert len(board.hub.asked) == 28
    page.run("scrollTo(0, 700)")
    bottom = "document.querySelector('#outcome').getBoundingClientRect().bottom"
    assert page.run(f"{bottom} <= innerHeight")
    page.run("[...document.querySelectorAll('.name')].find(each => each.title === 's03').click()")
    page.click("#restart")
    page.click("#sure-yes")
    outcome = "document.querySelector('#student-outcome').textContent"
    page.wait_for(f"{outcome} === 'Restarted: nobody. 王小明: no lab is running at this seat.'")
    page.run("document.querySelector('#student').close()")
    board.hub.answers.clear()


def test_nothing_is_announced_into_a_dialog_and_it_is_not_forgotten(page: Page, board: RunningBoard) -> None:
    news = "document.querySelector('#news').textContent"
    page.wait_for(f"{news} !== ''")
    page.run("const real = Date.now; Date.now = () => real() + 60000")
    before = page.run(news)
    page.run(f"{ROW}[9].querySelector('.name').click()")
    board.report("s01", lesson(item="stuck", wrong=9, since=900.0))
    page.wait_for("document.querySelector('#rows').textContent.includes('⚑ Ada')")
    assert page.run(news) == before
    page.run("document.querySelector('#student').close()")
    page.wait_for(f"{news} === 'Ada Lovelace needs help.'")
    board.report("s01", lesson(item="fine again"))


def test_two_of_one_name_are_told_apart_and_right_to_left_stays_in_its_place(browser: Browser) -> None:
    students = [Student("s01", "Kim Lee"), Student("s02", "Kim Lee"), Student("s03", "محمد")]
    with running_board(students=students, clock=lambda: NOON) as board:
        for student in students:
            board.report(student.name, lesson())
        page = browser.new_page()
        page.visit(board.address, ready=f"{ROW}.length === 3")
        page.wait_for("document.querySelector('#places small') !== null")
        said = page.run("document.querySelector('#places small').textContent")
        assert said == "Kim Lee (s01), Kim Lee (s02), \u2068محمد\u2069"
        options = page.run("[...document.querySelector('#to').options].map(each => each.text)")
        assert options == ["everybody", *said.split(", ")]
        page.close()


def test_a_network_that_vanishes_is_noticed(browser: Browser, board: RunningBoard) -> None:
    """Nothing is closed, and nothing comes: the page says that what it shows is old, and comes back."""
    board.hub.browser_user = "teacher"
    page = browser.new_page()
    later = "window.skew = 0; const real = Date.now; Date.now = () => real() + window.skew"
    page.call("Page.addScriptToEvaluateOnNewDocument", source=later)
    page.open_address(board.address, ready=f"{ROW}.length === 30")
    with running_relay(urlsplit(board.address).port or 0) as relay:
        page.open_address(f"http://127.0.0.1:{relay.port}/services/board/", ready=f"{ROW}.length === 30")
        relay.fall_silent()
        connection = "document.querySelector('#connection').textContent"
        assert page.run(connection) == ""
        page.run("skew += 13000")
        page.wait_for(f"{connection}.startsWith('No connection to the board: what you see may be old.')")
        relay.go_on()
        page.wait_for(f"{connection} === ''")
        board.report("s02", lesson(task="Heard again.", item="heard"))
        page.wait_for("document.querySelector('#rows').textContent.includes('Heard again.')")
        page.open_address("about:blank")
    page.close()


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
