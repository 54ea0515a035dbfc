"""The lab's screen: header, banner, map, why, panes, keys. It lays out; each part draws itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from hatlab.events import Event
from hatlab.session import Batch, Session
from hatlab.settings.table import NARROWEST_TUTOR, TUTOR_WIDTH, WIDEST_TUTOR
from hatlab.state.conclusions import hide_conclusions
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.commands import COMMANDS
from hatlab.tui.fault_hiding import hide_conclusions_in, hide_filters, hide_filters_in
from hatlab.tui.log.pane import LogPane
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.map.pane import Map
from hatlab.tui.messages import NUMBER_CHARACTERS, LiveRequested, TypedAhead, WhyListOpened
from hatlab.tui.packets.pane import Packets
from hatlab.tui.screens.panes import Panes
from hatlab.tui.screens.why import WhyBox, WhyStrip, explanation_text
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets.filtered_pane import LIVE, PLAYED
from hatlab.tui.widgets.find_bar import FindBar
from hatlab.tui.widgets.find_places import find_places, next_place
from hatlab.tui.widgets.header import Banner, HeaderLine, header_view
from hatlab.tui.widgets.key_bar import KeyBar
from hatlab.tui.widgets.narrow_compositor import NarrowCompositor
from hatlab.tui.widgets.tabs import PANES, Tabs
from hatlab.tui.widgets.time_bar import TimeBar, TimeView, lab_kinds

if TYPE_CHECKING:
    from hatlab.tui.lesson.answer_input import AnswerCancelled
    from hatlab.tui.lesson.pane import TutorPane

SIDE_BY_SIDE = (126, 36)
"""Columns and rows from which every pane is shown at once, packets and log side by side."""
ONE_ABOVE_THE_OTHER = (100, 44)
"""Columns and rows from which every pane is shown at once, one above the other; below, tabs choose."""
WHY_BESIDE = 130
"""Columns from which the explanation stands beside the map, not beneath it."""
FOCUSED_IN = {"timeline": "Timeline", "packets": "PacketList", "log": "LogList"}
"""A pane → what gets the keys where it is in front."""
USABLE = (60, 16)
"""Columns and rows below which the screen only says that it is too small."""
THREE_BESIDE = 126
"""Columns from which the tutor leaves room for three boxes; below, it is slimmer beside more than two."""
TUTOR_BESIDE = 120
"""Columns from which a lesson's tutor stands beside the lab; below, beneath the map as one more pane."""


