"""Who may do what at the hub, as JupyterHub's roles; nobody is its administrator.

A student has their own seat. A seat reports its own activity, and may end itself. The teacher may open every
seat and the board. The board asks seats; `hatlab class stop` ends them.
"""

from __future__ import annotations

from typing import Any

from hatlab.classroom.roster import TEACHER

_OWN = ["access:servers!user", "users:activity!user", "read:users:name!user", "read:users:groups!user"]
"""What a seat's server may know and tell of its student; nobody can give it more than they have."""
ROLES: list[dict[str, Any]] = [
    {"name": "user", "scopes": [*_OWN, "servers!user"]},
    {"name": "server", "scopes": ["users:activity!user", "access:servers!server"]},
    {
        "name": "teacher",
        "description": "opens every seat, and the board",
        "users": [TEACHER],
        "scopes": [
            "access:servers",
            "access:services!service=board",
            "list:users",
            "read:users:name",
            "read:servers",
        ],
    },
    {
        "name": "board",
        "description": "asks seats, and knows which there are",
        "services": ["board"],
        "scopes": ["access:servers", "list:users", "read:users:name", "read:servers", "servers"],
    },
    {
        "name": "class-command",
        "description": "ends seats, and forgets whose link was renewed",
        "services": ["class-command"],
        "scopes": ["list:users", "read:users:name", "read:servers", "servers", "delete:users"],
    },
]
