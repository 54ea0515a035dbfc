"""The image of a seat."""

from __future__ import annotations

from hatlab.classroom.seat_image import installed_versions, requirements, seat_files


def test_the_image_has_this_hatlab_in_the_versions_that_run_here(parts: None) -> None:
    files = seat_files()
    assert "lib/hatlab/classroom/seat/server.py" in files
    assert "lib/hatlab/_shipped/compose/two-node.yaml" in files
    assert any(name.startswith("lib/hatlab/_shipped/docs/") for name in files)
    assert "parts/node_modules/@xterm/xterm/lib/xterm.js" in files
    assert not any(name.endswith((".map", ".png")) or "__pycache__" in name for name in files)
    needed = requirements()
    assert any(line.startswith("jupyterhub==") for line in needed)
    assert not any("extra" in line or line.startswith(("pytest", "ruff", "paramiko")) for line in needed)
    assert any(line.startswith("tornado==") for line in installed_versions())
    dockerfile = files["Dockerfile"].decode()
    for line in dockerfile.splitlines():
        if line.startswith("COPY"):
            for name in line.split()[1:-1]:
                assert any(file == name or file.startswith(f"{name}/") for file in files), line
    assert "--no-new-privs" in dockerfile
    assert "USER 1000" in dockerfile