class LabScreen(Screen[None]):
    """The lab as it is, or as it was at a past moment.

    Args:
        session: for past moments.
        layout: what the map draws.
        clock: seconds, for the adverts' flight.
        tutor: of a lesson, None without one.
        facts_only: hide what hatlab concludes.
        pane: the one that is in front at first.
        tutor_width: columns of the tutor where it stands beside the lab.
    """

    def __init__(
        self,
        session: Session,
        layout: Layout,
        clock: Callable[[], float],
        tutor: TutorPane | None,
        facts_only: bool = False,
        *,
        pane: str = "timeline",
        tutor_width: int = TUTOR_WIDTH,
    ) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self.tutor = tutor
        self._free_play = False
        self._faults_hidden = self._preparing = False
        self._shown: LabState | None = None
        """The state that the header and the reasons show."""
        self._pane = pane
        self.AUTO_FOCUS = FOCUSED_IN[pane]  # type: ignore[misc]  # Textual reads it from the screen itself
        self.tutor_width = tutor_width
        self.set_class(len(layout.node_names) != 2, "-many")
        self._session = session
        self.viewed_moment: float | None = None
        """The past moment that is shown, s; None for now."""
        self._header = HeaderLine()
        self._banner = Banner(self._header)
        kinds = lab_kinds(session.engine)
        left_out = (
            "app.lessons" if tutor is not None else ""
        )  # a lesson's keys matter more than the list then
        self._keys = KeyBar([c for c in COMMANDS if c.applies(kinds) and c.id != left_out], layout)
        self._time = TimeBar() if session.time is not None else None
        self._pace = ""
        self.map, self._box, self._strip, self._tabs = Map(layout, clock), WhyBox(), WhyStrip(), Tabs()
        live = session.engine.live
        self.timeline, self._packets, self._log = Timeline(live=live), Packets(), LogPane()
        self._packets.follows = self._log.follows = LIVE if live else PLAYED
        self.facts_only = self.map.facts_only = facts_only
        """True while what hatlab concludes is hidden."""
        self.set_class(facts_only, "-facts")
        self._find = FindBar()
        self._searched: Widget | None = None
        """What had the focus when the search began, and gets it back."""
        self._place: int | None = None
        """The number of what was found last: a block of the tutor's, else an entry of the log."""
        self._panes = Panes(self.timeline, self._packets, self._log)

    def compose(self) -> ComposeResult:
        self._arrange()  # before there is anything whose style would change with it
        yield self._header
        yield self._banner
        with Horizontal(id="top"):
            yield self.map
            yield self._box
        yield self._strip
        yield self._tabs
        yield self._panes
        if self.tutor is not None:
            yield self.tutor
        if self._time is not None:
            yield self._time
        yield self._find
        yield self._keys
        yield Static(
            "This terminal is too small for hatlab: it needs at least 60 columns by 16 rows.", id="too-small"
        )

    def on_mount(self) -> None:
        self._arrange()
        if self.tutor is None:
            self.show_pane(self._pane)
        else:
            self._select_pane(self._pane)
            self._show_tutor()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self.selections:
            event.stop()
            event.prevent_default()
            self.clear_selection()
        elif self.tutor is not None:
            self.tutor.key_pressed = True
            field = self.tutor.number_field
            if field is not None and self.tutor_visible and self._belongs_to_number(event.character):
                event.stop()
                field.type_from_elsewhere(event.character or "")
            elif self.tutor.expects_number and self._belongs_to_number(event.character):
                event.stop()
                self.post_message(TypedAhead(event.character or ""))

    def on_answer_cancelled(self, message: AnswerCancelled) -> None:
        """Esc in a question shows the present first, as the header says; then the lab has its keys again."""
        message.stop()
        if self.viewed_moment is not None:
            self.post_message(LiveRequested())
        elif self.tutor is not None:
            self.tutor.put_question_aside()

    def _belongs_to_number(self, character: str | None) -> bool:
        """Return True for a character that goes into an open number question, wherever the focus is."""
        if not character or character not in NUMBER_CHARACTERS:
            return False
        return not (self.timeline.has_focus and character in "+-")  # they zoom there

    # -- layout: which parts are seen ----------------------------------------------------------------------

    def on_resize(self, _: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Set the classes by which the style sheets show and hide parts, for the terminal's size."""
        width, height = self.app.size
        before = self.classes
        beside = self.tutor is not None and not self._free_play and width >= TUTOR_BESIDE
        if beside:
            self.remove_class("-front", update=False)
            self._tabs.active = self._pane
        self.update_classes({"-beside": beside, "-free": self._free_play}, update=False)
        self._tabs.panes = PANES if beside or self.tutor is None else (*PANES, "tutor")
        if self.tutor is not None and not beside and not self._free_play and self.tutor.has_focus_within:
            self.bring_tutor_to_front()
        slim = width < THREE_BESIDE
        tutor_width = max(NARROWEST_TUTOR, min(self.tutor_width, width - USABLE[0]))
        if self.tutor is not None:  # at its usual width, the style sheet has it slimmer beside many boxes
            changed = beside and self.tutor_width != TUTOR_WIDTH
            self.tutor.styles.width = tutor_width if changed else None
        width -= tutor_width if beside else 0
        beside_each_other = width >= SIDE_BY_SIDE[0] and height >= SIDE_BY_SIDE[1]
        one_above_the_other = width >= ONE_ABOVE_THE_OTHER[0] and height >= ONE_ABOVE_THE_OTHER[1]
        classes = {
            "-slim": slim,
            "-tiny": width < USABLE[0] or height < USABLE[1],
            "-all": beside_each_other or one_above_the_other,
            "-piled": one_above_the_other and not beside_each_other,
            "-wide": width >= WHY_BESIDE,
            "-tall": height >= 34,
            "-low": height < 28,
            "-huge": width >= 170,
        }
        self.update_classes(classes, update=False)
        if self.classes != before:
            self.update_node_styles()  # once: it styles every part anew
        self._panes.call_after_refresh(self._panes.stack)

    def change_tutor_width(self, columns: int) -> bool:
        """Make the tutor wider, or narrower; return False if it does not stand beside the lab."""
        if not self.has_class("-beside"):
            return False
        most = min(WIDEST_TUTOR, self.app.size.width - USABLE[0])
        self.tutor_width = max(NARROWEST_TUTOR, min(self.tutor_width + columns, most))
        self._arrange()
        return True

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front where only one fits, and give it the keys."""
        if name == "tutor":
            self._show_tutor()
            return
        self._select_pane(name)
        pane = self._panes.named(name)
        if not pane.can_focus:
            pane = next((w for w in pane.query("*") if w.can_focus and not isinstance(w, Input)), pane)
        self.call_after_refresh(pane.focus)

    @property
    def pane_with_keys(self) -> str:
        """Return which pane has the keys: `timeline`, `packets` or `log`; `map` for any other part."""
        return (self._panes.name_of(self.focused) if self.focused is not None else "") or "map"

    def _select_pane(self, selected: str) -> None:
        self.remove_class("-front")
        self._choose_pane(selected)
        self._tabs.active = selected

    def _choose_pane(self, selected: str) -> None:
        """Choose the pane that is seen where only one fits."""
        self._pane = selected
        self._panes.select(selected)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Keep the pane that has the keys in sight when the terminal gets smaller."""
        name = self._panes.name_of(event.widget)
        if name and name != self._pane:
            self._choose_pane(name)
            if not self.has_class("-front"):
                self._tabs.active = name

    def _show_tutor(self) -> None:
        if self.tutor is None:
            return
        self._free_play = False
        self._arrange()
        self.bring_tutor_to_front()
        self.tutor.focus_question()

    def bring_tutor_to_front(self) -> None:
        """Show the tutor where it stands behind a tab; not in free play."""
        if self.tutor is not None and not self._free_play and not self.has_class("-beside"):
            self.add_class("-front")
            self._tabs.active = "tutor"

    def follow_lists(self) -> None:
        """Show the newest packets and lines, and what follows them."""
        for pane in (self._packets, self._log):
            pane.rows.follow()

    @property
    def enter_opens_selected(self) -> bool:
        """True if the Enter key opens a packet or node that somebody selected."""
        packet_selected = self._packets.has_focus_within and self._packets.selected is not None
        return packet_selected or isinstance(self.focused, NodeBox)

    def copyable(self) -> str:
        """Return what has the focus as text; of the map and the timeline, the latest explanation."""
        for pane in (self._packets, self._log):
            if pane.has_focus_within:
                return pane.rows.copyable()
        if self.tutor is not None and self.tutor.has_focus_within:
            return self.tutor.page_text()
        return explanation_text(self._box.why) if self._box.why is not None else ""

    def back_out(self) -> bool:
        """Leave what lies over the lesson or the lab: a filter, a pane. Return False if nothing does."""
        for pane in (self._packets, self._log):
            if pane.has_focus_within and pane.filter_text:
                pane.set_filter("")
                return True
        if self.tutor is None or (self.tutor_visible and self.tutor.has_focus_within):
            return False
        if self.tutor_visible:
            self.tutor.text.focus()
        else:
            self._show_tutor()
        return True

    @property
    def tutor_visible(self) -> bool:
        """True if the learner sees the tutor."""
        return self.has_class("-beside") or self.has_class("-front")

    def toggle_free_play(self) -> bool:
        """Show the lab without the tutor, or with it again. Return True if it is without now."""
        if self._free_play or not self.tutor_visible:
            self._show_tutor()
            return False
        self._free_play = True
        self._arrange()
        self.show_pane(self._pane)
        return True

    # -- search ----------------------------------------------------------------------------------------------

    def open_find_bar(self) -> None:
        """Search what has the focus: a list is filtered, the tutor's text and the past are gone through."""
        for pane in (self._packets, self._log):
            if pane.has_focus_within:
                pane.action_filter()
                return
        if self._box.has_focus:
            self.post_message(WhyListOpened())
            return
        self._searched, self._place = self.focused, None
        self._find.open("this step" if self._searches_tutor else "everything that happened")

    @property
    def _searches_tutor(self) -> bool:
        return self.tutor is not None and self._searched in self.tutor.walk_children(with_self=True)

    def on_find_bar_asked(self, message: FindBar.Asked) -> None:
        """Show the next place that has the words: a block of the step, or a moment of the past."""
        message.stop()
        tutor, entries = self.tutor if self._searches_tutor else None, self._log.model.entries
        texts = tutor.texts() if tutor is not None else [entry.search_text for entry in entries]
        places = find_places(texts, message.words)
        self._place = next_place(places, self._place, message.direction)
        if self._place is None:
            self._find.show_found("not found")
            return
        self._find.show_found(f"{places.index(self._place) + 1} of {len(places)}")
        if tutor is not None:
            tutor.show_found_block(self._place)
        else:
            # as if by a key of the timeline's own: what this screen sends to itself goes no further
            self.timeline.call_later(self.timeline.select, entries[self._place].at)

    def on_find_bar_closed(self, message: FindBar.Closed) -> None:
        message.stop()
        if self._searched is not None:
            self._searched.focus()

    # -- what a lesson shows outside of its pane -----------------------------------------------------------

    def hide_faults(self, hidden: bool, *, preparing: bool = False) -> None:
        """Name what is broken no more, as it is to be found; or name it again.

        `preparing`: the lab is being put into a step's beginning, and nobody need look at what breaks then.
        """
        is_prepared = self._preparing and not preparing
        self._faults_hidden, self._preparing = hidden, preparing
        if is_prepared and self._shown is not None:  # where time stands, nothing else would show it
            self._show_state(self._shown)

    def show_facts_only(self, facts_only: bool, told: Sequence[Event], live: LabState) -> None:
        """Hide what hatlab concludes, or show it again; in what was seen so far, too.

        Args:
            facts_only: hide it.
            told: the events that the screen was given so far.
            live: the state after them.
        """
        self.facts_only = self.map.facts_only = facts_only
        self.set_class(facts_only, "-facts")
        # the other panes show facts alone in any case
        self._log.feed(self._without_hidden(Batch(tuple(told), live, rewound=True, told_until=live.at)))
        self.show_moment(self.viewed_moment, live)

    def _without_hidden(self, batch: Batch) -> Batch:
        """Return a batch without what the learner is to find."""
        batch = hide_filters_in(batch) if self._faults_hidden else batch
        return hide_conclusions_in(batch) if self.facts_only else batch

    def show_needed_keys(self, keys: frozenset[str]) -> None:
        """Keep keys that the lesson speaks of in the lines of keys, whatever the width."""
        self._keys.needed = keys

    def show_lesson_position(self, page: Content, *open_item: Content) -> None:
        """Show beside the tabs on which page a learner is, or what is to be done if the tutor is not seen.

        `open_item`: it, in words and in few words.
        """
        self._packets.opens_newest = self.tutor is None or not self.tutor.waits_for_enter
        self._make_room()
        unseen = () if self.tutor_visible else open_item
        self._tabs.reminders = (page,) if self.has_class("-front") else unseen

    def _make_room(self) -> None:
        """Give a question with the keys that does not fit the row of the tabs, then the map's."""
        tutor = self.tutor
        if tutor is None or not tutor.answering or not self.has_class("-front"):
            self.remove_class("-tight", "-tighter")
        elif tutor.rows_missing:
            self.add_class("-tighter" if self.has_class("-tight") or tutor.rows_missing > 1 else "-tight")

    # -- what is true: now, or at a past moment ------------------------------------------------------------

    def feed(self, batch: Batch) -> None:
        """Hand a batch to every part. While a past moment is viewed, the map stays there.

        Where time was set back, no moment is viewed any more: it may be no past one.
        """
        batch = self._without_hidden(batch)
        if batch.rewound and self.viewed_moment is not None:
            self.show_moment(None, batch.state)
        self._panes.feed(batch)
        if self.viewed_moment is None:
            self.map.feed(batch)
            self._show_state(batch.state)

    def advance(self, time: TimeView | None = None) -> None:
        """Draw the next frame of what moves by itself, and how the lab's time goes."""
        self.map.advance()
        if self._time is None or time is None:
            return
        self._time.view = time
        if time.word != self._pace:
            self._pace = time.word
            if self._header.view is not None:
                self._header.view = replace(self._header.view, pace=time.word)

    def show_waiting(self, sentence: str) -> None:
        """Show what the engine has been waiting for; an empty sentence for nothing."""
        view = self._header.view
        if view is not None and view.waiting != sentence:
            self._header.view = replace(view, waiting=sentence)

    def show_moment(self, at: float | None, live: LabState) -> None:
        """Show a past moment, s, in every part; None for now, which is `live`."""
        self.viewed_moment = at
        self.set_class(at is not None, "-past")
        self._panes.seek(at)
        state = live if at is None else self._session.state_at(at)
        state = hide_filters(state) if self._faults_hidden else state
        state = hide_conclusions(state) if self.facts_only else state
        self.map.seek(state)
        self._show_state(state)

    def _show_state(self, state: LabState) -> None:
        self._shown = state
        live = self._session.engine.live
        view = header_view(
            state,
            self.viewed_moment,
            live=live,
            pace=self._pace,
            hiding=self._faults_hidden,
            facts_only=self.facts_only,
            waiting=self._session.waiting,
        )
        self._header.view = replace(view, faults=(), conditions=()) if self._preparing else view
        self._banner.show(LabState() if self._preparing else state)
        why = state.whys[-1] if state.whys else None
        self._box.why = why
        self._strip.why = why

    def show_target(self, node: str) -> None:
        """Show which node keys act on."""
        self._keys.target = node
        self.map.target(node)
        self.timeline.show_node(node)
