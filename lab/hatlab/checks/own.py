"""Hatlab's own checks of what several parts of hatlab know together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hatlab.checks.source_file import SourceFile
from hatlab.diagnostics.finding import Finding
from hatlab.registry import package_name


def check_translation(file: SourceFile) -> Iterator[Finding]:
    """Find where a translation differs from its original in more than words."""
    if file.lesson is not None:
        from hatlab.lessons.library.translation import differences

        yield from differences(file.path, file.lesson)


def check_extension_words(file: SourceFile) -> Iterator[Finding]:
    """Find words of extensions in a lesson that does not say that it needs these."""
    if file.lesson is None:
        return
    from hatlab.lessons.extension_words import extensions_used

    named = {package_name(package) for package in file.lesson.front.extensions}
    for line, extension in extensions_used(file.lesson):
        if package_name(extension.package) not in named:
            message = f"this lesson uses {extension.title}, and does not name the package"
            yield file.finding("LS060", message, line)


def check_node_configurations(file: SourceFile) -> Iterator[Finding]:
    """Find what is wrong with the configurations that a topology's nodes bring."""
    topology = file.topology
    nodes = [node for node, spec in topology.nodes.items() if spec.conf] if topology else []
    if topology is None or not nodes:
        return
    from hatlab.keepalived import select_lines, write_config
    from hatlab.keepalived.diagnose import ScriptFile, diagnose_config
    from hatlab.topology import Layout

    layout = Layout.numbered("lab", topology)
    interfaces = {network: network for network in layout.network_names}
    confs = {node: write_config(layout, node, interfaces) for node in layout.server_names}
    for node in nodes:
        peers = [name for name in layout.server_names if name != node]
        line, column = file.place("nodes", node, "conf")
        inside = diagnose_config(
            confs[node],
            *(select_lines(confs[peer], peer) for peer in peers),
            names=peers,
            scripts={p: ScriptFile(f.content, f.permissions) for p, f in topology.nodes[node].files.items()},
            addresses=[
                a for network in layout.networks_of(node) for a in layout.own_addresses(node, network)
            ],
            config_id=node,
        )
        for each in inside:
            yield _move(each, file.text.split("\n"), confs[node].split("\n"), line, column)


def _move(finding: Finding, lines: list[str], conf: list[str], line: int, column: int) -> Finding:
    """A finding of a node's own configuration, moved to the topology file if that is a literal block there.

    None is an error there: the lab runs, and what it shows may be this very mistake.
    """
    severity = "warning" if finding.severity == "error" else finding.severity
    if not lines[line - 1][column - 1 :].startswith("|"):
        return replace(finding, severity=severity, line=line, column=column)
    here = lines[line + finding.line - 1] if line + finding.line <= len(lines) else ""
    there = conf[finding.line - 1] if finding.line <= len(conf) else ""
    indent = max(0, len(here) - len(here.lstrip()) - len(there) + len(there.lstrip()))
    pairs = enumerate(zip(here[indent:], there, strict=False))
    same = next((k for k, (ours, theirs) in pairs if ours != theirs), len(there))
    longer = len(here) - indent - len(there) if finding.column - 1 > same else 0
    column = max(1, finding.column + indent + longer)
    return replace(finding, severity=severity, line=line + finding.line, column=column)
