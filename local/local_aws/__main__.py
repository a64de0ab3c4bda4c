"""`python -m local_aws serve`: the local AWS with the AVM deployed, in the foreground until Ctrl-C.

Writes .local/env and .local/functions, then prints a line that is just `ready`; leaves no process behind.
`python -m local_aws empty` serves the accounts with nothing deployed into them, for docs/DEPLOY.md.
`python -m local_aws accounts` only sets up the three standing accounts, shows them, and ends; `python -m local_aws
patches` lists the corrections of moto.
"""

import argparse
import errno
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from local_aws.server import LocalServer

Looked = TypeVar("Looked")

PORT_VARIABLE = "AVM_LOCAL_PORT"
DEFAULT_PORT = 4566


def chosen_port() -> int:
    """The port from AVM_LOCAL_PORT; 0 is any free one."""
    text = os.environ.get(PORT_VARIABLE) or str(DEFAULT_PORT)
    if not text.isdigit() or int(text) > 65535:
        raise SystemExit(f"{PORT_VARIABLE} must be a port number, not {text!r}")
    return int(text)


def say(text: str) -> None:
    print(text, flush=True)


def prepare_logs() -> None:
    """Starts with empty logs: they are those of this run."""
    from local_aws import paths

    paths.LOG_FOLDER.mkdir(parents=True, exist_ok=True)
    for old in paths.LOG_FOLDER.glob("*.log"):
        old.unlink()
    logging.basicConfig(
        filename=paths.LOG_FOLDER / "server.log",
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        level=logging.WARNING,
    )


class Stopped(BaseException):
    """Ctrl-C or SIGTERM, also while the deployment runs."""


def stop_on_signals() -> None:
    """The first signal stops the server; later ones do not disturb the cleaning up."""
    numbers = (signal.SIGINT, signal.SIGTERM)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in numbers:
        signal.signal(number, on_signal)


def serve() -> int:
    """Runs until SIGINT or SIGTERM; the exit code says whether it came up."""
    stop_on_signals()
    port = chosen_port()
    # Imported when the port is known to be a number: moto takes a second.
    from local_aws import paths, rates
    from local_aws.deploy import deploy, environment_file
    from local_aws.deploy.deployment import FURTHER_VARIABLE, check
    from local_aws.enforcement import propagation
    from local_aws.lambda_service import environment_files, pool
    from local_aws.server import LocalServer
    from local_aws.services.stacksets.operations import queue

    start = time.monotonic()
    further = os.environ.get(FURTHER_VARIABLE, "")
    endings = ["", f".{further}"] if further else [""]

    def look() -> float:
        check()
        queue.reading()
        rates.wanted()
        pool.concurrency()
        return propagation.wanted_delay()

    def set_up(server: LocalServer, delay: float) -> None:
        environment_files.remove_all(paths.FUNCTIONS_FOLDER)
        deployments = deploy(lambda text: say(f"  {text}"), further)
        propagation.begin(delay)
        rates.begin(rates.wanted())
        for deployment, ending in zip(deployments, endings, strict=True):
            variables = environment_file.variables(deployment, server.url)
            environment_file.write(Path(f"{paths.ENVIRONMENT_FILE}{ending}"), variables)
            environment_files.write_all(Path(f"{paths.FUNCTIONS_FOLDER}{ending}"), deployment.accounts.automation)
        say(f"deployed in {time.monotonic() - start:.1f} s; clients: . {paths.ENVIRONMENT_FILE}")

    def clean_up() -> None:
        for ending in endings:
            environment_files.remove_all(Path(f"{paths.FUNCTIONS_FOLDER}{ending}"))

    return _run(port, look, set_up, clean_up)


def empty() -> int:
    """Runs until SIGINT or SIGTERM, with three accounts in which nothing is; the exit code says whether it came up."""
    stop_on_signals()
    port = chosen_port()
    from local_aws import paths
    from local_aws.deploy import empty as nothing
    from local_aws.deploy import environment_file
    from local_aws.deploy.accounts import make_accounts
    from local_aws.server import LocalServer

    def set_up(_: LocalServer, __: None) -> None:
        values = nothing.write_profiles(paths.STATE_FOLDER, make_accounts())
        environment_file.write(paths.ENVIRONMENT_FILE, values)
        say(f"profiles of management, automation and meshcloud account: . {paths.ENVIRONMENT_FILE}, then docs/DEPLOY.md")

    return _run(port, lambda: None, set_up, lambda: nothing.remove_profiles(paths.STATE_FOLDER))


def _run(
    port: int, look: Callable[[], Looked], set_up: Callable[["LocalServer", Looked], None], clean_up: Callable[[], None]
) -> int:
    """Serves on the port until it is stopped, set up after a look that may refuse; leaves nothing behind."""
    from local_aws import lambda_service, paths
    from local_aws.deploy.problems import DeploymentError
    from local_aws.server import LocalServer

    os.environ.setdefault("AVM_LOCAL_AUDIT_LOG", str(paths.audit_log()))
    server = None
    try:
        looked = look()
        server = LocalServer(port)
        # Only now: with the port taken, logs and env are those of another local AWS.
        prepare_logs()
        paths.ENVIRONMENT_FILE.unlink(missing_ok=True)
        server.start()
        say(f"local AWS on {server.url}, logs in {paths.LOG_FOLDER}")
        set_up(server, looked)
        say("ready")
        threading.Event().wait()
        return 0
    except Stopped:
        return 0
    except DeploymentError as error:
        print(f"local AWS: {error}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(port_taken(port), file=sys.stderr, flush=True)
        return 1
    finally:
        lambda_service.shutdown()
        if server is not None:
            server.stop()
            paths.ENVIRONMENT_FILE.unlink(missing_ok=True)
            clean_up()


def accounts() -> int:
    """Sets up the standing accounts on a free port; the exit code says whether that worked."""
    stop_on_signals()
    from local_aws.deploy import show_accounts
    from local_aws.deploy.problems import DeploymentError
    from local_aws.server import LocalServer

    server = LocalServer().start()
    try:
        show_accounts.set_up(say)
        return 0
    except DeploymentError as error:
        print(f"local AWS: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        server.stop()


def show_patches() -> int:
    """Lists what of moto is corrected, and where; the exit code says whether all of it is there."""
    from local_aws import installation, patches

    try:
        installation.install()
    except patches.TargetError as error:
        print(f"local AWS: {error}", file=sys.stderr, flush=True)
        return 1
    for patch in patches.listed():
        say(f"{patch.target}  {patch.place}")
    return 0


def port_taken(port: int) -> str:
    return (
        f"local AWS: port {port} is taken, perhaps by another local AWS."
        f" Stop that one, or choose another port: {PORT_VARIABLE}={port + 1}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local_aws", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the local AWS with the AVM deployed")
    commands.add_parser("empty", help="run the local AWS with three accounts in which nothing is")
    commands.add_parser("accounts", help="set up the three standing accounts and show them")
    commands.add_parser("patches", help="list the corrections of moto, and where each is written")
    functions = {"serve": serve, "empty": empty, "accounts": accounts, "patches": show_patches}
    command = functions[parser.parse_args().command]
    try:
        return command()
    except Stopped:
        return 0


if __name__ == "__main__":
    sys.exit(main())
