"""A class of three in a real browser: links lead to seats, which outlive pages, hubs and each other."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from hatlab.classroom.course import Course
from hatlab.classroom.renewal import end_renewed
from hatlab.classroom.running import hub_process, seat_process, start_class
from tests.classroom.running_class import new_course, processes_of, running
from tests.support.browser import Browser, Page
from tests.support.waiting import wait_until

TEXT = """(() => {
  if (typeof terminal === 'undefined') return '';
  const buffer = terminal.buffer.active;
  return [...Array(terminal.rows).keys()]
    .map((row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '').join('\\n');
})()"""
"""What the terminal of a seat's page shows."""

NAME = "[...document.querySelectorAll('#rows .name')].find((name) => name.innerText.includes('{}')).click()"
"""Opens a student on the board, wherever they stand there."""


def shows(text: str) -> str:
    return f"{TEXT}.includes({text!r})"


def _lab_of(home: Path) -> str:
    """The control socket of the lab in a seat: its name is the lab's own."""
    wait_until(lambda: [*home.glob("hatlab/run/*/*.sock")], 30, "lab")
    (path,) = home.glob("hatlab/run/*/*.sock")
    return path.name


def _is_refused(page: Page, url: str) -> None:
    page.visit(url, ready="document.body.innerText.trim() !== ''")
    assert (
        page.run("document.body.innerText.trim()")
        == "There is nothing here for you. Use your own link, the one that your teacher gave you."
    )
    assert page.run("fetch(location.href).then((answer) => answer.status)") == 403


def _survives_the_hub(page: Page, course: Course) -> None:
    """The hub is killed and started again, while the page goes on."""
    os.kill(hub_process(course).pid, signal.SIGKILL)
    wait_until(lambda: not hub_process(course).is_running, 10, "end of the hub")
    page.press("?")
    page.wait_for(shows("keys"))
    assert start_class(course)
    page.press("Escape")
    page.call("Page.reload")
    page.wait_for(shows("1/2 When there is only one"))


def _is_led_from_the_board(teacher: Page, students: dict[str, Page]) -> None:
    """The teacher sees where everybody is, asks them to look up, sends a line, resets a lab, ends a seat."""
    outcome = "document.querySelector('#outcome').textContent"
    teacher.wait_for("document.querySelector('#summary').textContent === '3 of 3 here'")
    teacher.wait_for("document.querySelector('#rows tr .step').textContent === '1 of 2'")
    students["s01"].press("S")
    teacher.wait_for("document.querySelector('#rows').textContent.includes('Kill mysqld on db1')")
    teacher.click("#freeze")
    for page in students.values():
        page.wait_for(shows("eyes on me"))
    students["s01"].press("k")
    teacher.wait_for("document.querySelector('#freeze').textContent.includes('Go on')")
    teacher.click("#freeze")
    for page in students.values():
        page.wait_for(f"!{shows('eyes on me')}")
    assert students["s01"].run(shows("✔ mysqld")), "keys did nothing"
    teacher.run("document.querySelector('#line').value = 'Look at the stars'")
    teacher.click("#tell button")
    for page in students.values():
        page.wait_for(shows("Your teacher: Look at the stars"))
    teacher.run(NAME.format("Student 1"))
    teacher.click("#reset")
    teacher.click("#sure-yes")
    teacher.wait_for(f"{outcome} === 'Reset: Student 1.'")
    teacher.run(NAME.format("Student 3"))
    teacher.click("#end")
    teacher.click("#sure-yes")
    teacher.wait_for(f"{outcome} === 'Ended: Student 3.'")
    students["s03"].wait_for("document.body.textContent.includes('Your teacher has ended this lab.')")


def _comes_back_where_it_was(browser: Browser, page: Page, course: Course, link: str) -> None:
    """A seat dies with its hub; the link opens the step where the student was, in another browser, too."""
    _press_until(page, shows("2/2"), "S", "n")
    seat = course.seat_folder("s01")  # the step is shown before it begins
    wait_until(lambda: _kept_step(seat, "one-server") == 1, 30, "second step in the file of progress")
    for process in (hub_process(course), seat_process(course.seat_folder("s01"))):
        os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not hub_process(course).is_running, 10, "end of the hub")
    assert start_class(course)
    page.wait_for("over.open")
    page.click("#over button")
    page.wait_for(shows("2/2"))
    other = browser.new_page(own_cookies=True)
    other.visit(link, ready=shows("2/2"))
    other.close()


