"""A published Python client against a running service: `call.py CLIENT ADDRESS TEXT` prints what it gives."""

# ruff: noqa: B010, PLC0415, T201 - one client only is installed where this runs, and it prints what it is told

import json
import sys
from typing import Any

client, address, text = sys.argv[1:]
GOOGLE = "https://commentanalyzer.googleapis.com"


def perspective() -> Any:
    from perspective import PerspectiveAPI

    api = PerspectiveAPI("any")
    api.api_client.url = address + "/v1alpha1/{endpoint}"
    return api.score(text, ["TOXICITY", "INSULT"])


def perspective_py() -> Any:
    import perspective.main

    build = perspective.main.discovery.build

    def build_here(*names: str, **options: Any) -> Any:
        url = options.pop("discoveryServiceUrl").replace(GOOGLE, address)
        return build(*names, discoveryServiceUrl=url, **options)

    perspective.main.discovery.build = build_here
    attributes = ["TOXICITY", "INSULT"]
    return perspective.Client("any").analyze(text, attributes)


def perspectiveapi() -> Any:
    import httpx
    from perspective.blocking import Perspective
    from perspective.models import Attribute

    post = httpx.Client.post
    setattr(httpx.Client, "post", lambda self, url, **about: post(self, url.replace(GOOGLE, address), **about))
    score = Perspective("any").score(text, [Attribute.TOXICITY, Attribute.INSULT])
    return {"TOXICITY": score.toxicity, "INSULT": score.insult}


found = {"perspective": perspective, "perspective.py": perspective_py, "perspectiveapi": perspectiveapi}[client]()
print(json.dumps(found))
