"""`python -m model info` and `verify`: what a bundle is, and whether it is whole."""

import json
from dataclasses import asdict

import click

from model.bundling import manifest
from model.commands import BUNDLE


@click.command()
@BUNDLE
def info(bundle: str) -> None:
    """Print a bundle's manifest as JSON: version, thresholds, how it was made."""
    found = manifest.read_manifest(manifest.bundle_path(bundle))
    click.echo(json.dumps(asdict(found), indent=1, ensure_ascii=False))


@click.command()
@BUNDLE
def verify(bundle: str) -> None:
    """Check that no file of a bundle was altered, without opening any."""
    found = manifest.verify(manifest.bundle_path(bundle))
    click.echo(f"{bundle}: version {found.version}, {len(found.files)} files match the manifest.")
