"""A submitted notebook in, an executed and scored notebook out: warm, sandboxed, parallel.

Never knows people or policy.
"""
