"""The domain of one session: units, points, calls and what goes on air.

Nothing in this package reads a clock, a socket, a file of the service or a database. Time comes in as ``now`` (whole
milliseconds since the Unix epoch), commands come in as values, and what happened goes out as events. See BRIDGE.md.
"""
