"""The console script `rongqiao`: which module carries which command, loaded when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import typer


class Command(NamedTuple):
    """Where a command lives and what it does in one line."""

    module: str
    function: str
    about: str


COMMANDS: dict[str, Command] = {
    "quote": Command(
        "rongqiao.cli.lines.quote", "command", "Terms in, schedule and true cost out."
    ),
    "static": Command("rongqiao.cli.upkeep.static", "command", "Put style and scripts in place."),
    "run": Command("rongqiao.cli.run", "command", "The whole platform on this machine."),
    "worker": Command("rongqiao.cli.worker", "command", "Events, jobs, seals, end of day."),
    "simulate": Command(
        "rongqiao.cli.simulate.command", "command", "A deterministic life, ended by verify."
    ),
    "seed": Command(
        "rongqiao.cli.simulate.seed.command", "command", "A living demonstration platform."
    ),
    "eod": Command("rongqiao.cli.eod", "command", "Close business days one by one, resumably."),
    "import": Command(
        "rongqiao.cli.upkeep.importing",
        "command",
        "Loans of another system: checked, then proposed.",
    ),
    "keys": Command("rongqiao.cli.keys.rotate", "command", "Rotate the keys of sealed values."),
    "apr": Command(
        "rongqiao.cli.lines.apr", "command", "Cash flows in, the annual percentage rate out."
    ),
    "daycount": Command(
        "rongqiao.cli.lines.daycount", "command", "Two dates in, days and years out."
    ),
    "train": Command(
        "rongqiao.cli.models.train", "command", "A scorecard of any table, with its report."
    ),
    "score": Command("rongqiao.cli.models.score", "command", "Points and reasons for every row."),
    "migrate": Command("rongqiao.cli.migrate", "command", "Tables up to date, rights given out."),
    "verify": Command("rongqiao.cli.verify", "command", "Check every law of the books."),
    "doctor": Command(
        "rongqiao.cli.upkeep.doctor", "command", "What is missing here, and the mend."
    ),
    "backup": Command(
        "rongqiao.cli.upkeep.backup", "command", "Copy all of it, then every change as it is made."
    ),
    "restore": Command(
        "rongqiao.cli.upkeep.restore", "command", "A backup as it stood at a moment, verified."
    ),
    "backtest": Command(
        "rongqiao.cli.models.backtest",
        "command",
        "Another version of a credit policy on past cases.",
    ),
    "bench": Command("rongqiao.cli.bench.frame", "command", "Measure against limits and peers."),
}


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongqiao.config.settings")
    app = typer.Typer(
        name="rongqiao",
        help="RongQiao (融桥): lending for people and small firms, exact to the fen.",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        # A traceback with local variables could show a customer's secrets.
        pretty_exceptions_enable=False,
    )
    # With one command typer would drop its name; a callback keeps it.
    app.callback()(_nothing)
    for name, command in COMMANDS.items():
        app.command(name, help=command.about)(_function(name, command))
    try:
        app()
    except Exception as error:
        if not _database_is_away(error):
            raise
        reason = " ".join(str(error).split())
        typer.echo(
            f"the database does not answer; `rongqiao run` starts it where it is this machine's"
            f" ({reason})",
            err=True,
        )
        raise SystemExit(2) from None


def _database_is_away(error: Exception) -> bool:
    """Tell whether a command failed because it never reached the database."""
    django = sys.modules.get("django.db.utils")
    psycopg = sys.modules.get("psycopg")
    kinds = tuple(module.OperationalError for module in (django, psycopg) if module is not None)
    return isinstance(error, kinds) and "connection" in str(error) and "failed" in str(error)


def _function(name: str, command: Command) -> Callable[..., Any]:
    """Return the command's function; a stand-in for those that this call does not name.

    So that `rongqiao quote` does not wait for what `rongqiao run` needs.
    """
    if name not in sys.argv[1:2]:
        return _nothing
    function: Callable[..., Any] = getattr(import_module(command.module), command.function)
    return function


def _nothing() -> None:
    return None


if __name__ == "__main__":
    main()
