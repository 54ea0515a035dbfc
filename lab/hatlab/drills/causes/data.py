"""What is wrong behind a healthy address: replicas that stand still, and a server that takes no writes."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.status import answered_by, states
from hatlab.drills.model import Cause, Kind, Saved, Sign, Symptom
from hatlab.drills.places import shell
from hatlab.drills.roles import Roles
from hatlab.drills.steps import wait
from hatlab.util.text import join_names

WRONG_PORT = 3307


def data_causes(lab: Roles) -> Iterator[Cause]:
    """Faults of MySQL servers that keepalived does not look at."""
    if lab.replicates:
        yield _stopped(lab, lab.best)
        yield _stopped(lab, lab.next)
        yield _wrong_port(lab)
        yield _duplicate(lab)
        yield _missing_row(lab)
    if lab.runs_mysqld and lab.is_pair and not lab.router.fence:
        yield _read_only(lab, "read_only")
        yield _read_only(lab, "super_read_only")


def replica(node: str, what: str) -> Sign:
    """What a node's replica says of itself: it `runs`, is `stopped`, or has an error of a number."""
    place = shell(node, 'mysql -E -e "SHOW REPLICA STATUS"')
    about = "replica"
    match what:
        case "runs":
            running = (r"Replica_IO_Running: Yes", r"Replica_SQL_Running: Yes")
            return Sign(place, about, f"The replica on {node} runs.", has=running)
        case "stopped":
            stopped = (r"Replica_IO_Running: No", r"Replica_SQL_Running: No", r"Last_SQL_Errno: 0")
            return Sign(place, about, f"The replica on {node} is stopped, without an error.", has=stopped)
        case "cut off":
            shows = f"The replica on {node} cannot reach the other server."
            return Sign(place, about, shows, has=(r"Replica_IO_Running: Connecting",))
        case _:
            shows = f"The replica on {node} stopped with error {what}."
            return Sign(place, about, shows, has=(rf"Last_SQL_Errno: {what}",))


def _stopped(lab: Roles, node: str) -> Cause:
    (other,) = (member for member in lab.members if member != node)
    return Cause(
        id="stopped-replica",
        kind=Kind.REPLICATION,
        level=1,
        fits=(Symptom.STALE,),
        name=f"someone stopped the replica on {node}",
        begin=(f'sql {node} "STOP REPLICA"',),
        until={"not": f"replicates {node}"},
        signs=(replica(other, "runs"), replica(node, "stopped")),
        cure=(f'sql {node} "START REPLICA"',),
        gone=f"replicates {node}",
        advice=f"The replica on {node} has no error. It only has to be started.",
        harm=(f'sql {other} "START REPLICA"',),
        because=f"that one runs already; the one that was stopped is on {node}",
    )


def _wrong_port(lab: Roles) -> Cause:
    node = lab.next
    change = "CHANGE REPLICATION SOURCE TO SOURCE_PORT ="
    port = Sign(
        replica(node, "cut off").place,
        "port",
        f"It asks port {WRONG_PORT}, where nobody listens.",
        has=(rf"Source_Port: {WRONG_PORT}",),
    )
    return Cause(
        id="replica-port",
        kind=Kind.REPLICATION,
        level=2,
        fits=(Symptom.STALE,),
        name=f"the replica on {node} asks the wrong port",
        begin=(
            f'sql {node} "STOP REPLICA"',
            f'sql {node} "{change} {WRONG_PORT}"',
            f'sql {node} "START REPLICA"',
        ),
        until=f"errno {node} = 2003",
        signs=(replica(lab.best, "runs"), replica(node, "cut off"), port),
        cure=(
            f'sql {node} "STOP REPLICA"',
            f'sql {node} "{change} 3306"',
            f'sql {node} "START REPLICA"',
        ),
        gone=f"replicates {node}",
        advice=f"The network is well, and so is mysqld on {lab.best}. Which server does the "
        f"replica on {node} ask?",
        harm=(f'sql {node} "START REPLICA"',),
        because="it asks the same port again",
    )


