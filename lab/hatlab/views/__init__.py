"""What a screen shows of a state, without a screen: for the terminal's panes and for a page alike. Pure.

lab_view    a node's box, a client's line, the banner
node_lines  a node's box in pieces
wire        a network's wire: who sends what on it, and where it is lost
client      a client's line in pieces
packets/    the list of packets, and what is said of each
pace        how fast a run may be played
pieces      text and its style
"""
