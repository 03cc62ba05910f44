"""For those who write the course: a week as data, the rules it keeps, a skeleton, a preview.

Rule: everything here works on a course folder that is given, and needs no cohort and no gradebook.
"""
