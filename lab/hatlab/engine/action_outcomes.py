"""The words in which every live engine refuses an action or reports its effect. Pure.

A refusal is an `ActionFailed` for the caller to raise; its hint, if any, is the action that helps. The agent
in a container is a program of its own (compose/agent/) and writes its sentences on services, filters, links
and addresses itself; tests/compose holds it to the words of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from hatlab.actions import Action, ArgKind
from hatlab.errors import ActionFailed, LabError
from hatlab.keepalived import change_setting

H = TypeVar("H")
CONF = "/etc/keepalived/keepalived.conf"


def find_handler(handlers: Mapping[str, H], action: Action) -> H:
    """Return what carries out the action's verb.

    Raises:
        ActionFailed: the engine does not know the verb.
    """
    if action.verb not in handlers:
        raise ActionFailed(f"this engine has no action {action.verb!r}")
    return handlers[action.verb]


def join_effects(effects: Iterable[str]) -> str:
    """Join the effects on several nodes into one line."""
    return "; ".join(effects) or "nothing to do"


# --- services ---------------------------------------------------------------------------------------


def service_missing(service: str, node: str) -> ActionFailed:
    return ActionFailed(f"{node} runs no {service}")


def service_not_running(service: str, node: str, state: object) -> ActionFailed:
    return ActionFailed(f"{service} is not running on {node}: {state}")


def service_running(service: str, node: str, state: object) -> ActionFailed:
    return ActionFailed(f"{service} runs already on {node}: {state}")


def service_frozen(service: str, node: str) -> ActionFailed:
    return ActionFailed(f"{service} is frozen on {node}")


def service_not_frozen(service: str, node: str) -> ActionFailed:
    return ActionFailed(f"{service} is not frozen on {node}")


def frozen_cannot_stop(service: str) -> ActionFailed:
    return ActionFailed(f"{service} is frozen and cannot stop in order: thaw or kill it")


def still_running(service: str, seconds: float) -> ActionFailed:
    return ActionFailed(f"{service} still runs {seconds:g} s after signal 15", definite=False)


def mysqld_silent() -> ActionFailed:
    return ActionFailed("mysqld does not answer after 30 s; see its log", definite=False)


def ended_at_once(service: str, reason: str) -> ActionFailed:
    return ActionFailed(f"{service} ended at once ({reason}); see its log")


def service_effect(service: str, before: object, after: object) -> str:
    return f"{service} {before} → {after}"


# --- power ------------------------------------------------------------------------------------------


def node_is_off(node: str) -> ActionFailed:
    return ActionFailed(f"{node} is off", f"power on {node}")


def check_power(action: Action, node: str, power: str) -> None:
    """Check that `power off`, `power on`, `pause` or `resume` makes sense.

    Args:
        power: of the node now: `on`, `off` or `paused`.

    Raises:
        ActionFailed: it is so already, or the node is off.
    """
    match action.verb:
        case "power off" if power == "off":
            raise ActionFailed(f"{node} is already off", f"power on {node}")
        case "power on" if power != "off":
            raise ActionFailed(f"{node} is already on", f"power off {node}")
        case "pause" | "resume" if power == "off":
            raise node_is_off(node)
        case "pause" if power == "paused":
            raise ActionFailed(f"{node} is already paused", f"resume {node}")
        case "resume" if power != "paused":
            raise ActionFailed(f"{node} is not paused", f"pause {node}")


def shell_without_terminal() -> ActionFailed:
    return ActionFailed("a shell needs a terminal", "run it in an interactive terminal")


# --- network ----------------------------------------------------------------------------------------


def no_interface(node: str, network: str) -> ActionFailed:
    return ActionFailed(f"{node} has no interface on {network}")


def address_not_held(node: str, address: str) -> ActionFailed:
    return ActionFailed(f"{node} does not hold {address}")


def drop_effect(node: str, network: str, before: float, after: float) -> str:
    """Shares of dropped frames, in per cent."""
    return f"{node} drops {before:g} % → {after:g} % of what servers send it on {network}"


def delay_effect(node: str, network: str, before: float, after: float) -> str:
    """Delays in milliseconds."""
    return f"{node} delays {before:g} ms → {after:g} ms on {network}"


def link_effect(node: str, network: str, device: str, before: bool, after: bool) -> str:
    words = {True: "up", False: "down"}
    return f"{node}'s interface {device} on {network} {words[before]} → {words[after]}"


def address_effect(node: str, device: str, address: str) -> str:
    return f"{address} on {node}: held by {device} → deleted"


# --- configuration ----------------------------------------------------------------------------------


def apply_setting(action: Action, conf: str, check: Callable[[str], Sequence[str]]) -> str:
    """Return keepalived.conf as `set` changes it.

    Args:
        conf: the node's configuration now.
        check: returns what keepalived finds wrong with a text.

    Raises:
        ActionFailed: there is nothing to set, or keepalived refuses the result.
    """
    try:
        text = change_setting(
            conf, action.need(ArgKind.KEY), action.need(ArgKind.VALUE), action.get(ArgKind.INSTANCE)
        )
    except LabError as error:
        raise ActionFailed(error.message, error.hint) from None
    if problems := check(text):
        raise ActionFailed(f"keepalived rejects this configuration: {problems[0]}", "\n".join(problems[1:5]))
    return text


def setting_effect(action: Action, before: str, after: str) -> str:
    """The lines of keepalived.conf that `set` removed and added."""
    old, new = before.splitlines(), after.splitlines()
    none = f"no {action.need(ArgKind.KEY)}"
    removed = ", ".join(line.strip() for line in old if line not in new) or none
    added = ", ".join(line.strip() for line in new if line not in old) or none
    return f"{action.need(ArgKind.NODE)}: {removed} → {added}; reloaded"


def conf_effect(node: str, before: str, after: str) -> str:
    lines = len(before.splitlines()), len(after.splitlines())
    return f"{CONF} on {node}: {lines[0]} lines → {lines[1]} lines"


def reload_effect(service: str, state: object) -> str:
    return f"{service} {state}: told to read its configuration again (SIGHUP)"


def reset_effect(nodes: Iterable[str], seconds: float) -> str:
    return f"{', '.join(nodes)} back to the start, in {seconds:.1f} s"
