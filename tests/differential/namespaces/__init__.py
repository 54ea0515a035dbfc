"""The real side, inside the container: many small labs of network namespaces, each with real keepalived.

It runs in the node image, whose Python has the standard library alone. Cases come in as JSON lines, outcomes
go out as JSON lines; the end of the input ends everything.

linux    namespaces, mounts and processes
wire     a lab's bridges, and what is sent over them
machine  one node: its namespaces, files and keepalived
lab      one case from its beginning to its end
"""