def _duplicate(lab: Roles) -> Cause:
    best, second = lab.best, lab.next
    both = (best, second)
    return Cause(
        id="duplicate-row",
        kind=Kind.REPLICATION,
        level=2,
        fits=(Symptom.STALE,),
        name="both servers inserted a row with the same number",
        begin=(
            *(f'sql {node} "STOP REPLICA"' for node in both),
            f"sql {best} \"INSERT INTO lab.accounts VALUES (9, 'carol', 5)\"",
            f"sql {second} \"INSERT INTO lab.accounts VALUES (9, 'dave', 7)\"",
            *(f'sql {node} "START REPLICA"' for node in both),
        ),
        until=[f"errno {node} = 1062" for node in both],
        signs=(replica(best, "1062"), replica(second, "1062")),
        cure=(
            *(f'sql {node} "DELETE FROM lab.accounts WHERE id = 9"' for node in both),
            *(f'sql {node} "START REPLICA"' for node in both),
            wait({"held": 2, "when": [f"replicates {node}" for node in both]}),
            f"sql {best} \"INSERT INTO lab.accounts VALUES (9, 'carol', 5), (10, 'dave', 7)\"",
        ),
        gone=[f"replicates {node}" for node in both],
        advice="Both replicas wait at account 9. It must be gone on both before they can continue. "
        "Then put both accounts back, each with a number of its own: clients wrote them.",
        saves=(_accounts(lab, ("carol", 5), ("dave", 7)),),
        harm=(f'sql {best} "START REPLICA"',),
        because="it stops at the same row again",
    )


def _accounts(lab: Roles, *accounts: tuple[str, int]) -> Saved:
    """Accounts that clients wrote: both servers must have them in the end."""
    wanted = [f"{owner} with balance {balance}" for owner, balance in accounts]
    return Saved(
        [f"row {node} accounts {owner} {balance}" for node in lab.members for owner, balance in accounts],
        "Both replicas run again, but clients wrote an account that is gone or has changed. "
        f"In the end both servers must have {join_names(wanted)}.",
    )


def _missing_row(lab: Roles) -> Cause:
    best, second = lab.best, lab.next
    return Cause(
        id="missing-row",
        kind=Kind.REPLICATION,
        level=2,
        fits=(Symptom.STALE,),
        name=f"a row that {best} changed is missing on {second}",
        begin=(
            f"sql {best} \"INSERT INTO lab.accounts VALUES (7, 'erin', 20)\"",
            wait(f"value {second} accounts 7 balance = 20"),
            f'sql {best} "STOP REPLICA"',
            f'sql {second} "DELETE FROM lab.accounts WHERE id = 7"',
            f'sql {best} "UPDATE lab.accounts SET balance = 30 WHERE id = 7"',
            wait(f"errno {second} = 1032"),
            f'sql {best} "START REPLICA"',
        ),
        until=[f"errno {second} = 1032", f"replicates {best}"],
        signs=(replica(best, "runs"), replica(second, "1032")),
        cure=(
            f"sql {second} \"INSERT INTO lab.accounts VALUES (7, 'erin', 30)\"",
            f'sql {second} "START REPLICA"',
        ),
        gone=f"replicates {second}",
        advice=f"The replica on {second} waits for account 7. Give it one, and let it continue.",
        saves=(_accounts(lab, ("erin", 30)),),
        harm=(f'sql {second} "START REPLICA"',),
        because="it looks for the same row again",
    )


def _read_only(lab: Roles, variable: str) -> Cause:
    node = lab.best
    place = shell(node, "mysql -e \"SHOW VARIABLES LIKE '%read_only'\"")
    both = variable == "super_read_only"
    shows = f"On {node} read_only is ON, super_read_only is {'ON' if both else 'OFF'}."
    return Cause(
        id=variable.replace("_", "-"),
        kind=Kind.WRITES,
        level=1,
        touches_data=True,
        fits=(Symptom.NO_ORDERS,),
        name=f"mysqld on {node} refuses {'every write' if both else 'what clients write'}: {variable}",
        begin=(f'sql {node} "SET GLOBAL {variable} = 1"',),
        until=[f"fenced {node}", f"owner {node} {lab.vip}"],
        signs=(
            answered_by(lab, node),
            states(lab, "MASTER", "BACKUP"),
            Sign(
                place,
                "writes",
                shows,
                has=(rf"^\|?\s*super_read_only\s.*{'ON' if both else 'OFF'}", r"^\|?\s*read_only\s.*ON"),
            ),
        ),
        cure=(f'sql {node} "SET GLOBAL super_read_only = 0, GLOBAL read_only = 0"',),
        gone={"not": f"fenced {node}"},
        advice=f"keepalived is content, as {node} answers questions. Does it take a write?",
        harm=(f"reload {node}",),
        because="keepalived has nothing to do with it",
    )
