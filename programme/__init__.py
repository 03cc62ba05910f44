"""The people: cohorts, attendance, progress, graduation. Never runs student code."""
