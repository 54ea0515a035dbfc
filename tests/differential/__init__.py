"""The differential bench: random configurations and faults on real keepalived and on the simulator.

case        one experiment: a keepalived.conf for each node, and what is done when
generate/   makes a case from a seed
namespaces/ the real side, inside one container: each node is a network namespace
real        the real side, outside: starts that container and hands it cases
simulated   the same case on the simulator
outcome     what was seen on either side
compare     in what two outcomes differ
log_lines   which lines of keepalived's log count
judge       whether the simulator can have a real outcome, too
campaign    many seeds
shrink      the smallest case that still differs
known       disagreements that are understood, with the reason
report      the table of docs/parity.md
kept        cases as files
cases/      cases that differed once, with what real keepalived did: each is a test of the simulator
"""
