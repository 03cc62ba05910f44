"""The course is the test: every week's solutions, mistakes and right answers, run and judged."""
