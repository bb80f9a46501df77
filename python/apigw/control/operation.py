"""What an operation is: a function of a call and its parsed input, registered under AWS's name.

``aws/`` parses and checks the input by the service model (members in snake_case: ``restApiId`` → ``rest_api_id``,
absent members absent) and turns what is returned back into AWS's JSON by the output shape: attributes of Structs or
keys of dicts, snake_case, ``None`` left out. A raw payload member arrives as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from apigw.domain.quotas import Quotas
from apigw.store.protocol import Transaction

Input = Mapping[str, Any]
Run = Callable[["Call", Input], Any]
CheckText = Callable[[str, str], str | None]
"""What is wrong with a text of a kind (``selectionPattern``); the engine knows."""


class Ids(Protocol):
    """Where identifiers come from (seeded in tests)."""

    def short(self) -> str:
        """Six of ``[a-z0-9]``."""

    def api(self) -> str:
        """Ten of ``[a-z0-9]``."""

    def secret(self) -> str:
        """Forty of ``[A-Za-z0-9]``."""


class AccountThrottle(msgspec.Struct, frozen=True):
    """The requests that an account may make in a region: a second, and at once."""

    rate_limit: float
    burst_limit: int


class NewCertificate(msgspec.Struct, frozen=True):
    """A self-signed certificate and its key, both PEM."""

    certificate: str
    private_key: str


class Call(msgspec.Struct, frozen=True):
    """Who calls, where, when and on what. ``now`` is in epoch seconds.

    ``yaml_to_json``, ``flush_cache`` (API, stage), ``check_text`` (kind, text) and ``new_certificate`` (valid from and
    until, epoch seconds) are the engine's. ``cache_memory`` is what all caches may take, ``quotas`` what the account
    may have; without ``account_throttle`` nothing limits its requests here.
    """

    account: str
    region: str
    partition: str
    access_key_id: str
    now: int
    ids: Ids
    store: Transaction
    yaml_to_json: Callable[[bytes], bytes]
    flush_cache: Callable[[str, str], None]
    cache_memory: int
    quotas: Quotas
    account_throttle: AccountThrottle | None
    check_text: CheckText
    new_certificate: Callable[[int, int], NewCertificate]


class Later(msgspec.Struct, frozen=True):
    """A result that the engine makes, and that may take long: asked for once the call's transaction is over."""

    patch: bytes
    """The SnapshotPatch of what is tested."""
    request: bytes
    """JSON, as ``engine.test_invoke`` takes it."""
    read: Callable[[bytes], Any]
    """Makes the operation's result of the engine's answer."""


OPERATIONS: dict[str, Run] = {}


def operation(name: str) -> Callable[[Run], Run]:
    """Register a function as the AWS operation ``name`` (``CreateRestApi``)."""

    def register(run: Run) -> Run:
        if name in OPERATIONS:
            raise RuntimeError(f"operation {name} is registered twice")
        OPERATIONS[name] = run
        return run

    return register
