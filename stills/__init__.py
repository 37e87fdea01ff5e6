"""The desk check: keeps the newest still of every point, makes sheets of them, and says of each what can be seen on it.

A process of its own (:mod:`stills.process`), because decoding never happens in the loop that serves the pages. Signaling
speaks to it over a socket and imports two modules only, which decode nothing: :mod:`stills.wire` and :mod:`stills.jpeg`.
"""
