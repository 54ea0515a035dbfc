"""The map: nodes, the heartbeat between them, the clients beneath.

pane         the whole: where each part stands
node_box     a node, as a box
node_row     a node in one line, where there are many
heartbeat    a network's wire, with adverts crossing it
client_line  a client, and who answers it
"""
