"""The packets: what was sent, and at which nodes it arrived.

draw    a packet as one line
pane    the list, with its filter
detail  the screen that explains one packet byte by byte
"""
