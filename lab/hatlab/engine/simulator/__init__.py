"""The simulator: the whole lab as a deterministic model in virtual time. No real time, chance or I/O inside.

engine       paces virtual time and is the only part that knows threads and the wall clock
console/     a shell in a simulated node
actions      carries out the verbs
history      the earlier moments of a lab
startup      from the first process until the lab is ready
world        clock, networks, nodes and clients of one lab, and the facts they emit
client       probes and writes, or pings
node         a machine: power, interfaces, addresses, and the services on it
keepalived/  the daemon around the state machine of `hatlab.vrrp.machine`
mysql/       mysqld, its replica and its SQL
service      a process: running, frozen or gone
environment  protocols: what a machine may use of its lab, and a service of its machine
network/     links, cuts, loss, delay, ARP, routing
clock        virtual time

Everything the clock is told to call is a function or a bound method with plain arguments, never a closure: a
world can be copied with `copy.deepcopy` at any moment and both go on alike.
"""
