"""What the doctor says of machines that are made up: too few files, too little memory, a wrong clock."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from apigw import config
from apigw.doctor.finding import Finding
from apigw.doctor.machine import Facts, examine, facts

GOOD = Facts(open_files=None, backlog=4096, memory=8 * 1024**3, cores=4, now=1_795_000_000.0, synchronised=True)


def said(found: Facts, **settings: Any) -> dict[str, Finding]:
    return {each.check: each for each in examine(found, config.load(settings, {}))}


def test_a_good_machine_has_no_advice() -> None:
    found = said(GOOD)
    assert {each.state for each in found.values()} == {"ok"}
    assert not any(each.advice for each in found.values())
    assert list(found) == ["open files", "memory", "cores", "waiting connections", "clock"]


@pytest.mark.parametrize(
    ("fact", "settings", "check", "state", "words"),
    [
        ({"open_files": 1128}, {}, "open files", "warning", "set max_connections to 500"),
        ({"open_files": 1128}, {"max_connections": 500}, "open files", "ok", ""),
        ({"open_files": 1127}, {"max_connections": 500}, "open files", "warning", "LimitNOFILE=1128"),
        ({"memory": 300 * 1024**2}, {}, "memory", "warning", "give it 320.0 MiB or lower max_buffered_bytes"),
        ({"memory": 300 * 1024**2}, {"max_buffered_bytes": "64 MiB"}, "memory", "ok", ""),
        ({"cores": 2}, {"workers": 3}, "cores", "warning", "at most 2"),
        ({"backlog": 128}, {}, "waiting connections", "warning", "net.core.somaxconn=4096"),
        ({"now": 100_000.0}, {}, "clock", "failure", "set it"),
        ({"synchronised": False}, {}, "clock", "warning", "time service"),
        ({"synchronised": None}, {}, "clock", "ok", ""),
    ],
)
def test_what_is_wrong_with_a_machine(
    fact: dict[str, Any], settings: dict[str, Any], check: str, state: str, words: str
) -> None:
    found = said(replace(GOOD, **fact), **settings)[check]
    assert found.state == state, found
    assert words in found.advice


def test_what_a_system_does_not_tell_is_not_judged() -> None:
    assert set(said(replace(GOOD, backlog=None, memory=None))) == {"open files", "cores", "clock"}


def test_without_settings_only_the_machine_is_judged() -> None:
    assert [each.check for each in examine(GOOD, None)] == ["waiting connections", "clock"]


def test_the_real_machine_tells_its_facts() -> None:
    found = facts()
    assert found.cores >= 1
    assert found.memory is None or found.memory > 1024**2
