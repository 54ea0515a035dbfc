"""Keys take effect one after the other, in the order in which they are pressed, however fast they come.

Textual hands each key to the widget that has the focus at that moment. A letter is typed there at once; any
other key first travels up to the app, which has the bindings. So of a burst a letter overtakes the backspace
before it, and what follows a key that opens a dialog goes to what lies beneath the dialog. Here the app keeps
the keys of a burst back, and hands the next one out when the one before it has had its effect. That is when


1. it has passed all widgets from the focused one up to the app: a `KeyPassed` follows it on the same way,
2. what its handlers posted has done so, too, and
3. the screen is drawn, which is when dialogs are there and the focus has moved.

Letters in a row go to a text field without a pause between them: it types them in order.
"""

from __future__ import annotations

from collections import deque
from functools import partial

from textual import events
from textual.app import App
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

GIVE_UP = {"escape", "ctrl+c", "ctrl+q"}
"""Keys for which nothing is kept back any longer."""

PATIENCE = 0.1
"""Seconds after which it is looked whether the widget that had the key is gone, and what followed it, too."""


class KeyPassed(Message):
    """Follows what was sent to a widget on its way up to the app.

    Args:
        target: the widget.
        posted: it follows what the handlers of the key posted, not the key itself.
    """

    def __init__(self, target: Widget, posted: bool) -> None:
        super().__init__()
        self.target, self.posted = target, posted


class OrderedKeysApp(App[int]):
    """An app in which no key of a burst is lost or overtakes another."""

    def __init__(self) -> None:
        super().__init__()
        self._kept_back: deque[events.Key | events.Paste] = deque()
        self._handed_out: events.Key | events.Paste | None = None
        """The last one that is not simply typed into a field."""
        self._typed_into: Widget | None = None
        """The field that has got keys which nobody waited for."""
        self._awaited: KeyPassed | None = None
        """Tells that the last key handed out has had its effect; None if nothing is waited for."""
        self._patience: Timer | None = None

    @property
    def keys_waiting(self) -> bool:
        """True while a key that was pressed has not had its effect yet."""
        return self.is_running and (bool(self._kept_back) or self._awaited is not None)

    async def on_event(self, event: events.Event) -> None:
        if not self.screen_stack or not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif not event.is_forwarded:
            if isinstance(event, events.Key) and event.key in GIVE_UP and self._held:
                self.forget_keys()
            self._kept_back.append(event)
            await self.hand_out_keys()
        else:  # it has come up to the app, whose bindings see it now
            await super().on_event(event)
            if event is self._handed_out and self._awaited is not None:
                self._await_passage(self._awaited.target, posted=True)

    def holds_back(self, _event: events.Key | events.Paste) -> bool:
        """Tell whether a key waits for a screen that is about to come; `hand_out_keys` is called then."""
        return False

    def forget_keys(self) -> None:
        """Forget the keys that were kept back: what they were meant for will not come."""
        self._kept_back.clear()

    @property
    def _held(self) -> bool:
        return bool(self._kept_back) and self.holds_back(self._kept_back[0])

    async def hand_out_keys(self) -> None:
        """Hand out keys up to the first whose effect must be waited for."""
        while self._kept_back and self._awaited is None and self.screen_stack and not self._held:
            event = self._kept_back[0]
            target: Widget = self.focused or self.screen
            if not self.screen.is_mounted:  # a dialog that no key has opened
                self._await_passage(target, posted=True)
            elif isinstance(event, events.Key) and target.check_consume_key(event.key, event.character):
                self._typed_into = target
                await super().on_event(self._kept_back.popleft())
            elif self._typed_into is not None:
                typed_into, self._typed_into = self._typed_into, None
                self._await_passage(typed_into, posted=False)
            else:
                self._handed_out = self._kept_back.popleft()
                await super().on_event(event)
                self._await_passage(target, posted=not event.is_forwarded)

    def _await_passage(self, target: Widget, *, posted: bool) -> None:
        """Send a `KeyPassed` after what was sent through a widget before."""
        if not self.screen_stack:
            return
        if not target.is_attached or target.screen is not self.screen:
            target = self.focused or self.screen
        self._awaited = awaited = KeyPassed(target, posted)
        if self._patience is not None:
            self._patience.stop()
        self._patience = self.set_interval(PATIENCE, partial(self._end_wait_if_gone, awaited))
        if not target.post_message(awaited):
            self.call_later(self._end_wait, awaited)

    def on_key_passed(self, message: KeyPassed) -> None:
        if message is not self._awaited or not self.screen_stack:
            return
        if not message.posted:
            self._await_passage(message.target, posted=True)
        else:  # focus moves by `call_later`, often after a refresh; this comes behind it
            self.screen.call_after_refresh(self.call_later, self._end_wait, message)

    async def _end_wait_if_gone(self, awaited: KeyPassed) -> None:
        """Hand out the next key if nothing will tell that the last one has had its effect."""
        if not awaited.target.is_attached or awaited.target.screen is not self.screen:
            await self._end_wait(awaited)

    async def _end_wait(self, awaited: KeyPassed) -> None:
        if awaited is self._awaited:
            self._awaited = None
            if self._patience is not None:
                self._patience.stop()
            await self.hand_out_keys()
