"""The command line `soc`. A verb's module is imported when the verb is called, not before.

Exit codes: 0 done; 1 done in part, and what is missing was named; 2 not done, nothing was changed.
"""

from __future__ import annotations

import importlib
import logging
import sys

import click
from traitlets.log import get_logger

VERBS = {
    "init": "soc.verbs.cohorts:init",
    "cohort": "soc.verbs.cohorts:cohort",
    "enrol": "soc.verbs.cohorts:enrol",
    "withdraw": "soc.verbs.cohorts:withdraw",
    "invite": "soc.verbs.cohorts:invite",
    "build": "soc.verbs.course:build",
    "release": "soc.verbs.course:release",
    "collect": "soc.verbs.marking:collect",
    "grade": "soc.verbs.marking:grade",
    "feedback": "soc.verbs.marking:feedback",
    "status": "soc.verbs.outcomes:status",
    "graduate": "soc.verbs.outcomes:graduate",
    "override": "soc.verbs.outcomes:override",
    "export": "soc.verbs.outcomes:export_",
    "hub": "soc.verbs.server:hub",
    "demo": "soc.verbs.server:demo",
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
        module, _, name = VERBS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their first line."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            rows.append((name, command.get_short_help_str(70) if command else ""))
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


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
