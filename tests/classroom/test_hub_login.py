"""The login of a seat is JupyterHub's own, without what only the hub needs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlalchemy", "alembic", "aiohttp", "pydantic", "textual", "docker")
LOOK = """
import sys
import hatlab.classroom.seat.server
from hatlab.classroom.seat.hub_login import HubOAuth, HubOAuthenticated, HubOAuthCallbackHandler
print(*{name.partition(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", "")})
print(HubOAuth.__module__, HubOAuthenticated.__module__, HubOAuthCallbackHandler.__module__)
from jupyterhub.scopes import _intersect_expanded_scopes as both
print(*sorted(both({"access:servers!server=s01/", "read:users"}, {"access:servers!user=s01"})))
print(*both({"access:servers!server=s02/"}, {"access:servers!user=s01"}))
"""


def test_a_seat_imports_no_database_and_still_decides_by_the_hubs_own_rules() -> None:
    out = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True).stdout
    modules, origins, allowed, refused = out.split("\n")[:4]
    assert not set(modules.split()) & set(HEAVY)
    assert set(origins.split()) == {"jupyterhub.services.auth"}
    assert allowed == "access:servers!server=s01/"
    assert refused == ""
