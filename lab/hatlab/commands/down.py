"""End the running lab, remove what earlier labs left on the Docker engine, and list what was removed."""

from __future__ import annotations

import platform
from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option
from hatlab.commands.support.lab_ends import LabEnd, print_end
from hatlab.commands.support.open_settings import add_setting_options
from hatlab.commands.support.output import print_line, print_progress
from hatlab.errors import EngineError, EngineUnavailable, LabError, UserError

if TYPE_CHECKING:
    from docker import DockerClient

    from hatlab.control import RunningLab
    from hatlab.engine.docker.cleanup import LabRemains, OwnLab
    from hatlab.engine.docker.lab_records import EnginePlace, LabRecord


EXAMPLE = """
hatlab down
hatlab down --json    one JSON object per lab: what was removed, what is left and why
hatlab down --all     every lab on this Docker engine, including those of other people
"""
_NOT_YOURS = {"running": "is running", "being made": "is being made", "off": "has stopped"}


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--lab", metavar="ID", help="only this lab: its id, or the start or end of it")
    parser.add_argument("--all", action="store_true", help="end and remove every lab on this Docker engine")
    add_json_option(parser, "print one JSON object per lab and line")
    add_setting_options(parser, "docker_context")


def run(args: Namespace) -> int:
    from hatlab.classroom.known_courses import running_courses
    from hatlab.control import list_running_labs
    from hatlab.util.paths import sockets_dir

    if args.all and (classes := running_courses()):
        raise LabError(
            f"a class is running, and --all would remove its students' labs: {classes[0]}",
            f"end it first: hatlab class stop {classes[0]}",
        )
    dead: list[Path] = []
    labs = list_running_labs(sockets_dir(), forget=dead.append)
    chosen = [lab for lab in labs if lab.is_named(args.lab)]
    if len(chosen) > 1 and not args.all:
        names = ", ".join(f"{lab.id} (pid {lab.pid})" for lab in chosen)
        raise UserError("several labs are running", f"name one with --lab, or use --all: {names}")
    ends = [_end_lab(lab) for lab in chosen]
    failed = {end.lab: end for end in ends if end.is_failure}
    for end in ends:
        if not end.is_failure:
            print_end(end, args.json)
    if args.lab is not None and chosen and not failed:
        return 0
    others = {lab.id for lab in labs} - {lab.id for lab in chosen}
    try:
        with closing(_connect(args.context)) as client:
            later = _Leftovers(args, client, dead, others, set(failed)).remove()
    except EngineUnavailable as error:
        _tell_unavailable(args, error, dead, mentioned=bool(ends))
        for end in failed.values():
            print_end(end, args.json)
        return 1 if failed else 0
    told = {end.lab for end in later}
    later += [end for lab, end in failed.items() if lab not in told]
    for end in later:
        print_end(end, args.json)
    if not ends and not later:
        if args.lab is not None:
            raise LabError(
                f"there is no lab {args.lab!r}, running or left over", "hatlab status lists the labs"
            )
        if not args.json:
            print_line("no lab is running, and nothing is left over")
    return 1 if any(end.is_failure for end in later) else 0


def _connect(context: str | None) -> DockerClient:
    from hatlab.engine.docker.connection import connect

    return connect(context, on_slow=print_progress)


def _end_lab(lab: RunningLab) -> LabEnd:
    """End a lab that runs; a failure may be known better once the engine has been asked."""
    from hatlab.control import request_result

    try:
        ended = request_result(lab.path, {"ask": "end"}, timeout=60)
    except (LabError, OSError) as error:
        text = error.in_one_line if isinstance(error, LabError) else str(error)
        return LabEnd(lab.id, "left", (), f"lab {lab.id} did not end: {text}")
    names = tuple(map(str, ended.get("removed", ())))
    return LabEnd(lab.id, "ended", names, f"ended lab {lab.id}: {', '.join(names)}")


def _tell_unavailable(args: Namespace, error: EngineUnavailable, dead: list[Path], mentioned: bool) -> None:
    """Say what is unknown without the engine.

    Raises:
        EngineUnavailable: a lab there was named.
        EngineError: labs of one's own may have left something there.
    """
    from hatlab.engine.docker.lab_records import read_records

    if args.all or args.lab:
        raise error
    ended = [record.lab for record in read_records() if not record.owner_runs()]
    for path in dead:
        if path.stem not in ended:  # nothing of it can be on an engine
            path.unlink(missing_ok=True)
    if ended:
        what = f"what is left of {', '.join(ended)} cannot be removed: {error.message}"
        raise EngineError(what, error.hint)
    if not mentioned and not args.json:
        print_line(f"no lab is running; whether others left anything is unknown: {error.message}")


