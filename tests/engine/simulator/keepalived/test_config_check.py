"""What keepalived says against its configuration, and what it does not start with."""

from __future__ import annotations

import pytest

from hatlab.engine.simulator.keepalived.config import read_config
from hatlab.engine.simulator.keepalived.config_check import (
    check_config,
    fatal_lines,
    instance_lines,
    reading_lines,
)
from hatlab.errors import ActionFailed
from hatlab.keepalived.keywords import BLOCKS, LINE_VALUES
from hatlab.topology.library import load_topology, topology_names
from tests.keepalived.mistakes import BASES, instance
from tests.support.simulated_lab import SimLab


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    virtual_router_id 51\n", "", "(VI_1) the virtual router id must be set"),
        ("    interface eth1\n", "", "(VI_1) Unknown interface!"),
        (
            "    track_script {",
            "    track_interface {\n        eth9\n    }\n    track_script {",
            "(/etc/keepalived/keepalived.conf: Line 33) (VI_1) tracked interface eth9 doesn't exist",
        ),
        (" dev eth0", " dev eth9", "Non-existent interface specified in configuration"),
    ],
)
def test_a_fatal_configuration_prevents_the_start(old: str, new: str, said: str, lab: SimLab) -> None:
    lab.do("stop keepalived db2")
    before = lab.state.nodes["db2"].conf
    assert old in before
    lab.do("edit db2 keepalived.conf", before.replace(old, new))
    with pytest.raises(ActionFailed, match="ended at once"):
        lab.do("start keepalived db2")
    assert said in lab.logs("db2")


def test_an_unknown_keyword_is_logged_and_keepalived_goes_on(lab: SimLab) -> None:
    lab.edit_conf("db2", "    advert_int 1", "    advert_int 1\n    advert_intt 1")
    lab.do("stop keepalived db2")
    lab.do("start keepalived db2")
    assert "(/etc/keepalived/keepalived.conf: Line 25) Unknown keyword 'advert_intt'" in lab.logs("db2")
    [found] = lab.engine.check("db2", lab.state.nodes["db2"].conf)
    assert found.startswith("line 25: unknown keyword `advert_intt`")
    with pytest.raises(ActionFailed, match="rejects this configuration"):
        lab.do("set db2 priority 90")


@pytest.mark.parametrize("name", topology_names())
def test_the_configurations_that_hatlab_writes_are_accepted(name: str) -> None:
    lab = SimLab(load_topology(name))
    for node, spec in lab.engine.layout.topology.nodes.items():
        assert bool(lab.engine.check(node, lab.state.nodes[node].conf)) == bool(spec.conf)


@pytest.mark.parametrize(
    "text", ["", "}", "vrrp_instance {", "global_defs {\n vrrp_startup_delay x\n}", "\x00 \n{{{"]
)
def test_no_configuration_text_breaks_the_daemon(text: str, lab: SimLab) -> None:
    lab.do("edit db1 my.conf", text)
    lab.engine.check("db1", text)
    lab.do("reload db1", wait=5)
    assert lab.owners() == {"db2"}


@pytest.mark.parametrize("path", BASES)
def test_no_value_of_a_keyword_breaks_the_daemon(path: str) -> None:
    for keyword, _, _ in BLOCKS[path].entries():
        for value in ("", "9" * 5_000, "nan", "1e999", "\u0663", '"'):
            text = BASES[path].replace("%s", f"{keyword} {value}")
            read_config(text)
            check_config(text, ["eth0"])
            fatal_lines(text, ["eth0"])
            reading_lines(text, reload=True)
            list(instance_lines(text, ["eth0"]))


@pytest.mark.parametrize("path", LINE_VALUES)
def test_no_word_of_a_list_breaks_the_daemon(path: str) -> None:
    for word in ("", *LINE_VALUES[path]):
        for value in ("", "9" * 5_000, "nan", "{", "\u0663"):
            entries = (f"198.18.0.9/{value} {word} {value}", f"f {word} {value}", value)
            for text in (instance(f"{path.rpartition('/')[2]} {{; {entry}; }}") for entry in entries):
                read_config(text)
                check_config(text, ["eth0"])
                reading_lines(text, reload=True)
                list(instance_lines(text, ["eth0"]))
