"""Finds what is wrong with files that people write: topologies, lessons, keepalived.conf.

finding       one thing that is wrong, with its place, effect and cure
rules         what each code means, read from docs/checks.md
location      a part of a file by its keys, and a problem there
yaml_source   YAML as data, and the line and column of each part
model_errors  pydantic's errors in an author's words
"""
