"""A Containerfile's steps, replayed in a chroot by those who have no engine."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

#: What an engine gives a step.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Image:
    """A directory tree, and what the Containerfile has said so far.

    Parameters
    ----------
    tree
        Stands for what `FROM` names.
    context
        What `COPY` copies from.
    network
        Variables by which `RUN` finds the package registries.
    """

    def __init__(self, tree: Path, context: Path, network: dict[str, str]) -> None:
        self.tree = tree
        self.context = context
        self.network = network
        self.base = ""
        self.user = "root"
        self.workdir = "/"
        self.environment = {"PATH": _PATH}
        self.volumes: list[str] = []
        self.command: list[str] = []
        self.health: list[str] = []
        self.stop_signal = ""

    def replay(self, containerfile: Path) -> None:
        """Take all steps, in order; an instruction that is not known here is an error."""
        lines = containerfile.read_text().replace("\\\n", " ").splitlines()
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, _, rest = line.partition(" ")
                getattr(self, f"_{name.lower()}")(rest.strip())

    def call(self, *command: str, environment: dict[str, str] | None = None) -> list[str]:
        """Return how to run a command in the tree, as the container would."""
        variables = {**self.environment, "HOME": "/", **(environment or {})}
        given = [f"{name}={value}" for name, value in variables.items()]
        inside = 'cd "$1" && shift && exec "$@"'
        # chroot looks users up in the tree.
        return [
            *("chroot", f"--userspec={self.user}:", str(self.tree)),
            *("/usr/bin/env", "-i", *given, "/bin/sh", "-c", inside, "sh", self.workdir, *command),
        ]

    def _from(self, base: str) -> None:
        self.base = base

    def _run(self, line: str) -> None:
        subprocess.run(self.call("/bin/sh", "-ec", line, environment=self.network), check=True, timeout=1200)  # noqa: S603

    def _copy(self, line: str) -> None:
        *sources, target = shlex.split(line)
        place = self.tree / os.path.normpath(f"{self.workdir}/{target}").lstrip("/")
        for source in sources:
            if (self.context / source).is_dir():
                shutil.copytree(self.context / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(self.context / source, place / source if place.is_dir() else place)

    def _workdir(self, path: str) -> None:
        self.workdir = path
        (self.tree / path.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _user(self, user: str) -> None:
        self.user = user

    def _volume(self, path: str) -> None:
        self.volumes.append(path)

    def _env(self, line: str) -> None:
        self.environment |= dict(pair.split("=", 1) for pair in shlex.split(line))

    def _expose(self, port: str) -> None:
        self.port = int(port)

    def _stopsignal(self, name: str) -> None:
        self.stop_signal = name

    def _healthcheck(self, line: str) -> None:
        self.health = json.loads(line.partition("CMD ")[2])

    def _cmd(self, line: str) -> None:
        self.command = json.loads(line)
