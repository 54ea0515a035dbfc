"""The running lab's control socket: `hatlab do`, `status`, `shell`, `capture` and `down` talk to it.

A Unix socket, mode 0600 in a folder of mode 0700. One request a connection, a line of JSON; replies are
lines of JSON, the last of which is a `result` or an `error`. docs/events.md describes it in full.

server         answers requests about a session
event_stream   its answer to `events`: what happens, as it happens
teaching       what a teacher asks: where the lesson stands, a line for the learner, everybody's eyes
client         finds running labs, and asks them
"""

from hatlab.control.client import (
    RunningLab,
    find_lab,
    list_running_labs,
    matches_id,
    request_result,
    send_request,
)

__all__ = [
    "RunningLab",
    "find_lab",
    "list_running_labs",
    "matches_id",
    "request_result",
    "send_request",
]
