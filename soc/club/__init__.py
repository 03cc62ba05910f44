"""Clubs from the command line: their edition of the course, their results on paper, their desks.

Rule: nothing is written twice. An exercise, its hints, messages and Khmer come from course/source;
what only a club needs (guides, numbers of the day on paper, a few words) stands in course/club.
Proposals, leaders and kit are the programme's: programme/clubs.py.
"""
