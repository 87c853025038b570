"""`serve`: gunicorn, told in Python what its configuration file would say."""

import errno
import ipaddress
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from model.bundle import bundle_path, load_bundle, verify
from model.errors import BelowlineError
from service import create_app
from service.config import ConfigError, settings
from service.database import Database
from service.people import count_keys

#: gunicorn's own code for "the application cannot be loaded": it then stops instead of trying again.
_CANNOT_LOAD = 4


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of `serve`."""

    host: str
    port: int
    workers: int
    threads: int
    require_keys: bool
    demo: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def bind(self) -> str:
        """The address as gunicorn and browsers write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Server(BaseApplication):  # type: ignore[misc]
    """The application under gunicorn."""

    def __init__(self, options: ServeOptions, config: Mapping[str, Any]) -> None:
        self._options = options
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        for name, value in {
            "bind": self._options.bind,
            "workers": self._options.workers,
            "threads": self._options.threads,
            "worker_class": "gthread",
            "loglevel": "warning",
            # What the newspaper's server keeps open costs nothing and saves it a handshake.
            "keepalive": 75,
            "graceful_timeout": 30,
            "limit_request_line": 8190,
            "proc_name": "belowline",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application, in the worker.

        Not before the fork: onnxruntime's threads would stay behind in the
        parent, and the first score would wait for them for ever.
        """
        try:
            app = create_app(self._config)
            if self._options.demo:
                _load_demo(app.extensions["belowline.database"], app.extensions["belowline.scorer"])
        except BelowlineError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(_CANNOT_LOAD)
        click.echo(
            f"Belowline serves http://{self._options.bind}/review (moderators), /v1 (programs); Ctrl-C stops it."
        )
        return app


def run(options: ServeOptions) -> None:
    """Serve until somebody stops it."""
    needs_keys = options.require_keys or not options.is_loopback
    config: dict[str, Any] = {"KEYS_REQUIRED": needs_keys}
    if not needs_keys:
        # A web page that a moderator visits must not reach this address under a name of its own.
        config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]", options.host]
    found = settings(config)
    store = Database(found["DATABASE"])
    store.upgrade()
    with store.read() as session:
        keys = count_keys(session)
    store.close()
    if needs_keys and not keys:
        raise ConfigError(
            f"{options.host} can be reached by others, and there is no key yet: "
            "make one with `python -m service create-key NAME`, or serve on 127.0.0.1.",
        )
    _check_free(options)
    # Here, so that a bad bundle is told in a line; the worker verifies what it loads once more.
    verify(bundle_path(found["BUNDLE"]))
    Server(options, config).run()


def load_demo_only() -> None:
    """Load the demo without serving it."""
    found = settings({})
    store = Database(found["DATABASE"])
    store.upgrade()
    _load_demo(store, load_bundle(found["BUNDLE"]))


def _load_demo(store: Database, scorer: Any) -> None:
    from service.demo import load_demo  # noqa: PLC0415 - only the demo needs it

    loaded = load_demo(store, scorer)
    if loaded.comments:
        click.echo(f"Demo: {loaded.comments} comments added.")
    if loaded.password is not None:
        click.echo(f"Moderator: {loaded.moderator}\nPassword:  {loaded.password} (not shown again)")


def _check_free(options: ServeOptions) -> None:
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
            raise ConfigError(
                f"Cannot listen on {options.bind} ({error.strerror}): choose another with --host and --port.",
            ) from error
        else:
            return
