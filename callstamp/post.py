"""`callstamp post`: a file of postbacks of any size, posted in batches, each line once however often something breaks on the way.

Batches go one after the other, so that of two lines about one caller the later one counts; the next is read and compressed meanwhile.
"""

import fcntl
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple, cast

from callstamp.batches import Batch, PostbackFile, find_kind
from callstamp.bookmark import Bookmark, Ledger
from callstamp.bulk_door import BulkDoor, GaveUp
from callstamp.command_failed import CommandFailed
from callstamp.configuration import read_configuration
from callstamp.post_progress import PostProgress
from callstamp.ready_file import find_ready_file

EXIT_SOME_REFUSED = 3
EXIT_TRY_LATER = 75
EXIT_INTERRUPTED = 130
STDIN = "-"


class Where(NamedTuple):
    """The ingest to post to, and the postback key."""

    url: str
    key: str


class PostOptions(NamedTuple):
    """Of a first start: a run that is taken up again keeps all but the last."""

    items: int
    compression: str | None
    give_up_seconds: float


def post_file(name: str, where: Where, options: PostOptions) -> int:
    """Post what the file (or `-`, standard input) says; answers the exit code. Raises CommandFailed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with _open(name) as file, PostProgress(name) as progress:
        bookmark_file, refused_file = _files_beside(name)
        size = None if name == STDIN else os.fstat(file.fileno()).st_size
        first = Bookmark(
            run=secrets.token_hex(16), url=where.url, items=options.items, compression=options.compression, size=size
        )
        ledger = Ledger(bookmark_file, refused_file, file, first)
        postbacks = PostbackFile(file, find_kind(name, file.peek(1)), ledger.bookmark.size)
        if ledger.goes_on:
            ledger.check_is_the_same()
            postbacks.go_on_at(ledger.bookmark.place)
        ledger.start()
        progress.begin(ledger.bookmark)
        try:
            _post_all(postbacks, ledger, where.key, options.give_up_seconds, progress)
        except GaveUp as trouble:
            progress.say_stopped(ledger.bookmark, f"gave up: {trouble}")
            return EXIT_TRY_LATER
        except KeyboardInterrupt:
            progress.say_stopped(ledger.bookmark, "interrupted")
            return EXIT_INTERRUPTED
        ledger.close()
        progress.say_done(ledger.bookmark, refused_file)
    return EXIT_SOME_REFUSED if ledger.bookmark.refused else 0


def find_where(url: str | None, key: str | None, key_file: Path | None) -> Where:
    """What the options, the environment and the running Callstamp say. The demo company's key is for its own ingest alone."""
    configuration = read_configuration()
    key = key or (key_file.read_text().strip() if key_file else None) or configuration.postback_key
    ready = find_ready_file(configuration.data)
    if ready is not None and url in (None, ready.ingest_url):
        url, key = ready.ingest_url, key or ready.postback_key
    if url is None:
        raise CommandFailed("no Callstamp runs here: say with --url where to post, e.g. --url https://tags.example.com")
    if not url.startswith(("http://", "https://")):
        raise CommandFailed(f"--url {url} isn't an address: it begins with https:// or http://")
    if not key:
        raise CommandFailed("no postback key: set CALLSTAMP_POSTBACK_KEY, or name a file that holds it with --key-file")
    return Where(url.rstrip("/"), key)


def _post_all(postbacks: PostbackFile, ledger: Ledger, key: str, give_up_seconds: float, progress: PostProgress) -> None:
    bookmark = ledger.bookmark
    door = BulkDoor(bookmark.url, key, postbacks.kind, bookmark.compression, progress.say_trouble)
    try:
        for batch, sent in _read_ahead(postbacks.read_batches(bookmark.items), door):
            ledger.turn_over(batch, door.post(sent, ledger.name_of(batch), give_up_seconds))
            progress.advance(bookmark)
    finally:
        door.close()


def _read_ahead(batches: Iterator[Batch], door: BulkDoor) -> Iterator[tuple[Batch, bytes]]:
    """Each batch and what is sent of it; while one is posted, the next is made in a thread."""

    def make() -> tuple[Batch, bytes] | None:
        batch = next(batches, None)
        return None if batch is None else (batch, door.prepare(batch.body))

    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(make)
        while (made := coming.result()) is not None:
            coming = maker.submit(make)
            yield made


@contextmanager
def _open(name: str) -> Iterator[BufferedReader]:
    """The file, locked, so that it isn't posted twice at once; a pipe can't be."""
    if name == STDIN:
        yield cast("BufferedReader", sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
    except BlockingIOError:
        raise CommandFailed(f"{name} is being posted already, by another process") from None


def _files_beside(name: str) -> tuple[Path | None, Path]:
    """Where the bookmark and the refused lines are kept."""
    if name == STDIN:
        return None, Path("stdin.refused.ndjson")
    return Path(f"{name}.bookmark.json"), Path(f"{name}.refused.ndjson")
