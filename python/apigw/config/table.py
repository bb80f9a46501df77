"""The table of settings: what each is called, how its value is read, what it is without one, what it means.

``docs/settings.md`` lists every setting and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from apigw.config.values import (
    account,
    address,
    addresses_or_off,
    boolean,
    count,
    count_or_off,
    listing,
    log_directory,
    log_target,
    network,
    number_or_off,
    one_of,
    optional_size,
    region,
    seconds,
    size,
    small_size,
    stage_name,
    text_path,
)


class Setting(NamedTuple):
    """One setting: how its text is read, what it is without one, what it means."""

    read: Callable[[Any], Any]
    default: Any
    meaning: str


def identifier(name: str) -> str:
    """A setting's name in Python and, in capitals, in the environment: ``cache.memory`` is ``cache_memory``."""
    return name.replace(".", "_")


SETTINGS: dict[str, Setting] = {
    "data_dir": Setting(text_path, "apigw-data", "where the database, the credentials and the lock are"),
    "listen": Setting(listing(address), "127.0.0.1:8080", "where deployed APIs are served over HTTP"),
    "listen_tls": Setting(addresses_or_off, "127.0.0.1:8443", "where they are served over HTTPS; off is nowhere"),
    "tls_certificate": Setting(text_path, None, "certificate chain of listen_tls, a PEM file; else one is made"),
    "tls_key": Setting(text_path, None, "its key, a PEM file"),
    "admin_listen": Setting(
        listing(address), "127.0.0.1:9080", "where the management API, /health, /ready and /metrics are"
    ),
    "plain_http": Setting(boolean, False, "allow plain HTTP on an address that is not loopback"),
    "defer_accept": Setting(
        seconds,
        1.0,
        "how long a connection without a byte waits before it is accepted (Linux), whole seconds; 0 is not at all",
    ),
    "workers": Setting(count, 0, "threads that serve requests; 0 is one for each usable core"),
    "stage": Setting(stage_name, "dev", "the stage that documents given to serve are deployed to"),
    "account_id": Setting(account, "123456789012", "the account of every call, twelve digits"),
    "region": Setting(region, "us-east-1", "the region of documents given to serve, and of apigw env"),
    "regions": Setting(listing(region), [], "regions a management call may name; empty allows all"),
    "any_credentials": Setting(boolean, False, "accept any key and clock; loopback only"),
    "access_log": Setting(log_target, "stdout", "stdout, off, or a file for one JSON line a request"),
    "stage_logs": Setting(
        log_directory, "", "stdout, or the directory of the logs that stages ask for; without one, logs in data_dir"
    ),
    "quotas": Setting(
        one_of("off", "aws"), "off", "aws: AWS's throttle, concurrency and numbers of APIs, resources, stages"
    ),
    "account.rate_limit": Setting(number_or_off, None, "requests a second of the account in a region; over it 429"),
    "account.burst_limit": Setting(count_or_off, None, "how many of them may come at once"),
    "account.concurrency": Setting(count_or_off, None, "requests in flight in a region; over it 429"),
    "cache.memory": Setting(
        optional_size, "", "what all stages' caches may take; without one, a quarter of what the process may use"
    ),
    "cache.statuses": Setting(one_of("all", "2xx"), "all", "which answers are cached; all, as on AWS, or 2xx only"),
    "deny_backends": Setting(
        listing(network), ["169.254.0.0/16", "fe80::/10"], "networks no backend may be in, checked after DNS"
    ),
    "ca_file": Setting(text_path, None, "more trusted certificate authorities for backends, a PEM file"),
    "drain_delay": Setting(seconds, 0.0, "after SIGTERM, how long /ready is false before accepting stops"),
    "grace": Setting(seconds, 30.0, "after that, how long requests in flight may take"),
    "max_request_headers": Setting(small_size, 10_240, "header block of a request; over it 431"),
    "max_request_target": Setting(small_size, 10_240, "request target; over it 414"),
    "max_request_payload": Setting(size, 10_485_760, "request body after decoding; over it 413"),
    "max_response_payload": Setting(size, 10_485_760, "body of a backend's answer; over it 500"),
    "max_management_body": Setting(size, 64 * 1024 * 1024, "body of a management call; over it 413"),
    "max_connections": Setting(count, 15_000, "open client connections; at it, accepting waits"),
    "max_buffered_bytes": Setting(size, 256 * 1024 * 1024, "bytes held for bodies at once; over it, reading waits"),
    "max_queued_calls": Setting(count, 1024, "management calls that may wait; over it 429"),
    "head_timeout": Setting(seconds, 10.0, "until a TLS handshake, and then a request head, must be complete"),
    "idle_timeout": Setting(seconds, 310.0, "how long a client connection may idle"),
    "min_body_rate": Setting(small_size, 100, "bytes a second a request body must come at, after 10 s"),
}
