"""The replay engine: plays a recording, which `hatlab.recorder` wrote.

`engine` plays it at any pace. `recording_reader` reads the file, `migrations` brings lines of older versions
up to date, and `validation` checks that a line is an event.
"""
