"""Surveys: what is asked (`plan`), opened, answered on a page or in a notebook, and counted.

Answers have no way back to who gave them; a table of its own knows who has answered, and no more.
What is shown obeys one rule, which is in `results`.
"""
