"""Widgets that draw their own lines and repaint only those that changed, so that an update costs little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.dom import DOMNode
from textual.geometry import Region
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from hatlab.views.pieces import Piece as Piece
from hatlab.views.pieces import Row as Row

T = TypeVar("T")
_SEPARATORS = " ·,;:—–("
"""What does not end a line that is cut."""
Line = Content | Row
"""A line to draw. Rows are quicker: they are for lists, whose lines all move at once."""

STYLES = (
    *("master", "backup", "fault", "init", "stopped", "off", "paused"),
    *("node0", "node1", "node2", "node3", "node4", "node5", "vip", "split", "gap", "good"),
    *("label", "muted", "ruler", "cursor", "mark", "warning", "success", "why", "why-text"),
    *("header", "selected", "hex"),
)
"""Styles of rows; their colours come from the style sheet."""
ROW_STYLES = {f"pane--{name}" for name in STYLES}
"""Their component classes. The app has them once: Textual works all out anew at each change of style."""
NODE_STYLES = 6


def node_style(names: Sequence[str], name: str) -> str:
    """Return the style of a node's name, which depends on its position in the topology."""
    return f"node{names.index(name) % NODE_STYLES}" if name in names else "muted"


def styled(*pieces: str | Piece) -> Content:
    """Join pieces to one line in colours of the theme. Text is never read as markup."""
    return Content.assemble(*(p if isinstance(p, str) else (p[0], _with_variables(p[1])) for p in pieces))


def spinner(seconds: float) -> Piece:
    """Return the sign of something under way, which turns round once a second."""
    return f"{'◐◓◑◒'[int(seconds * 4) % 4]} ", "warn"


def _with_variables(style: str) -> str:
    attributes = {"bold", "dim", "reverse", "italic", "underline", "on", ""}
    return " ".join(word if word in attributes else f"${word}" for word in style.split(" "))


def shortened(line: Content, width: int) -> Content:
    """Cut a line that is too long behind a whole word, with `…`; in a word only if too little were left."""
    if line.cell_length <= width:
        return line
    kept = line.truncate(max(0, width - 2)).plain
    end = len(kept) if line.plain[len(kept) : len(kept) + 1].isspace() else kept.rfind(" ")
    words = kept[: max(0, end)].rstrip(_SEPARATORS)
    if len(words) < width // 3:
        return line.truncate(width, ellipsis=True)
    return line[: len(words)] + Content(" …")


def justified(left: Content, right: Content, width: int) -> Content:
    """Set two texts at the ends of a line; `left` is cut first if they do not fit."""
    gap = width - left.cell_length - right.cell_length
    if gap < 1:
        left = shortened(left, max(0, width - right.cell_length - 1))
        gap = max(1, width - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * gap, right)


def set_border_texts(widget: Widget, title: str, subtitle: str) -> None:
    """Set the texts of a widget's border, never read as markup; one that it has already costs nothing."""
    for name, text in (("border_title", title), ("border_subtitle", subtitle)):
        content = Content(text)
        if getattr(widget, name) != content.markup:
            setattr(widget, name, content)


def line_plain(line: Line) -> str:
    """Return the text of a line."""
    return line.plain if isinstance(line, Content) else "".join(text for text, _ in line)


class drawn(reactive[T]):
    """A value that a LineWidget draws: it redraws the lines when it changes, after its watcher."""

    def __init__(self, default: T) -> None:
        super().__init__(default, repaint=False)

    def __set__(self, obj: DOMNode, value: T) -> None:
        before = getattr(obj, self.name)
        super().__set__(obj, value)
        if before != value and isinstance(obj, LineWidget):
            obj.redraw()


def split_strip(strip: Strip, start: int, end: int) -> tuple[Strip, Strip, Strip]:
    """Return a row's cells before `start`, from there to `end`, and after it.

    Both may lie beyond the row: they may be of a wider screen than the one that is drawn now.
    """
    width = strip.cell_length
    start, end = min(start, width), min(end, width)
    return strip.crop(0, start), strip.crop(start, end), strip.crop(end, width)


