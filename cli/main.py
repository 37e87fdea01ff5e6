"""The `diemcau` command: finds the subcommand, reads the settings, runs it.

Each subcommand is one module with two functions, imported only when it is asked for::

    add_arguments(parser) -> None
    run(settings, arguments, flags) -> int          the exit status

``flags`` are the flags of the settings as they were given (``--config``, ``--data-dir``, ``--set``), for a command that
starts other ones.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cli.errors import EXIT_CONFIG, EXIT_USAGE, CommandError
from config import ConfigError, KeysError, load
from config.load import parse_assignment

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "serve": (
        "cli.serve",
        "the whole service in the foreground: signaling, media node, desk check and, without redis.url, a private Valkey",
    ),
    "signaling": ("cli.signaling", "the signaling process alone"),
    "node": ("cli.node", "the media node alone"),
    "stills": ("cli.stills", "the desk check alone: the process that keeps the points' stills and looks at them"),
    "recorder": ("cli.recorder", "the recorder alone, beside the node"),
    "valkey": ("cli.valkey", "the private Valkey alone"),
    "demo": ("cli.demo", "the service with a simulated center and simulated points"),
    "token": ("cli.token", "print an access token"),
    "account": ("cli.account", "make, list, change and disable the accounts that log in by name and password"),
    "link": ("cli.link", "print the permanent links of points, or replace them"),
    "sheets": ("cli.sheets", "print the permanent links of units as PDF sheets with QR codes"),
    "units": ("cli.units", "import, reset or list the units"),
    "session": ("cli.session", "list, open and close the sessions of the running service"),
    "indicators": ("cli.indicators", "import values of units (cases, colours of zones), list and show them"),
    "roster": ("cli.roster", "import rosters, show one, list who has not confirmed the present shift"),
    "order": ("cli.order", "give the running service an order, as a console does"),
    "rehearse": ("cli.rehearse", "play a whole meeting with simulated points against the running service, and measure it"),
    "report": ("cli.report", "a report of a session or of a period: HTML to print, XLSX, CSV"),
    "log": ("cli.log_export", "print the record of a session as JSON lines"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Nothing but the command's result goes to the standard output."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help"}:
        print(_usage())
        return 0 if words else EXIT_USAGE
    name = words[0]
    if name not in COMMANDS:
        print(f"diemcau: there is no command {name!r}\n\n{_usage()}", file=sys.stderr)
        return EXIT_USAGE
    try:
        return _run(name, words[1:])
    except (ConfigError, KeysError) as error:
        print(f"diemcau {name}: {error}", file=sys.stderr)
        return EXIT_CONFIG
    except CommandError as error:
        print(f"diemcau {name}: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(name: str, words: Sequence[str]) -> int:
    module_name, summary = COMMANDS[name]
    module: Any = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"diemcau {name}", description=summary)
    module.add_arguments(parser)
    group = parser.add_argument_group("settings (above environment DIEMCAU_… and file; every key is in config/sample.toml)")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    group.add_argument("--data-dir", type=Path, metavar="DIR", help="short for --set data_dir=DIR")
    group.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="one setting, such as http.port=8081")
    arguments = parser.parse_args(words)
    overrides: dict[str, Any] = dict(parse_assignment(text) for text in arguments.set)
    if arguments.data_dir is not None:
        overrides["data_dir"] = arguments.data_dir
    settings = load(arguments.config, overrides)
    status: int = module.run(settings, arguments, _flags(arguments))
    return status


def _flags(arguments: argparse.Namespace) -> list[str]:
    flags: list[str] = []
    if arguments.config is not None:
        flags += ["--config", str(arguments.config)]
    if arguments.data_dir is not None:
        flags += ["--data-dir", str(arguments.data_dir)]
    for text in arguments.set:
        flags += ["--set", text]
    return flags


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(["usage: diemcau COMMAND [flags]     (diemcau COMMAND --help tells more)", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
