"""The exchange over HTTP: a service of the hub for whoever shares no folder with it.

Released weeks, receipts and feedback out, submissions in. Rule: it adds a way, not a second gate.
What arrives whole is put into the student's outbox, where the mover finds it like any other.
"""
