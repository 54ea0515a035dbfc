"""Login by a link that carries a key: `/hub/link?name=s01&key=…`; there are no passwords.

A wrong key, an old one and a name that nobody has are answered alike, so that nothing can be learned of who
takes part. Somebody who keeps trying is answered more briefly, by 429, until a minute has passed; a right key
is always taken, so nobody can lock a class out that shares one address.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from traitlets import Any as AnyTrait

from hatlab.classroom.course import Course
from hatlab.classroom.hub.opening import SeatHandler
from hatlab.classroom.roster import TEACHER
from hatlab.errors import LabError

REFUSAL = "This link is not valid. Copy all of it, or ask your teacher for a new one."
TOO_MANY = (
    "Too many wrong links came from here. Wait a minute, then use the whole link that your teacher gave you."
)
BROKEN = "The class cannot be read just now. Tell your teacher to look into the log of the hub."
_MOST_WRONG = 20
"""Wrong keys from one address in a minute; after these they are no longer looked at one by one."""
_WINDOW = 60.0
_MOST_ADDRESSES = 10_000


class WrongTries:
    """Counts wrong keys by address, over the last minute."""

    def __init__(self) -> None:
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def note(self, address: str, now: float) -> bool:
        """Count a wrong key; return True if there have been too many."""
        if len(self._times) >= _MOST_ADDRESSES:
            self._times = defaultdict(
                deque, {who: times for who, times in self._times.items() if times[-1] > now - _WINDOW}
            )
        times = self._times[address]
        while times and times[0] <= now - _WINDOW:
            times.popleft()
        times.append(now)
        if len(times) > _MOST_WRONG + 1:
            times.popleft()
        return len(times) > _MOST_WRONG


class LinkHandler(BaseHandler):  # type: ignore[misc]
    """Takes a link, and sends whoever has it on to their seat, or to the board."""

    async def get(self) -> None:
        name, key = self.get_argument("name", ""), self.get_argument("key", "")
        try:
            user = await self.login_user({"name": name, "key": key})
        except LabError as error:
            self.log.error("class: %s", error.in_one_line)
            await self._refuse(500, BROKEN)
            return
        if user is not None:
            self.redirect(landing_page(self))  # nothing of the link goes along
        elif self.authenticator.wrong_tries.note(self.request.remote_ip, time.monotonic()):
            await self._refuse(429, TOO_MANY)
        else:
            await self._refuse(403, REFUSAL)

    async def _refuse(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(await self.render_template("link.html", sentence=sentence))


class LinkAuthenticator(Authenticator):  # type: ignore[misc]
    """Lets in whoever has the key of a name in the roster, as the roster is now."""

    course: Course = AnyTrait(config=True)
    auto_login = True
    any_allow_config = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allow_all = True  # whoever has a key; `authenticate` looks at the roster each time
        self.wrong_tries = WrongTries()

    def login_url(self, base_url: str) -> str:
        """Return where whoever is not logged in is sent: without a key, to the sentence about links."""
        return base_url + "link"

    def get_handlers(self, _app: Any) -> list[tuple[str, type]]:
        return [("/link", LinkHandler), ("/spawn", SeatHandler)]  # these come before JupyterHub's own

    async def authenticate(self, _handler: Any, data: dict[str, str]) -> str | None:
        name = data["name"]
        return name if self.course.accepts(name, data["key"]) else None


def landing_page(handler: Any) -> str:
    """Return where somebody who has logged in goes: to their seat, the teacher to the board."""
    user = handler.current_user
    if user is not None and user.name == TEACHER:
        return "/services/board/"
    return f"{handler.hub.base_url}spawn"
