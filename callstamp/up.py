"""`callstamp up`: starts the servers and the services in order, seeds a demo company, watches, and stops all in order."""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import NoReturn, Protocol

from rich.console import Console

from callstamp import letter_box
from callstamp.command_failed import CommandFailed
from callstamp.configuration import POSTGRES_URLS, REDIS_URLS, Configuration, find_real_servers, read_configuration
from callstamp.data_folder import hold_data_folder
from callstamp.database import bring_up_to_date
from callstamp.demo_company import ensure_demo_company
from callstamp.greeting import greet
from callstamp.http_call import Unreachable
from callstamp.letter_box import NewLetters
from callstamp.ready_file import ReadyFile, remove_ready_file, write_ready_file
from callstamp.service_process import ServiceProcess, stop_in_order
from callstamp.services import environment_of_services, hold_addresses, list_services
from callstamp.stop_signals import StopSignals
from shared.embedded import EmbeddedServers, ServerFailed
from shared.uninterrupted import uninterrupted

READY_SECONDS = 60.0
WATCH_SECONDS = 0.2


class Watched(Protocol):
    """A process of ours."""

    def find_end(self) -> str | None:
        """Why it ended, in one line, or None if it runs."""


def up() -> None:
    """Run everything until SIGINT, SIGTERM or SIGHUP; then, or when a part fails, stop it all in order."""
    console = Console(highlight=False)
    configuration = read_configuration()
    stop_signals = StopSignals()
    is_up = False
    try:
        with hold_data_folder(configuration.data), ExitStack() as stack:
            try:
                watched, ready = _start(stack, configuration, console, stop_signals)
                is_up = True
                greet(console, configuration, ready)
                watch(watched, NewLetters(configuration.data / letter_box.FOLDER), console, stop_signals)
            finally:
                stop_signals.mute()
                console.print("Stopping …")
    except ServerFailed as failure:
        raise CommandFailed(str(failure)) from None
    except KeyboardInterrupt:
        console.print("Stopped; the data stays." if is_up else "Stopped before all had started.")
        sys.exit(0 if is_up else 130)


def _start(
    stack: ExitStack, configuration: Configuration, console: Console, stop_signals: StopSignals
) -> tuple[list[Watched], ReadyFile]:
    """Start all, leaving with `stack` how each is stopped; answers what is to be watched and where everything is."""
    data = configuration.data
    remove_ready_file(data)
    stores = find_real_servers()
    addresses = stack.enter_context(hold_addresses(configuration))
    watched: list[Watched] = []
    embedded: EmbeddedServers | None = None
    if stores is None:
        with console.status("Starting Valkey and PostgreSQL"):
            embedded = stack.enter_context(EmbeddedServers(data))
        stores = dict.fromkeys(REDIS_URLS, embedded.redis_url) | dict.fromkeys(POSTGRES_URLS, embedded.postgres_url)
        stores["ADMIN_POSTGRES_URL"] = embedded.admin_postgres_url
        watched += [embedded.valkey, embedded.postgres]
    environ = {"ADMIN_MAIL_DIR": str(data / letter_box.FOLDER)} | environment_of_services(os.environ, addresses, stores)
    with console.status("Starting ingest, admin, merger and drain"):
        bring_up_to_date(stores["MERGER_POSTGRES_URL"])
        services: list[ServiceProcess] = []
        stack.callback(stop_in_order, services)
        for service in list_services(addresses):
            with uninterrupted():
                services.append(ServiceProcess(service, environ, data / "logs"))
        watched += services
        wait_until_ready(services, watched, stop_signals)
    ready = ReadyFile(ingest_url=addresses.url("ingest"), admin_url=addresses.url("admin"), merger_url=addresses.url("merger"))
    if embedded is not None:
        with console.status("Making the demo company"):
            try:
                company = ensure_demo_company(data, environ, ready)
            except Unreachable as error:
                _check_all_run(watched)
                raise CommandFailed(f"the demo company can't be made: {error}") from None
        ready = ready.of_demo_company(company, embedded.redis_url, embedded.postgres_url)
    stack.callback(remove_ready_file, data)
    write_ready_file(data, ready)
    return watched, ready


def wait_until_ready(services: Sequence[ServiceProcess], watched: Sequence[Watched], stop_signals: StopSignals) -> None:
    """Raises CommandFailed with what isn't ready after READY_SECONDS, or with what ended meanwhile."""
    deadline = time.monotonic() + READY_SECONDS
    while missing := {process.service.name: reason for process in services if (reason := process.find_missing())}:
        stop_signals.check()
        _check_all_run(watched)
        if time.monotonic() > deadline:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
            raise CommandFailed(f"not ready after {READY_SECONDS:.0f} seconds: {reasons}")
        time.sleep(0.05)


def watch(watched: Sequence[Watched], letters: NewLetters, console: Console, stop_signals: StopSignals) -> NoReturn:
    """Stay until something ends; where no mail server is set up, the links in letters are shown here."""
    while True:
        stop_signals.check()
        _check_all_run(watched)
        for to, link in letters.take():
            console.print(f"A letter to {to}: {link}", soft_wrap=True, markup=False)
        time.sleep(WATCH_SECONDS)


def _check_all_run(watched: Sequence[Watched]) -> None:
    """Raises CommandFailed with what ended and why."""
    for process in watched:
        if reason := process.find_end():
            raise CommandFailed(reason)
