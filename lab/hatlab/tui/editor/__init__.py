"""The editor of a node's keepalived.conf: its dialog (screen), its text area, and its findings in words."""
