"""A simulated keepalived: everything around the state machine of `hatlab.vrrp.machine`.

daemon          the process: its start, signals and end; what it logs on the way
vrrp_child      its VRRP process: instances and checks, and what reaches them
reload          what a reload does to instances and checks
instance        one vrrp_instance: feeds the state machine and carries its outputs out
held_addresses  its virtual addresses, and keepalived's own firewall rule for them
tracking        what its tracks come to: reasons for FAULT, weights
watched_things  the files and processes that tracks watch
backlog         what waits for a frozen daemon in its sockets
announcements   its gratuitous ARPs, and when
pacing          how fast they follow one another
adverts         its adverts: sent, and judged
sync_group      instances that change state together
vrrp_script     one vrrp_script: when it runs and what counts as failed
scripts         the programs that keepalived runs, and how they exit
config          what it takes from its keepalived.conf
config_check    what it says against its keepalived.conf
config_lines    what it takes otherwise than it is written, in its own words
track_lines     the same of tracks
"""
