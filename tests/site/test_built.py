"""What is wrong with a site that is built is found, and said in a sentence."""

from __future__ import annotations

from pathlib import Path

from tests.site.built import find_problems
from tests.site.player import add_films

MARKDOWN = "# A page\n\n- one\n- two\n\n| a |\n|---|\n| b |\n"
WHOLE = """<nav><ul><li>not of the page</li></ul></nav><article><h1 id="a">A page</h1><ul><li>one</li>
<li>two</li></ul><table><tr><th>a</th></tr><tr><td>b</td></tr></table></article>"""


def problems(site: Path, page: str, **others: str) -> list[str]:
    (site / "page.html").write_text(page, encoding="utf-8")
    for name, text in others.items():
        (site / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return list(find_problems(site, {"page.md": MARKDOWN}))


def test_nothing_is_wrong_with_a_whole_page(tmp_path: Path) -> None:
    links = '<a href="#a"></a><a href="page.html#a"></a><a href="https://example.org/"></a><img src="data:,">'
    assert problems(tmp_path, WHOLE + links) == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    links = '<a href="#b"></a><a href="none.html"></a><a href="page.html#b"></a><img src="none.svg">'
    assert problems(tmp_path, WHOLE + links) == [
        "page.html: #b leads nowhere",
        "page.html: none.html leads nowhere",
        "page.html: page.html#b leads nowhere",
        "page.html: none.svg leads nowhere",
    ]


def test_what_is_loaded_from_elsewhere_is_found(tmp_path: Path) -> None:
    loads = '<script src="https://a.example/a.js"></script><link rel="stylesheet" href="//b.example/a.css">'
    assert problems(tmp_path, WHOLE + loads, a_css="b { background: url('https://img.example/c.png') }") == [
        "page.html: https://a.example/a.js is loaded from elsewhere",
        "page.html: //b.example/a.css is loaded from elsewhere",
        "a.css: https://img.example/c.png is loaded from elsewhere",
    ]


def test_what_is_lost_on_the_way_is_found(tmp_path: Path) -> None:
    assert problems(tmp_path, WHOLE.replace("<li>two</li>", "<p>- two</p>")) == [
        "page.md: li: 1 on the page, 2 in the Markdown"
    ]
    assert list(find_problems(tmp_path, {"other.md": ""})) == ["other.md: there is no page of it"]


def test_a_film_becomes_a_script(tmp_path: Path) -> None:
    (tmp_path / "a.cast").write_text('{"version":2}\n[0.1,"o","\\u001b[1m★"]\n', encoding="utf-8")
    add_films(tmp_path)
    script = (tmp_path / "a.js").read_text(encoding="utf-8")
    assert script == 'showFilm("a", "{\\"version\\":2}\\n[0.1,\\"o\\",\\"\\\\u001b[1m★\\"]\\n");\n'
    assert not (tmp_path / "a.cast").exists()
