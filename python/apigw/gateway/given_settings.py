"""The settings that the Python API takes as keyword arguments, typed for editors and type checkers.

``config.SETTINGS`` says what each means and reads its value; a test compares the two. ``stage`` is an argument
of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TypedDict

File = str | PathLike[str]
Size = int | str
"""Bytes, or a text such as ``"64 KiB"``."""
Seconds = float | str
"""Seconds, or a text such as ``"500 ms"``."""
Several = str | Sequence[str]


class GivenSettings(TypedDict, total=False):
    """See docs/settings.md for meanings."""

    data_dir: File
    listen: Several
    listen_tls: Several
    tls_certificate: File
    tls_key: File
    admin_listen: Several
    plain_http: bool
    defer_accept: Seconds
    workers: int
    account_id: str
    region: str
    regions: Several
    any_credentials: bool
    access_log: File
    stage_logs: File
    quotas: str
    account_rate_limit: float | str
    account_burst_limit: int | str
    account_concurrency: int | str
    cache_memory: Size
    cache_statuses: str
    deny_backends: Several
    ca_file: File
    drain_delay: Seconds
    grace: Seconds
    max_request_headers: Size
    max_request_target: Size
    max_request_payload: Size
    max_response_payload: Size
    max_management_body: Size
    max_connections: int
    max_buffered_bytes: Size
    max_queued_calls: int
    head_timeout: Seconds
    idle_timeout: Seconds
    min_body_rate: Size