def _has_an_exam(page: Page, course: Course, link: str) -> None:
    """From now on seats hold an exam: its clock goes on, whatever becomes of page and seat."""
    text = course.config_file.read_text(encoding="utf-8").partition("[exam]")[0]
    exam = '[exam]\nlesson = "kill-mysqld"\nname = "the test"\n'
    course.config_file.write_text(f"{text}{exam}", encoding="utf-8")
    page.visit(link, ready=shows("This is the test."))
    page.press("Enter")
    page.wait_for(f"{shows('1/3 Over the address')} && {shows('◷')}")
    clocks = [_seconds_left(page)]
    _press_until(page, shows("This is an exam: there are no hints."), "h")  # the step may just begin
    page.call("Page.reload")
    page.wait_for(f"{shows('1/3 Over the address')} && {shows('◷')}")
    clocks.append(_seconds_left(page))
    os.kill(seat_process(course.seat_folder("s03")).pid, signal.SIGKILL)
    page.wait_for("over.open")
    page.click("#over button")
    page.wait_for(f"typeof over !== 'undefined' && !over.open && {shows('Press Enter to start')}")
    page.press("Enter")
    page.wait_for(shows("◷"))
    clocks.append(_seconds_left(page))
    assert 45 * 60 > clocks[0] >= clocks[1] > clocks[2]


def _leads_in_no_more(page: Page, course: Course, link: str) -> None:
    """A link that is renewed: neither it nor what was opened with it leads anywhere."""
    address = page.run("location.href")
    course.renew_link("s03")
    end_renewed(course)
    page.wait_for("over.open")
    assert not seat_process(course.seat_folder("s03")).is_running
    for url in (link, address):
        page.visit(url, ready="document.body.innerText.includes('This link is not valid.')")


def _kept_step(seat: Path, lesson: str) -> int:
    """Return how many steps are behind a learner, as their file of progress has it."""
    (file,) = seat.rglob("progress.json")
    return int(json.loads(file.read_text(encoding="utf-8"))["lessons"][lesson]["step"])


def _press_until(page: Page, expression: str, *keys: str) -> None:
    until = time.monotonic() + 60
    while not page.run(expression):
        assert time.monotonic() < until, page.run(TEXT)
        for key in keys:
            page.press(key)
        time.sleep(0.2)


def _seconds_left(page: Page) -> int:
    found = re.search(r"◷ (\d+):(\d\d) left", page.run(TEXT))
    assert found is not None
    return 60 * int(found[1]) + int(found[2])


@pytest.mark.timeout(240)
def test_three_seats(tmp_path: Path, browser: Browser, parts: None) -> None:
    course = new_course(tmp_path, 3)
    with running(course) as links:
        address = course.config.server.address
        pages = {name: browser.new_page(own_cookies=True) for name in ("s01", "s02", "s03")}
        for name, page in pages.items():
            page.visit(links[name], ready=shows("Press Enter to start"))
            assert page.run("location.pathname") == f"/user/{name}/"
            assert "key" not in page.run("location.href")
        seat = seat_process(course.seat_folder("s01"))
        first = pages["s01"]
        server, lab = seat.pid, _lab_of(course.seat_folder("s01"))

        first.press("Enter")
        first.wait_for(shows("1/2 When there is only one"))
        first.call("Page.reload")
        first.wait_for(shows("1/2 When there is only one"))
        assert (seat.pid, _lab_of(course.seat_folder("s01"))) == (server, lab)

        _is_refused(pages["s02"], f"{address}/user/s01/")
        _survives_the_hub(first, course)
        teacher = browser.new_page(own_cookies=True)
        teacher.visit(links["teacher"], ready="!!document.querySelector('#rows tr')")
        pages["s02"].visit(links["s02"], ready=shows("Press Enter to start"))
        _is_led_from_the_board(teacher, pages)
        teacher.visit(f"{address}/user/s01/?watch", ready=shows("1/2 When there is only one"))
        first.wait_for("state.textContent === 'teacher is watching.'")
        for page in (*pages.values(), teacher):
            assert not [problem for problem in page.problems if "403" not in problem and "503" not in problem]
        assert _lab_of(course.seat_folder("s01")) == lab
        _comes_back_where_it_was(browser, first, course, links["s01"])
        _has_an_exam(pages["s03"], course, links["s03"])
        _leads_in_no_more(pages["s03"], course, links["s03"])
        for page in (*pages.values(), teacher):
            page.close()
    assert processes_of(course) == []
