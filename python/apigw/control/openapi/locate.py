"""JSON paths to lines and columns, by a second and slow pass over a text, made only when there is something to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from apigw.control.openapi import json_positions, yaml_positions
from apigw.control.openapi.findings import Keys, Place

Positions = Callable[[str], Iterator[tuple[Place, int]]]


def locate(text: bytes, paths: Iterable[Keys], *, yaml: bool) -> dict[Keys, tuple[int, int]]:
    """``(line, column)``, counted from 1 in characters, of the key or item each path leads to.

    A path that the text does not have (a missing member, the inside of an alias) gets the place of the nearest one
    above it; the document itself is at its first character.
    """
    readable = text.decode("utf-8", "replace")
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    found: dict[Keys, int] = {}
    # By identity, which is cheap: a scanner hands out the same place for the members of one container.
    known: dict[int, Keys] = {id(None): ()}
    kept: list[Place] = []
    scan: Positions = yaml_positions.positions if yaml else json_positions.positions
    for place, offset in scan(readable):
        if place is None:
            continue
        above, key = place
        keys = known.get(id(above))
        if keys is None:
            continue
        path = (*keys, key)
        if path in wanted:
            known[id(place)] = path
            kept.append(place)  # so that no other place gets its identity
            found[path] = offset  # of a key given twice, the last one counts
    found[()] = len(readable) - len(readable.lstrip())
    return {path: json_positions.line_and_column(readable, _nearest(path, found)) for path in wanted}


def _nearest(path: Keys, found: dict[Keys, int]) -> int:
    while path not in found:
        path = path[:-1]
    return found[path]
