"""LTI 1.3: weeks opened from an LMS, chosen there, and marks given back to it.

Rule: the LMS says who somebody is; the roster alone says what she may do. Nobody is made an
instructor or a member of staff by what an LMS claims, and staff don't sign in by it.
"""
