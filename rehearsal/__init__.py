"""A whole meeting played against a running service: thousands of points with real HTTP, ICE, DTLS and SRTP in one process."""
