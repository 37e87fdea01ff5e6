"""The rehearsal: simulated points with real HTTP, WebSockets, ICE, DTLS and SRTP against a running service, and what it measured.

See docs/rehearsal.md. The command that plays it is `diemcau rehearse`.
"""
