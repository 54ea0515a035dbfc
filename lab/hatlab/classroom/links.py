"""The links of a class: one for each student, one for the teacher; as CSV, and as cards to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from hatlab.classroom.course import Course
from hatlab.classroom.roster import TEACHER, Student
from hatlab.util.html_text import escape, fill_in
from hatlab.util.spreadsheet import to_csv

LOGIN_PATH = "/hub/link"


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody's link; whoever has it is that person."""

    name: str
    full_name: str
    url: str


def make_links(course: Course) -> list[Link]:
    """Return everybody's link, the teacher's first; raises as the course's files do."""
    people = [Student(TEACHER, "the teacher"), *course.read_students()]
    login = f"{course.config.server.address}{LOGIN_PATH}"
    return [Link(person.name, person.full_name, _url(login, course, person.name)) for person in people]


def _url(login: str, course: Course, name: str) -> str:
    return f"{login}?{urlencode({'name': name, 'key': course.link_key(name)})}"


def links_as_csv(links: Sequence[Link]) -> str:
    """Return a table of the links: name, full name, link."""
    return to_csv([("name", "full name", "link"), *((link.name, link.full_name, link.url) for link in links)])


def links_as_page(title: str, links: Sequence[Link]) -> str:
    """Return a page in HTML that needs nothing else: a card with a QR code for each student, to cut out.

    The teacher's link is not on it: that page is handed round.
    """
    import segno

    cards = "\n".join(
        f'<section><div class="code">{segno.make(link.url, error="m").svg_inline(scale=3, border=2)}</div>'
        f"<h2>{escape(link.full_name or link.name)}</h2><p>{escape(link.url)}</p></section>"
        for link in links
        if link.name != TEACHER
    )
    return fill_in(_PAGE, TITLE=escape(title), CARDS=cards)


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>TITLE</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>
body{font:14px/1.4 sans-serif;margin:1.5rem;color:#111;background:#fff}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr))}
section{border:1px dashed #999;padding:1rem;break-inside:avoid}
.code svg{display:block;width:9rem;height:9rem}
h1{font-size:1.3rem} h2{font-size:1.1rem;margin:.6rem 0 .2rem}
p{margin:0;overflow-wrap:anywhere;font:11px/1.4 monospace}
@media print{h1,.note{display:none}body{margin:0}}
</style>
<h1>TITLE</h1>
<p class="note">Each card opens one student's own lab: scan the code, or type the address.
Cut the cards out, and give each to its student only.</p>
<main>
CARDS
</main></html>
"""
