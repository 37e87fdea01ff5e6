"""A simulated center and simulated points: real WebRTC clients that play a meeting against a running service.

They know the service only from outside, through its WebSocket, WHIP and WHEP (`signaling/PROTOCOL.md`), and import none
of its packages.
"""
