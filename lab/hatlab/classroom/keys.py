"""What follows from the class's secret, by HMAC-SHA256: nothing else of the kind is stored anywhere.

Each use has a purpose of its own, so that no key says anything about another.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode

SECRET_BYTES = 32
_LINK_BYTES = 15
"""Bytes of a link's key: 120 bits, 24 letters and digits that survive being typed from paper."""
MOST_SEEDS = 1_000_000


def new_secret() -> str:
    """Return a new secret for a class, in hexadecimal."""
    return secrets.token_hex(SECRET_BYTES)


def _derive(secret: str, purpose: str, *parts: str) -> bytes:
    message = "\0".join((purpose, *parts)).encode()
    return hmac.new(bytes.fromhex(secret), message, hashlib.sha256).digest()


def link_key(secret: str, name: str, issue: int = 0) -> str:
    """Return the key in somebody's link; `issue` counts how often it has been renewed."""
    return b32encode(_derive(secret, "link", name, str(issue))[:_LINK_BYTES]).decode().lower()


def is_link_key(secret: str, name: str, issue: int, key: str) -> bool:
    """True if a key is the one in somebody's link; it takes the same time either way."""
    return hmac.compare_digest(link_key(secret, name, issue).encode(), key.strip().lower().encode())


def variant_seed(secret: str, name: str) -> int:
    """Return the seed from which a student's forms of lessons and orders of choices are drawn."""
    return int.from_bytes(_derive(secret, "variant", name)[:8]) % MOST_SEEDS


def signing_key(secret: str, name: str) -> bytes:
    """Return the key with which the recordings of a student's seat are signed."""
    return _derive(secret, "sign", name)


def class_id(secret: str) -> str:
    """Return what tells a class from others where several share an engine; it is no secret."""
    return _derive(secret, "id").hex()[:8]


def service_token(secret: str, service: str) -> str:
    """Return the token with which a service of the hub, or this command, asks the hub."""
    return _derive(secret, "service", service).hex()


def proxy_token(secret: str) -> str:
    """Return the token with which the hub steers its proxy."""
    return _derive(secret, "proxy").hex()


def cookie_secret(secret: str, service: str = "") -> bytes:
    """Return what the hub signs its cookies with, or one of its services."""
    return _derive(secret, "cookie", *([service] if service else []))