class LineWidget(Widget):
    """A widget of lines. Subclasses give them in `build`, and call `redraw` when they may have changed.

    Its app has `ROW_STYLES` as component classes. A value of theirs that is `drawn` does that by itself.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}
        self._content_style: VisualStyle | None = None

    def build(self) -> Sequence[Line]:
        """Return the lines for the widget's size, from the top."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Build the lines anew and repaint those that differ."""
        width, height = self.content_size
        if not width or not height:
            return
        old, self._drawn = self._drawn, list(self.build()[:height])
        count = max(len(old), len(self._drawn))
        changed = [y for y in range(count) if not _is_same_line(old, self._drawn, y)]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def on_resize(self) -> None:
        self._repaint_all()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._content_style = None
        self._repaint_all()

    def _repaint_all(self) -> None:
        """Build and repaint every row: one that has no line any more may have been painted at this size."""
        self._strips.clear()
        self._drawn = []
        self.redraw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if y >= len(self._drawn):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._selectable(self.render_strip(self._drawn[y], width), y)
        return strip

    # -- text that can be selected with the mouse, in widgets that allow it ----------------------------------

    def text_line(self, y: int) -> int | None:
        """Return the number of the line of text that is drawn in a row, None for a row without one."""
        return y

    def line_text(self, number: int) -> str:
        """Return a line of text, "" if there is none of that number."""
        return line_plain(self._drawn[number]) if 0 <= number < len(self._drawn) else ""

    def _selectable(self, strip: Strip, y: int) -> Strip:
        """Return a row in which the mouse finds its place in the text, and what is selected stands out."""
        number = self.text_line(y) if self.allow_select else None
        if number is None:
            return strip
        span = self.text_selection.get_span(number) if self.text_selection is not None else None
        if span is not None:
            start, end = span[0], span[1] if span[1] >= 0 else strip.cell_length
            before, inside, after = split_strip(strip, start, max(start, end))
            style = self.screen.get_component_rich_style("screen--selection")
            inside = Strip(Segment.apply_style(inside, post_style=style), inside.cell_length)
            strip = Strip.join([before, inside, after])
        return strip.apply_offsets(0, number)

    def selection_updated(self, selection: Selection | None) -> None:
        self._strips.clear()
        super().selection_updated(selection)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else self.text_line_count() - 1
        lines = []
        for number in range(first, last + 1):
            span = selection.get_span(number)
            if span is not None:
                text = self.line_text(number)
                lines.append(text[span[0] : span[1] if span[1] >= 0 else len(text)].rstrip())
        return ("\n".join(lines), "\n") if lines else None

    def text_line_count(self) -> int:
        """Return how many lines of text there are."""
        return len(self._drawn)

    def render_strip(self, line: Line, width: int) -> Strip:
        """Render a line as exactly `width` cells; a `Content` that is cut ends in an ellipsis."""
        if isinstance(line, Content):  # as `Visual.to_strips` would, without looking for where to wrap it
            base = self._content_style = self._content_style or self.visual_style
            segments, x = [], 0
            for text, style in shortened(line, width).render(base, end="", parse_style=self._get_style):
                segments.append(Segment(text, (base + style).rich_style_with_offset(x, 0)))
                x += len(text)
            return Strip(segments)
        strip = Strip([Segment(text, self.row_style(name)) for text, name in line if text])
        return strip.adjust_cell_length(width, self.row_style(""))

    def row_style(self, name: str) -> Style:
        """Return one of `STYLES`, laid over the widget's own style."""
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style
            if name:
                style += self.app.get_component_styles(f"pane--{name}").partial_rich_style
            self._styles[name] = style
        return style


def _is_same_line(old: list[Line], new: list[Line], y: int) -> bool:
    if y >= len(old) or y >= len(new):
        return False
    before, after = old[y], new[y]
    if isinstance(before, Content) and isinstance(after, Content):  # which compare by their text alone
        return before.plain == after.plain and before.spans == after.spans
    return before == after
