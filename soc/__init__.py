"""The one command line. It composes nbgrader, the hub and the programme; nothing imports it."""
