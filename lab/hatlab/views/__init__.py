"""What a screen shows of a state, without a screen: for the terminal's panes and for a page alike. Pure.

lab_view  a node's box, a client's line, the banner
wire      a network's wire: who sends what on it, and where it is lost
client    a client's line in pieces
packets/  the list of packets, and what is said of each
pieces    text and its style
"""
