"""What runs behind the walls: a student's server, her landing page, her kernel's start.

Rule: this package is visible to students. It holds no secret and imports none of our others.
"""
