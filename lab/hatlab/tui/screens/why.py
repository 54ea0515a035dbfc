"""Why it happened: the latest explanation, and the list of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from hatlab import events as e
from hatlab.describe.shown_clock import show_moment
from hatlab.tui.messages import WhyListOpened
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.bullet_list import Bullet, BulletList, BulletOption, EquationBullet, wrap_content
from hatlab.tui.widgets.find_places import find_places
from hatlab.tui.widgets.findable import Findable, FindField
from hatlab.tui.widgets.header import LOW_SCREEN
from hatlab.tui.widgets.line_widget import shortened, styled
from hatlab.tui.widgets.syntax import highlight_conf
from hatlab.views.lab_view import state_mark

_NOTHING_YET: tuple[Bullet, ...] = ((("", ""), styled(("Nothing to explain yet.", "quiet"))),)


def why_headline(why: e.Why) -> Content:
    """Return a line such as `db2  ○ BACKUP → ★ MASTER  00:13.8`, or `db2  stays ★ MASTER  00:13.8`.

    Of a client's outage it is `client  cut off, then db2  00:14.2`.
    """
    if not why.instance:
        return styled(
            (f"{why.node}  ", "bold"),
            "cut off, then ",
            (f"{why.to} again" if why.from_ == why.to else why.to, "bold vip"),
            (f"  {show_moment(why.at, 1)}", "quiet"),
        )
    before, after = state_mark(why.from_), state_mark(why.to)
    if why.from_ == why.to:
        return styled(
            (f"{why.node}  ", "bold"),
            ("stays ", "quiet"),
            (str(after), f"bold {after.tone}"),
            (f"  {show_moment(why.at, 1)}", "quiet"),
        )
    return styled(
        (f"{why.node}  ", "bold"),
        (f"{before.glyph} {why.from_}", before.tone),
        (" → ", "quiet"),
        (str(after), f"bold {after.tone}"),
        (f"  {show_moment(why.at, 1)}", "quiet"),
    )


def _list_line(why: e.Why) -> BulletOption:
    return BulletOption(("", ""), why_headline(why), hang=2)


def full_explanation(why: e.Why, *, spaced: bool = True) -> Iterator[Bullet]:
    """Yield an explanation in full: text, arithmetic, configuration line, rule; `spaced` by blank lines."""
    blocks: list[Bullet] = [(("", ""), why_headline(why)), (("", ""), Content(why.text))]
    if why.arithmetic:
        blocks.append(EquationBullet(("= ", "wire"), styled((why.arithmetic, "wire"))))
    if why.line:
        blocks.append((("⚙ ", "vip"), _conf_line(why.line)))
    if why.rule:
        blocks.append((("§ ", "quiet"), styled((why.rule, "quiet"))))
    for number, block in enumerate(blocks):
        if number and spaced:
            yield ("", ""), Content("")
        yield block


def _conf_line(line: str) -> Content:
    """Return `keepalived.conf:31: priority 100` with the setting in its colours."""
    where, colon, setting = line.partition(": ")
    return styled((where + colon, "quiet")) + highlight_conf(setting)


def explanation_text(why: e.Why) -> str:
    """Return an explanation as text to copy."""
    return "\n".join(filter(None, (why_headline(why).plain, why.text, why.arithmetic, why.line, why.rule)))


class WhyBox(VerticalScroll, can_focus=True):
    """The latest explanation."""

    why: reactive[e.Why | None] = reactive(None, init=False)

    def __init__(self) -> None:
        super().__init__()
        self.border_title = "why?"
        self._text = BulletList(_NOTHING_YET, id="why-text")

    def compose(self) -> ComposeResult:
        yield self._text

    def watch_why(self, why: e.Why | None) -> None:
        if why is None:
            self._text.update(_NOTHING_YET)
        else:
            self._text.update(full_explanation(why, spaced=False))
        self.scroll_home(animate=False)

    def on_click(self) -> None:
        self.post_message(WhyListOpened())


class WhyStrip(Widget):
    """The latest explanation in two lines, for a screen too small for the box."""

    why: reactive[e.Why | None] = reactive(None, layout=False)

    def render(self) -> RenderResult:
        if self.why is None:
            return styled(("why? ", "bold accent"), ("nothing to explain yet", "quiet"))
        width = self.size.width
        first = styled(("why? ", "bold accent")) + why_headline(self.why)
        lines = wrap_content(Content(self.why.text), width)
        room = self.size.height - 1
        if len(lines) > room > 0:
            more = styled((" w: all", "bold accent"))
            last = shortened(Content(f"{lines[room - 1].plain} …"), width - more.cell_length)
            lines = [*lines[: room - 1], last + more]
        return Content("\n").join([shortened(first, width), *lines])

    def on_click(self) -> None:
        self.post_message(WhyListOpened())


class WhyList(Findable, Dialog[None]):
    """Every explanation the state remembers, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,w", "dismiss", "close", id="why.close", tooltip="Close the list"),
        Binding("escape", "back_out", "back", id="why.back", tooltip="Show all again, or close the list"),
        replace(Findable.FIND, id="why.find"),
    ]

    def __init__(self, whys: tuple[e.Why, ...]) -> None:
        super().__init__()
        self._whys = self._shown = whys[::-1]

    def compose(self) -> ComposeResult:
        with dialog_box("why?", "↑↓ choose · / find · Tab scroll the text · Esc close"):
            yield FindField("words to find · Enter: list · Esc: show all")
            yield OptionList(*(Option(_list_line(why)) for why in self._whys), id="why-list")
            with VerticalScroll(id="why-detail"):
                yield BulletList(_NOTHING_YET, id="why-story")

    def on_mount(self) -> None:
        self.focus_found()

    def focus_found(self) -> None:
        self.query_one(OptionList).focus()

    def action_back_out(self) -> None:
        """Show all explanations again; close the list if it shows all."""
        if not self.close_find():
            self.dismiss()

    def show_found(self, words: str) -> None:
        """List what has the words: in its first line, then anywhere."""
        texts = [explanation_text(why) for why in self._whys]
        in_headline = find_places([text.partition("\n")[0] for text in texts], words)
        found = dict.fromkeys([*in_headline, *find_places(texts, words)])
        self._shown = tuple(self._whys[number] for number in found) if words else tuple(self._whys)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(_list_line(why)) for why in self._shown)
        options.highlighted = 0 if self._shown else None

    def copyable(self) -> str:
        """Return the explanation that is shown."""
        number = self.query_one(OptionList).highlighted
        return explanation_text(self._shown[number]) if number is not None else ""

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self._shown):
            return  # it was highlighted before fewer were found
        why = self._shown[event.option_index]
        self.query_one("#why-story", BulletList).update(
            full_explanation(why, spaced=self.app.size.height >= LOW_SCREEN)
        )
