"""The same two nodes under `docker compose up` in a naive start order: mysqld and keepalived at once.

keepalived's first check finds no mysqld, fails and must succeed again before the election begins. Needs the
Compose plugin.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from hatlab.engine.docker.compose_file import compose_file
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

AS_MYSQL = "setpriv --reuid mysql --regid mysql --clear-groups"
SCRIPT = r"""
ip route del default
at() { ip -br -4 address | awk -v a="$1" 'index($3, a) == 1 {sub(/@.*/, "", $1); print $1}'; }
mkdir -p /run/mysqld /etc/keepalived
sed -e '/notify/d' -e "s/@heartbeat@/$(at 198.18.1.)/" -e "s/@lan@/$(at 198.18.0.)/" \
    > /etc/keepalived/keepalived.conf <<'CONF'
CONF_HERE
CONF
AS_MYSQL sh -c 'cp -r /usr/share/hatlab/mysql/. /var/lib/mysql/'
AS_MYSQL /usr/sbin/mysqld --server-id=ID &
exec /usr/sbin/keepalived --dont-fork --log-console
"""
DEADLINE = 60.0


def naive_file() -> str:
    """Our own compose file with each node's agent replaced by a plain shell script."""
    data = yaml.safe_load(compose_file(Layout.numbered("two-node", load_topology("two-node"))))
    data["name"] = "hatlab-naive"
    for service in data["services"].values():
        node: dict[str, Any] = json.loads(service["environment"]["HATLAB_NODE"])
        if node["role"] != "node":
            continue
        script = SCRIPT.replace("CONF_HERE", node["conf"]).replace("AS_MYSQL", AS_MYSQL)
        script = script.replace("ID", str(node["mysql"]["server_id"]))
        service["entrypoint"] = ["/usr/bin/tini", "--", "/bin/sh", "-c", script.replace("$", "$$")]
    return yaml.safe_dump(data)


def first_answer() -> float:
    """Seconds from `docker compose up` to the first good probe of its client."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "compose.yaml"
        path.write_text(naive_file())
        command = ["docker", "compose", "-f", str(path)]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "up", "--no-log-prefix"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if '"probe"' in line.replace(" ", "") and '"ok":true' in line.replace(" ", ""):
                    return time.perf_counter() - began
                if time.perf_counter() - began > DEADLINE:
                    break
            raise TimeoutError(f"no good probe in {DEADLINE:.0f} s")
        finally:
            process.terminate()
            subprocess.run([*command, "down", "-t", "1"], capture_output=True, check=False)
            process.wait(30)


def rows(runs: int = 3) -> list[str]:
    """A Markdown table row, or a word that Compose is missing."""
    title = "`docker compose up` in a naive start order, to the first good query"
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        return [f"| {title} | not measured: no Compose plugin |"]
    found = sorted(first_answer() for _ in range(runs))
    return [
        f"| {title} | {statistics.median(found):.2f} s ({found[0]:.2f} to {found[-1]:.2f}, {runs} runs) |"
    ]
