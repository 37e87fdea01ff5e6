"""The native core: faster twins of what is written in Python beside it, one extension for each C file here."""
