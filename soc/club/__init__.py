"""The club edition: ten sessions as notebooks and on paper, made from the same sources.

Rule: nothing is written twice. An exercise, its hints, messages and Khmer come from course/source;
what only a club needs (guides, numbers of the day on paper, a few words) stands in course/club.
"""
