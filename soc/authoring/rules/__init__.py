"""The rules that every week keeps: one module a topic, one generator a rule.

`soc check` and the course's tests call the same ones. A rule reads and runs nothing of a student's;
what must be run is in `soc.authoring.trial`.
"""

from soc.authoring.rules import (
    drafts,
    exercises,
    guides,
    ids,
    khmer,
    messages,
    outside,
    projects,
    questions,
    reading,
    release,
)

RULES = (
    *drafts.RULES,
    *reading.RULES,
    *outside.RULES,
    *questions.RULES,
    *exercises.RULES,
    *messages.RULES,
    *projects.RULES,
    *guides.RULES,
    *khmer.RULES,
    *ids.RULES,
    *release.RULES,
)
