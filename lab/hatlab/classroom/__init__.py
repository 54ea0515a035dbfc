"""A class: one link a student, a lab in the browser for each, on a JupyterHub of its own (docs/class.md).

course     the folder of a class: what is where in it
config     class.toml, what a teacher sets
roster     roster.csv, who takes part
keys       what follows from the class's secret: keys of links, seeds of variants, keys that sign
links      the links as CSV and as a page to print
renewal    what was opened with a link ends once that is renewed
setup      the programs that pip does not bring: the proxy, and the terminal for the browser
machines   [machines] of class.toml: several machines, what a seat reserves there
seat_image the image of a seat
swarm      asks the manager of a Docker Swarm
hub/       what JupyterHub loads: who may log in, how a seat is started, who may do what
seat/      a student's server: one terminal, and the page that shows it
board/     the teacher's page: how everybody is doing, and what the teacher wants done

JupyterHub, tornado and terminado are imported here alone; only `hatlab class` and what it starts import this.
"""
