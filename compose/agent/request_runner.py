"""Carries out requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from .errors import Refused
from .output import Fact

Handler = Callable[..., "str | dict[str, Any]"]
"""Takes a request's fields; returns its effect, or the fields of the reply."""


class RequestRunner:
    """Carries out each request on a thread of its own, so that one that waits does not hold up the others."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def start(self, request: dict[str, Any], answer: Callable[[Fact], None]) -> None:
        """Start to carry out a request; `answer` takes the reply."""
        threading.Thread(target=self._run, args=(request, answer), daemon=True).start()

    def _run(self, request: dict[str, Any], answer: Callable[[Fact], None]) -> None:
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