class _Leftovers:
    """What is on an engine of labs that no hatlab of ours keeps, and its removal.

    A lab whose containers run may be someone else's: it is removed only with --all, by its id, or if it is
    one's own and no process runs it any more.

    Args:
        args: of the command.
        client: the engine.
        dead: sockets whose owners proved dead.
        running: ids of labs that run and shall go on.
        tried: ids of labs that were asked to end, and could not remove everything.
    """

    def __init__(
        self, args: Namespace, client: DockerClient, dead: list[Path], running: set[str], tried: set[str]
    ) -> None:
        self._args, self._client = args, client
        self._sockets = {path.stem: path for path in dead}
        self._running, self._tried = running, tried

    def remove(self) -> list[LabEnd]:
        """Remove what may be removed; return what is to be told."""
        from hatlab.engine.docker.cleanup import find_labs, find_own_labs
        from hatlab.engine.docker.connection import plain_errors
        from hatlab.engine.docker.lab_records import find_place

        with plain_errors("cannot list what labs left on the engine"):
            found = find_labs(self._client)
            place = find_place(self._client, self._args.context)
        own = {each.record.lab: each for each in find_own_labs(found) if self._is_meant(each.record.lab)}
        ends = [self._end(remains, own.get(remains.lab), place) for remains in found]
        seen = {remains.lab for remains in found}
        ends += [self._end_unseen(each, place) for lab, each in own.items() if lab not in seen]
        for lab, path in self._sockets.items():
            if lab not in seen and lab not in own and self._is_meant(lab):
                path.unlink(missing_ok=True)
        return [end for end in ends if end is not None]

    def _is_meant(self, lab: str) -> bool:
        from hatlab.control import matches_id

        if self._args.lab is not None and not matches_id(lab, self._args.lab):
            return False
        return self._args.all or lab not in self._running

    def _end(self, remains: LabRemains, own: OwnLab | None, place: EnginePlace) -> LabEnd | None:
        """Remove a lab of which the engine has something, or say why not."""
        lab = remains.lab
        if not self._is_meant(lab):
            return None
        is_own = own is not None and own.remains is not None
        if is_own and own is not None and (lab in self._tried or own.is_dead()):
            return self._remove(lab, own, place)
        if self._args.all or self._args.lab is not None or lab in self._sockets:
            return self._remove(lab, own if is_own else None, place)
        if is_own and own is not None:
            return _kept_by_process(own.record)
        if remains.state == "ended":
            return self._remove(lab, None, place)
        return LabEnd(lab, "kept", (), _describe_kept(lab, _NOT_YOURS[remains.state]))

    def _end_unseen(self, own: OwnLab, place: EnginePlace) -> LabEnd | None:
        """Forget a lab of which this engine has nothing, if no other engine has."""
        record = own.record
        if not own.is_dead():
            return _kept_by_process(record) if self._args.lab is not None else None
        end = self._remove(record.lab, own, place)
        if end.removed or end.is_failure:
            return end
        return _kept_elsewhere(record) if record.place and record.path.exists() else None

    def _remove(self, lab: str, own: OwnLab | None, place: EnginePlace) -> LabEnd:
        from hatlab.engine.docker.cleanup import remove_lab, remove_own_lab
        from hatlab.engine.docker.connection import plain_errors

        try:
            with plain_errors("the engine refuses"):
                removal = remove_own_lab(self._client, own, place) if own else remove_lab(self._client, lab)
        except EngineError as error:
            return LabEnd(lab, "left", (), f"lab {lab} cannot be removed: {error.in_one_line}")
        names = ", ".join(removal.removed)
        if removal.left:
            gone = f"; removed: {names}" if names else ""
            text = f"lab {lab}: {removal.problem}{gone}\n  to remove the rest: {removal.hint}"
            return LabEnd(lab, "left", removal.removed, text, removal.left)
        if lab in self._sockets:
            self._sockets[lab].unlink(missing_ok=True)
        return LabEnd(lab, "removed", removal.removed, f"removed lab {lab}: {names}")


def _describe_kept(lab: str, state: str) -> str:
    """Say whose a lab is that stays, as far as that is known."""
    from hatlab.classroom.known_courses import seat_of_lab

    seat = seat_of_lab(lab)
    if seat is None:
        return f"lab {lab} {state}, but is not yours. To remove it: hatlab down --lab {lab}"
    course = seat.parents[2]
    return f"lab {lab} {state}: it is that of {seat.name} in the class {course}, whose board can end it"


def _kept_by_process(record: LabRecord) -> LabEnd:
    lab, pid = record.lab, record.pid
    on = "" if record.host in ("", platform.node()) else f" on {record.host}"
    text = f"lab {lab} belongs to process {pid} of yours{on}, which does not answer. "
    text += f"To remove it all the same: hatlab down --lab {lab}"
    return LabEnd(lab, "left", (), text)


def _kept_elsewhere(record: LabRecord) -> LabEnd:
    """Say where a lab was made of which this engine has nothing."""
    assert record.place is not None, "a damaged record ends where nothing is found"
    host, _, address = record.place.address.rpartition(" ")
    command = f"DOCKER_HOST={address} hatlab down"
    where = f"{address} on {host}" if host not in ("", platform.node()) else address
    text = f"lab {record.lab} was made on another Docker engine ({where}), and may have left something there"
    text += f"\n  to remove it: {command}\n  if that engine is gone for good: rm {record.path}"
    return LabEnd(record.lab, "left", (), text)
