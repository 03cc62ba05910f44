"""What `soc lti` does with an LMS: who is in its course, and which marks it gets.

Rule: the LMS proposes people, staff decide; marks go there once students have seen them.
"""
