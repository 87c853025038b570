"""gunicorn, told in Python what its configuration file would say."""

import contextlib
import errno
import fcntl
import gc
import ipaddress
import logging
import mmap
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from threadpoolctl import threadpool_limits

from model.bundling.manifest import bundle_path, read_manifest, verify
from model.bundling.shelf import Shelf, champion
from model.cores import cores
from model.errors import BelowlineError
from service import create_app
from service.accounts.api_keys import count_keys
from service.compat import akismet
from service.settings import Settings
from service.storage.database import Database
from service.web import access_log
from service.web.access_log import AccessLog
from service.web.addresses.hosts import LOCAL
from service.web.worker import Worker

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

#: gunicorn's own code for "the application cannot be loaded": it then stops instead of trying again.
_CANNOT_LOAD = 4
#: Seconds that a worker waits before it tries again to load the application, at first and at most.
_FIRST_WAIT, _LONGEST_WAIT = 1, 30
_LOG = logging.getLogger(__name__)
#: Where several workers leave their numbers, under the name that prometheus_client knows.
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

Prepare = Callable[[Database, "Scorer"], None]


class CannotServe(BelowlineError):
    """The service cannot listen on this address, or nobody could use it."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of `serve`; without `workers`, as many as suit the bundle."""

    host: str
    port: int
    workers: int | None
    threads: int
    require_keys: bool
    access_log: AccessLog

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def bind(self) -> str:
        """The address as gunicorn and browsers write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Server(BaseApplication):  # type: ignore[misc]
    """The application under gunicorn."""

    def __init__(self, options: ServeOptions, config: Mapping[str, Any], prepare: Prepare | None) -> None:
        self._options = options
        self._config = config
        self._prepare = prepare
        self._is_first = False
        # What all workers see: whether one of them has loaded the application since the start.
        self._loaded = mmap.mmap(-1, 1)
        self._worker: Worker | None = None
        self._turn = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the workers live
        self._beside: contextlib.ExitStack | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn is to do."""
        for name, value in {
            "bind": self._options.bind,
            "workers": self._config["WORKERS"],
            "threads": self._options.threads,
            "worker_class": Worker,
            "loglevel": "warning",
            "logger_class": access_log.GunicornLog,
            # A worker gives no sign of life while it loads the bundle.
            "timeout": 120,
            # What the newspaper's server keeps open costs nothing and saves it a handshake.
            "keepalive": 75,
            # Whoever was let in is answered, a thousand comments on a slow machine too.
            "graceful_timeout": 60,
            "on_exit": self._forget_shared,
            "limit_request_line": 8190,
            # Whoever connects may not say where the service is mounted, or that this was HTTPS:
            # that is the proxies' to say, and only where BELOWLINE_PROXIES counts them.
            "forwarder_headers": "",
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            # A second way to command it, which nobody needs.
            "control_socket_disable": True,
            "proc_name": "belowline",
            "pre_fork": self._notice_first,
            "worker_exit": self._stop_threads,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application, in the worker, and do what is done beside its requests.

        A start that cannot succeed is told in a line, and ends. Once the
        service has been up, a worker that takes another one's place tries
        until it can: the database, or the bundle's folder, comes back, and
        meanwhile the other workers answer.
        """
        wait = _FIRST_WAIT
        while True:
            try:
                app = self._build()
                break
            except Exception as error:
                if not self._loaded[0]:
                    if not isinstance(error, BelowlineError):
                        raise
                    click.echo(f"Error: {error}", err=True)
                    sys.exit(_CANNOT_LOAD)
                why = str(error) if isinstance(error, BelowlineError) else type(error).__name__
                _LOG.error("This worker cannot start, and tries again in %d s: %s", wait, why)
            self._rest(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        self._loaded[0] = 1
        self._begin(app)
        return app

    def _rest(self, seconds: int) -> None:
        """Wait, and go on showing gunicorn that this worker lives; leave if it should not any longer."""
        for _ in range(seconds):
            time.sleep(1)
            if self._worker is not None:
                self._worker.notify()
                if not self._worker.alive or os.getppid() != self._worker.ppid:
                    sys.exit(0)

    def _build(self) -> Flask:
        """Build the application.

        Not before the fork: onnxruntime's threads would stay behind in the
        parent, and the first score would wait for them for ever.
        """
        # Comments are scored by as many threads as there are processors: those of the tokenizer and
        # of BLAS would only get in their way.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        app = create_app(self._config)
        # Now that it is loaded, for as long as the worker lives.
        threadpool_limits(1, user_api="blas")
        # What was loaded stays: to look through it for garbage would hold up whoever is served just then.
        gc.freeze()
        if self._prepare is not None:
            # One after the other: the first worker does it, and the others find it done.
            fcntl.lockf(self._turn, fcntl.LOCK_EX)
            self._prepare(app.extensions["belowline.database"], app.extensions["belowline.scorer"])
            fcntl.lockf(self._turn, fcntl.LOCK_UN)
        return app

    def _begin(self, app: Flask) -> None:
        if self._is_first:
            # Not to stdout, where each line may be one of the access log.
            click.echo(
                f"Belowline serves http://{self._options.bind}/review (moderators), /v1 (programs); Ctrl-C stops it.",
                err=True,
            )
        # Not above, where it would import onnxruntime and numpy before the fork too.
        from service.app import begin_beside  # noqa: PLC0415

        self._beside = begin_beside(app)

    def _forget_shared(self, _arbiter: object) -> None:
        """Remove the folder in which the workers counted together."""
        if folder := self._config.get("SHARED_FOLDER"):
            shutil.rmtree(folder, ignore_errors=True)

    def _notice_first(self, _arbiter: object, worker: Worker) -> None:
        """Note in the parent, before the fork, which worker it is: so the worker finds it."""
        self._is_first = worker.age == 1
        self._worker = worker

    def _stop_threads(self, _server: object, _worker: object) -> None:
        """Stop what a worker does beside its requests."""
        if self._beside is not None:
            self._beside.close()


def run(options: ServeOptions, prepare: Prepare | None = None) -> None:
    """Serve until somebody stops it.

    Parameters
    ----------
    options
        Those of the command.
    prepare
        What each worker does with the database and the scorer before it serves.
    """
    needs_keys = options.require_keys or not options.is_loopback
    config: dict[str, Any] = {
        "KEYS_REQUIRED": needs_keys,
        "THREADS": options.threads,
    }
    if not needs_keys:
        # A web page that a moderator visits must not reach this address under a name of its own.
        config["HOSTS"] = [*LOCAL, options.host]
    found = Settings.read()
    if not needs_keys and found.akismet:
        config["HOSTS"] += akismet.HOSTS
    db = Database(found.database)
    db.upgrade(found.language)
    with db.read() as session:
        keys = count_keys(session)
    db.close()
    if needs_keys and not keys:
        why = "--require-keys asks for one" if options.is_loopback else f"others can reach {options.host}"
        raise CannotServe(f"There is no key yet, and {why}: create one with `python -m service create-key NAME`.")
    _check_free(options)
    if found.bundle:
        # Here, so that a bad bundle is told in a line; the worker verifies what it loads once more.
        verify(bundle_path(found.bundle))
    config["WORKERS"] = options.workers or workers_for(_tier(found))
    access_log.configure(options.access_log)
    if config["WORKERS"] > 1:
        shared = Path(tempfile.mkdtemp(prefix="belowline-"))
        config["SHARED_FOLDER"] = str(shared)
        (shared / "metrics").mkdir()
        # Before anything imports prometheus_client, which looks for it then.
        os.environ[_METRICS_FOLDER] = str(shared / "metrics")
    Server(options, config, prepare).run()


def _tier(found: Settings) -> str:
    """Return the tier of the bundle that will score: of the shelf's, the latest that can be read."""
    shelf = Shelf(Path(found.bundles))
    current = champion(found.bundle, shelf)
    try:
        return read_manifest(current).tier
    except BelowlineError:
        if found.bundle:
            raise
    for version in shelf.earlier():
        with contextlib.suppress(BelowlineError):
            return read_manifest(shelf.folder / version).tier
    return read_manifest(current).tier


def workers_for(tier: str) -> int:
    """Return how many processes keep this machine's cores busy.

    The encoder computes on all cores at once, the fast tier on one for each process.
    """
    return 1 if tier == "accurate" else cores()


def _check_free(options: ServeOptions) -> None:
    """Raise CannotServe if something else holds the port."""
    # gunicorn would tell in ten lines. A service that was killed leaves workers that hold the
    # port until they notice, within a second or two: hence the patience.
    for patience in reversed(range(15)):
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and patience:
                time.sleep(0.2)
                continue
            raise CannotServe(
                f"Cannot listen on {options.bind} ({error.strerror}): choose another with --host and --port.",
            ) from error
        else:
            return
