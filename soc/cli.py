"""The command line `soc`. A verb's module is imported when the verb is called, not before.

Exit codes: 0 done; 1 done in part, and what is missing was named; 2 not done, nothing was changed.
"""

from __future__ import annotations

import importlib
import logging
import sys

import click
from traitlets.log import get_logger

# Each verb's command, and its summary: the list of verbs imports none of them.
VERBS = {
    "init": ("soc.verbs.cohorts:init", "Make a data folder: the one place of all live data."),
    "cohort": ("soc.verbs.cohorts:cohort", "List cohorts and clubs, or add one."),
    "call": ("soc.verbs.cohorts:call", "Open a programme for applications."),
    "admission": (
        "soc.verbs.admission:admission",
        "Read applications, give places, make accounts and letters.",
    ),
    "enrol": (
        "soc.verbs.cohorts:enrol",
        "Enrol people in a cohort, from a CSV or XLSX file, or one by one.",
    ),
    "withdraw": ("soc.verbs.cohorts:withdraw", "Withdraw a student from a cohort."),
    "invite": ("soc.verbs.cohorts:invite", "Make codes for those who can't log in yet."),
    "lti": ("soc.verbs.lti:lti", "Work with an LMS: roster, marks, keys."),
    "new-week": ("soc.verbs.authoring:new_week", "Make a whole new week, to fill in."),
    "check": ("soc.verbs.authoring:check", "Say what in a week is not as it should be, and why."),
    "khmer": ("soc.verbs.authoring:khmer", "Bring a week's Khmer up to date with its English."),
    "preview": ("soc.verbs.authoring:preview", "Write what students and instructors will see."),
    "build": ("soc.verbs.course:build", "Write course/release from course/source."),
    "release": ("soc.verbs.course:release", "Release a week to a cohort's students."),
    "collect": ("soc.verbs.marking:collect", "Collect what students handed in."),
    "grade": ("soc.verbs.marking:grade", "Grade what was collected, each submission in a sandbox."),
    "feedback": ("soc.verbs.marking:feedback", "Write feedback and release it to the students."),
    "attendance": (
        "soc.verbs.attendance:attendance_",
        "Mark who was there: in class, online, on paper, caught up.",
    ),
    "status": ("soc.verbs.outcomes:status", "Show how each student does, week by week."),
    "graduate": ("soc.verbs.outcomes:graduate", "Decide about every student, with the reasons."),
    "override": (
        "soc.verbs.outcomes:override",
        "Decide otherwise about one student, with a reason.",
    ),
    "lift": ("soc.verbs.outcomes:lift", "Take a decision by hand back."),
    "student": ("soc.verbs.students:student", "Note a call, or a lesson that she taught."),
    "appeal": ("soc.verbs.appeals:appeal", "Read and answer appeals against decisions."),
    "export": ("soc.verbs.outcomes:export_", "Write graduation, gradebook and attendance."),
    "certificate": (
        "soc.verbs.certificates:certificate",
        "Give certificates to graduates, print, check, take back.",
    ),
    "club": (
        "soc.verbs.club:club",
        "Approve graduates' clubs, lend kit, make their edition, take paper results.",
    ),
    "mentor": ("soc.verbs.alumnae:mentor", "Make pairs of mentors and those who want one."),
    "chain": ("soc.verbs.alumnae:chain", "Show who taught somebody and whom she taught."),
    "search": ("soc.verbs.alumnae:search", "Find somebody by name or phone."),
    "survey": ("soc.verbs.surveys:survey", "Open surveys, collect answers, show results."),
    "report": ("soc.verbs.report:report", "Write the funder's report of a period."),
    "person": ("soc.verbs.personal:person", "Give or erase what is kept about one person."),
    "retention": ("soc.verbs.personal:retention", "Erase what is no longer needed."),
    "doctor": ("soc.verbs.care:doctor", "Check this machine, and say what to put right."),
    "backup": ("soc.verbs.care:backup", "Back up all live data, while everything runs."),
    "backup-key": ("soc.verbs.care:backup_key", "Make the key that backups are sealed for."),
    "restore": ("soc.verbs.care:restore", "Make a data folder from a backup."),
    "hub": ("soc.verbs.server:hub", "Run JupyterHub for the data folder, in the foreground."),
    "proxy": ("soc.verbs.server:proxy", "Run the hub's proxy apart, so that it outlives the hub."),
    "demo": ("soc.verbs.server:demo", "Run a hub with a demo cohort, until Ctrl-C."),
}


class Verbs(click.Group):
    """The verbs in the order in which a cohort meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their summaries."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, summary) for name, (_, summary) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sisters-of-code")
@click.option("--verbose", is_flag=True, help="Show what nbgrader logs.")
def soc(verbose: bool) -> None:
    """Sisters of Code: run a cohort from a week's source to the graduation decision."""
    for handler in _traitlets_handlers():  # what went wrong, the verbs themselves say
        handler.setLevel(logging.INFO if verbose else logging.CRITICAL + 1)


def main() -> None:
    """Run `soc` and turn what was not done into a message and exit code 2."""
    try:
        left = soc.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except Exception as error:
        if not _is_ours(error):
            raise
        click.echo(f"Not done: {error}", err=True)
        sys.exit(2)
    # Without its own error handling, click returns the code that `finish` leaves with.
    sys.exit(left if isinstance(left, int) else 0)


def _traitlets_handlers() -> list[logging.Handler]:
    """nbgrader writes to the log of traitlets, which brings a handler of its own."""
    get_logger()
    return logging.getLogger("traitlets").handlers


def _is_ours(error: Exception) -> bool:
    """Our packages' own errors say what to do; a bug deserves its traceback, a full disk a line."""
    ours = type(error).__module__.split(".")[0] in ("soc", "programme", "autograder", "hub")
    return ours or isinstance(error, OSError)


def finish(all_done: bool) -> None:
    """Leave with exit code 0 when all was done, with 1 when a part was."""
    raise click.exceptions.Exit(0 if all_done else 1)
