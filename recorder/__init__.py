"""The recorder: writes what a session sends to files, without decoding any of it. A process of its own beside the node."""
