"""The demo: fictional people part of the way through the real course, on this machine alone."""
