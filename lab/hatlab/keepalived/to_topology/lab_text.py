"""Turns a node's own files into those of any run of a lab: networks for interfaces, places for addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.localize import interface_words, replace_words
from hatlab.keepalived.parser import Statement, Word, parse_config, parse_document
from hatlab.keepalived.preprocessor import Lines
from hatlab.keepalived.settings import read_settings
from hatlab.keepalived.to_topology.networks import LOOPBACK
from hatlab.keepalived.to_topology.plan import Plan

_TELLING = re.compile(r"[A-Za-z](?:[^\W\d]|[.-])*+\d[\w.-]*+", re.A)
"""An interface's name that cannot be an ordinary word."""


_PASSWORD = re.compile(r"[ \t]-p[^\s'\"]|-p[\"']|--password|\bpassword[ \t]*=|MYSQL_PWD", re.I)
_LOCAL_HOST = re.compile(
    r"(-h[ \t]*|--host[= ][ \t]*|\b\w*host\w*[ \t]*=[ \t]*[\"']?)127\.0\.0\.1(?![\w.])", re.I
)


def lab_conf(plan: Plan, node: str, moved: Mapping[str, str]) -> str:
    """A node's own configuration. `moved` has the paths of files that lie elsewhere in the lab."""
    conf = plan.nodes[node]
    text = _with_lab_names(plan, node, conf, moved)
    if not _is_left_behind(plan, text):
        return text
    plan.note("The definitions of {nodes} are expanded, because addresses are built from them.", node)
    lines = Lines(conf.document.texts[""])
    written_out = "".join(f"{line.text}\n" for line in lines)
    return _with_lab_names(plan, node, Configuration(parse_document(written_out)), moved)


def _is_left_behind(plan: Plan, text: str) -> bool:
    """True if a text still has a real address, which only the values of definitions make."""
    for settings in read_settings(text).values():
        virtual = (vip.address for vip in settings.virtual_addresses)
        named = (*virtual, *settings.unicast_peers, settings.adverts.source)
        if any(address in plan.addresses.places for address in named):
            return True
    return False


def _with_lab_names(plan: Plan, node: str, conf: Configuration, moved: Mapping[str, str]) -> str:
    def rename(interface: str) -> str:
        return interface if interface == LOOPBACK else plan.network(node, interface)

    text = replace_words(conf.document.texts[""], interface_words(conf.root), rename)
    names = _instance_names(plan, node)
    if any(old != new for old, new in names.items()):
        text = replace_words(text, _instance_words(parse_config(text)), lambda name: names.get(name, name))
    return plan.addresses.translate(with_paths(_with_local_login(plan, node, text), moved))


def lab_script(plan: Plan, node: str, text: str, moved: Mapping[str, str]) -> str:
    """A script of a node, or what one reads: interfaces as `@NETWORK@`."""
    devices = {word.text for word in interface_words(plan.nodes[node].root)}
    for device in sorted(filter(_TELLING.fullmatch, devices), key=len, reverse=True):
        name = re.compile(rf"(?<![\w./@-]){re.escape(device)}(?![\w-]|\.\w)", re.A)
        network = plan.network(node, device)
        text = name.sub(f"@{network}@", text)
    return plan.addresses.translate(with_paths(_with_local_login(plan, node, text), moved))


def _with_local_login(plan: Plan, node: str, text: str) -> str:
    """The text with logins by a password at 127.0.0.1 through the socket, where a lab's mysqld takes any."""
    if ("mysql" not in text.lower() and "[client]" not in text) or not _PASSWORD.search(text):
        return text
    text, count = _LOCAL_HOST.subn(r"\1localhost", text)
    if count:
        plan.note(
            "Logins of {nodes} with a password at 127.0.0.1 go to localhost here: "
            "over the socket, the lab's mysqld accepts any user and password.",
            node,
        )
    return text


def with_paths(text: str, moved: Mapping[str, str]) -> str:
    """The text with other paths, each as a whole word."""
    for path, instead in moved.items():
        text = re.sub(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)", instead.replace("\\", r"\\"), text)
    return text


def _instance_names(plan: Plan, node: str) -> dict[str, str]:
    """An instance's name in the node's file → in the lab, by which the lab knows it."""
    names: dict[str, str] = {}
    for router in plan.routers:
        if node in router.members:
            own = router.settings(node).instance
            names[own] = router.name
            if own != router.name:
                plan.note(f"The vrrp_instance {own} of {{nodes}} is called {router.name} here.", node)
    return names


def _instance_words(root: Statement) -> Iterator[Word]:
    """The words that name an instance: of its block, and in the groups that it is in."""
    for block in root.all("vrrp_instance"):
        yield from block.words[1:2]
    for group in root.all("vrrp_sync_group"):
        yield from (word for inner in group.all("group") for s in inner.body or () for word in s.words)
