"""Requests and what carries them out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from .helpers import Refused
from .output import Fact

Handler = Callable[..., "str | dict[str, Any]"]
"""Takes a request's fields; returns its effect, or the fields of the reply."""


class Commands:
    """Carries out each request on a thread of its own, so that one that waits holds up nothing."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def begin(self, request: dict[str, Any], answer: Callable[[Fact], None]) -> None:
        threading.Thread(target=self._obey, args=(request, answer), daemon=True).start()

    def _obey(self, request: dict[str, Any], answer: Callable[[Fact], None]) -> None:
        reply: Fact = {"reply": request.pop("id", None)}
        try:
            handler = self._handlers.get(str(request.pop("do", "")))
            if handler is None:
                raise Refused("the agent does not know this command")
            result = handler(**request)
            answer({**reply, "ok": True, **(result if isinstance(result, dict) else {"effect": result})})
        except Refused as error:
            answer({**reply, "ok": False, "error": str(error), "definite": error.definite})
        except Exception as error:  # noqa: BLE001 - whatever went wrong is the reply
            answer({**reply, "ok": False, "error": f"{type(error).__name__}: {error}", "definite": False})
