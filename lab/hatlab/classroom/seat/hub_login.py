"""JupyterHub's login for a seat, without the hub's database, which a seat never opens.

`jupyterhub.services.auth` imports the hub's tables, and with them SQLAlchemy, alembic and aiohttp: 45 MB in
each seat, and a second of a processor at each start. What stands in for them here has only their names, and
a client of HTTP by tornado, which is there anyway. Only what a seat calls of the login is ever run;
tests/classroom/test_hub_login.py holds this to the JupyterHub that is installed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any


class _NeverCalled(ModuleType):
    """A module of which only names are asked: each is an exception that nobody raises."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


@dataclass(frozen=True)
class _Answer:
    """What the login asks of an answer of aiohttp."""

    status: int
    reason: str
    body: bytes

    async def text(self) -> str:
        return self.body.decode(errors="replace")


async def _fetch(
    url: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    data: bytes | None = None,
    **_: Any,
) -> _Answer:
    """Ask the hub; an answer that refuses is an answer."""
    from tornado.httpclient import AsyncHTTPClient

    answer = await AsyncHTTPClient().fetch(
        url,
        method=method,
        headers=headers,
        body=data if data is not None or method in {"GET", "DELETE"} else b"",
        raise_error=False,
        connect_timeout=10,
        request_timeout=20,
    )
    if answer.code == 599 and answer.error is not None:
        raise answer.error
    return _Answer(answer.code, answer.reason or "", answer.body or b"")


def _import_login() -> ModuleType:
    names = (
        "sqlalchemy",
        "sqlalchemy.exc",
        "aiohttp",
        "jupyterhub.orm",
        "jupyterhub.roles",
        "jupyterhub.httpclient",
    )
    stand_ins = {name: _NeverCalled(name) for name in names if name not in sys.modules}
    if "jupyterhub.services.auth" not in sys.modules:
        sys.modules.update(stand_ins)
        if "jupyterhub.httpclient" in stand_ins:
            vars(stand_ins["jupyterhub.httpclient"])["fetch"] = _fetch
    from jupyterhub.services import auth

    for name, stand_in in stand_ins.items():  # whoever else imports one of them gets the real one
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
    login: ModuleType = auth
    return login


_auth = _import_login()
hub_version: str = sys.modules["jupyterhub"].__version__
HubOAuth = _auth.HubOAuth
HubOAuthCallbackHandler = _auth.HubOAuthCallbackHandler
HubOAuthenticated = _auth.HubOAuthenticated
