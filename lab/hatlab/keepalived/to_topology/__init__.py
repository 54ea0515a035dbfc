"""Makes a topology of real keepalived.conf files.

convert      the files of all nodes into one topology
plan         their networks, octets and addresses in the lab
equivalence  whether a topology says all that a file says
yaml_text    the topology as YAML
"""
