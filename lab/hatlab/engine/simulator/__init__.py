"""The simulator: the whole lab as a deterministic model in virtual time. No real time, chance or I/O inside.

    engine      paces virtual time and is the only part that knows threads and the wall clock
    actions     what each verb does
    world       clock, networks, nodes and clients of one lab, and the facts they emit
    node        a machine: power, interfaces, addresses; on it keepalived and mysqld
    network     links, cuts, loss, delay, ARP
    clock       virtual time

Everything the clock is told to call is a bound method with plain arguments, never a closure: a world can be
copied with `copy.deepcopy` at any moment and both go on alike.
"""
