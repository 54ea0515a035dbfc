"""Makes a topology of real keepalived.conf files.

convert        the files of all nodes into one topology
plan           what they come to in a lab, and what is changed
routers        which vrrp_instances of the nodes are the same
own_addresses  whose address is whose
subnets        nodes that reach each other by a router only
networks       which interfaces are on one network
addresses      real addresses and their places in the lab
equivalence    whether a topology says all that a file says
lab_text       a node's own text with the lab's names
carried        scripts and what they read
names          names that a topology allows
yaml_text      the topology as YAML
"""
