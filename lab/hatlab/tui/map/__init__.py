"""The map: nodes, the heartbeat between them, the clients beneath.

pane         the whole: where each part stands
proportions  how its columns are shared between boxes and wires
node_box     a node, as a box
node_row     a node in one line, where there are many
heartbeat    a network's wire, with adverts crossing it
client_line  a client, and who answers it
"""
