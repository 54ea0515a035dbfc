"""An incident that happened elsewhere: what operators have of it, made into a recording.

sources/   logs, captures and configurations, read into dated records
"""
