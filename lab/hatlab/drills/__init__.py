"""Drills: incidents made by seed, with one cause (two at level 3) among eight that fit what is reported.

roles      who is who in a topology: the best server, the next one, the network of the heartbeat
places     where one can look: the status, the packets, a log, a file, a command on a node
model      a drill, its causes, and the signs by which they are told apart
causes/    every kind of cause, a module a family
symptoms   what clients and colleagues report
expert     the order in which an expert looks
lesson     a drill as a lesson that can be played
generate   a drill from a seed
reading    what stands at a place of a lab
shipped    those that ship with hatlab
verify     proves a drill on a lab
"""

from hatlab.drills.generate import make_drill
from hatlab.drills.model import Cause, Drill, Look, Sign
from hatlab.drills.places import Place
from hatlab.drills.shipped import list_shipped, load_shipped

__all__ = ["Cause", "Drill", "Look", "Place", "Sign", "list_shipped", "load_shipped", "make_drill"]
