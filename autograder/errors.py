"""What can go wrong in the grader itself. A student's mistakes are never one of these.

The names say what happened; `Error` behind each would say nothing more.
"""

from __future__ import annotations


class GradingError(Exception):
    """The root: grading could not be done, and no mark may follow from that."""


class PlatformFault(GradingError):  # noqa: N818
    """The platform failed while it graded a submission: the submission stays ungraded."""


class RefusedNotebook(GradingError):  # noqa: N818
    """A submitted notebook can't be read as the assignment's notebook; none of its code ran."""


class SandboxTooWeak(GradingError):  # noqa: N818
    """This machine offers fewer layers of isolation than the configured floor asks for."""


class ChannelClosed(GradingError):  # noqa: N818
    """The process at the other end of a channel is gone."""


class ChannelTimeout(GradingError):  # noqa: N818
    """The process at the other end of a channel did not answer in time."""


class Malformed(GradingError):  # noqa: N818
    """What came over a channel is not a message of ours, or is too big."""
