"""Users who walk the example petstore, three readers to a writer; a status or a body that nobody expects is a failure.

`make load` starts a gateway and these users. On one of your own, `--host` is a stage's URL without a slash at its end:
.venv-load/bin/locust -f bench/load/locustfile.py --exclude-tags upstream --host http://…/_aws/execute-api/ID/dev
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from locust import FastHttpUser, between, events, tag, task

KINDS = ("dog", "cat", "fish")
# What a REST API answers to a path or a method that it does not have.
MISSING = "Missing Authentication Token"


@events.quitting.add_listener
def leave(environment: Any, **_: Any) -> None:
    """Tell who started us how many requests there were, by name."""
    if path := os.environ.get("LOAD_COUNTS"):
        made: dict[str, int] = {}
        for entry in environment.stats.entries.values():
            made[entry.name] = made.get(entry.name, 0) + entry.num_requests
        Path(path).write_text(json.dumps(made))


class Visitor(FastHttpUser):
    """Somebody who knows what the petstore answers."""

    abstract = True
    wait_time = between(0.001, 0.02)

    def ask(self, method: str, path: str, status: int, member: str | int, wanted: Any, **given: Any) -> None:
        """Ask; the answer must have the status, and be JSON with ``wanted`` as its ``member``."""
        # By what the document calls it: ids and queries would make a row each.
        name = given.pop("name", path)
        with self.client.request(method, path, name=name, catch_response=True, **given) as answer:
            if answer.status_code != status:
                answer.failure(f"{answer.status_code} instead of {status}")
                return
            try:
                found = answer.json()[member]
            except (ValueError, LookupError, TypeError):
                answer.failure(f"no JSON with {member!r}")
                return
            if found == wanted:
                answer.success()
            else:
                answer.failure(f"{member!r} is {found!r} instead of {wanted!r}")

    def upstream(self, path: str) -> str:
        """The petstore's path to a backend which is the petstore itself."""
        return f"/upstream{urlsplit(self.host or '').path}{path}"


class Reader(Visitor):
    """Looks around, and sometimes takes a wrong turn."""

    weight = 3

    def on_start(self) -> None:
        self.pets()

    @task(2)
    def welcome(self) -> None:
        self.ask("GET", "/", 200, "message", "Welcome to the petstore. Try /pets.")

    @task(6)
    def pets(self) -> None:
        kind = random.choice(KINDS)
        self.ask("GET", f"/pets?type={kind}", 200, 1, {"id": 2, "type": "cat", "price": 124.99}, name="/pets")

    @task(6)
    def pet(self) -> None:
        self.ask("GET", f"/pets/{random.randrange(10**6)}", 200, "type", "dog", name="/pets/{petId}")

    @tag("upstream")
    @task(4)
    def pet_by_proxy(self) -> None:
        path = self.upstream(f"/pets/{random.randrange(10**6)}")
        self.ask("GET", path, 200, "type", "dog", name="/upstream/pets/{petId}")

    @task(1)
    def lost(self) -> None:
        self.ask("GET", "/nothing", 403, "message", MISSING)


class Writer(Visitor):
    """Brings pets, and tries what it may not."""

    weight = 1

    def on_start(self) -> None:
        self.bring()

    @task(5)
    def bring(self) -> None:
        self.ask("POST", "/pets", 201, "message", "created", json=self._pet())

    @tag("upstream")
    @task(3)
    def bring_by_proxy(self) -> None:
        path = self.upstream("/pets")
        self.ask("POST", path, 201, "message", "created", json=self._pet(), name="/upstream/pets")

    @task(1)
    def take_away(self) -> None:
        self.ask("DELETE", "/pets", 403, "message", MISSING)

    def _pet(self) -> dict[str, Any]:
        return {"type": random.choice(KINDS), "price": round(random.uniform(1, 500), 2), "note": "x" * 200}
