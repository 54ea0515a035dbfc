"""The protocol, pure: timers, wire format, what a captured frame says."""
