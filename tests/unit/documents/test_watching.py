"""When a file counts as saved: in place, by renaming, half written, missing for a moment; the test is the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apigw.admin_api import AdminError
from apigw.documents.live_import import ASK_AGAIN, LiveImport, Loaded, follow
from apigw.documents.watching import QUIET, Watched, look_at, saves


class Editor:
    """A file, and a clock that runs on by ``tick`` whenever the watch pauses."""

    def __init__(self, path: Path, tick: float = QUIET * 0.6) -> None:
        self.path = path
        self.now = 0.0
        self._tick = tick
        path.write_bytes(b"first")
        self._saves = saves(path, Watched(look_at(path), b"first"), self._pause)

    def _pause(self) -> float:
        self.now += self._tick
        return self.now

    def ticks(self, count: int) -> list[bytes]:
        """What was saved during so many looks."""
        return [content for content in (next(self._saves) for _ in range(count)) if content is not None]


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path / "api.yaml")


def test_a_file_that_nobody_touches(editor: Editor) -> None:
    assert editor.ticks(10) == []


def test_a_save_in_place_is_told_once(editor: Editor) -> None:
    editor.path.write_bytes(b"second")
    assert editor.ticks(10) == [b"second"]
    editor.path.write_bytes(b"third")
    assert editor.ticks(10) == [b"third"]


def test_a_save_by_renaming(editor: Editor) -> None:
    new = editor.path.with_suffix(".new")
    new.write_bytes(b"second")
    new.rename(editor.path)
    assert editor.ticks(10) == [b"second"]


def test_a_save_by_moving_the_old_one_away(editor: Editor) -> None:
    editor.path.rename(editor.path.with_suffix(".bak"))
    assert editor.ticks(5) == []
    editor.path.write_bytes(b"second")
    assert editor.ticks(5) == [b"second"]


def test_a_file_that_is_being_written_waits_until_it_rests(editor: Editor) -> None:
    for length in range(1, 6):
        editor.path.write_bytes(b"x" * length)
        assert editor.ticks(1) == []
    assert editor.ticks(1) == []
    assert editor.ticks(1) == [b"x" * 5]


def test_a_file_is_read_once_for_every_time_it_came_to_rest() -> None:
    watched = Watched((1, 2, 3, 4), b"first")
    assert not watched.came_to_rest((1, 2, 3, 4), 1.0)
    assert not watched.came_to_rest((1, 2, 3, 5), 1.0)
    assert watched.came_to_rest((1, 2, 3, 5), 1.0 + QUIET)
    assert not watched.came_to_rest((1, 2, 3, 5), 9.0)


def test_the_same_content_again_is_no_change(editor: Editor) -> None:
    editor.path.write_bytes(b"other")
    editor.path.write_bytes(b"first")
    assert editor.ticks(10) == []


def test_a_file_that_vanishes_while_it_is_read(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.path.write_bytes(b"second")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", lambda path: (_ for _ in ()).throw(FileNotFoundError))
        assert editor.ticks(5) == []
    editor.path.write_bytes(b"third")
    assert editor.ticks(5) == [b"third"]


class Management:
    """A management API with one API at most; ``refuse`` makes it answer 400 to what begins so."""

    def __init__(self) -> None:
        self.methods: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.refuse = ""
        self.gone = False

    def send(self, method: str, path: str, query: list[tuple[str, str]], body: bytes) -> tuple[int, Any]:
        if self.gone:
            raise AdminError(0, "no gateway answers")
        self.calls.append(f"{method} {path}")
        if self.refuse and self.calls[-1].startswith(self.refuse):
            return 400, {"message": "no"}
        if path.endswith("/deployments"):
            return 201, {"id": "d"}
        if method in ("POST", "PUT"):
            self.methods = {
                path: {"GET": {"says": said}} for path, said in (line.split("=") for line in body.decode().split())
            }
            return 201, {"id": "abc", "name": "n"}
        listed = [{"path": path, "resourceMethods": methods} for path, methods in self.methods.items()]
        begin = int(dict(query).get("position", 0))
        more = {"position": str(begin + 1)} if begin + 1 < len(listed) else {}
        return 200, {"item": listed[begin : begin + 1], **more}


def test_what_a_load_changed() -> None:
    live = LiveImport(Management().send, None, "dev")
    first = live.load(b"/a=1 /b=1").changes
    assert (first.added, first.removed, first.changed) == (["GET /a", "GET /b"], [], [])
    second = live.load(b"/b=2 /c=1").changes
    assert (second.added, second.removed, second.changed) == (["GET /c"], ["GET /a"], ["GET /b"])
    assert not live.load(b"/b=2 /c=1").changes


def test_over_an_api_that_is_there() -> None:
    management = Management()
    management.methods = {"/a": {"GET": {"says": "1"}}}
    loaded = LiveImport(management.send, "abc", None).load(b"/a=2 /b=1")
    assert (loaded.changes.added, loaded.changes.changed) == (["GET /b"], ["GET /a"])
    assert [call for call in management.calls if not call.startswith("GET")] == ["PUT /restapis/abc"]


def test_a_refused_document_changes_nothing_and_the_next_one_is_told_from_what_is_served() -> None:
    management = Management()
    live = LiveImport(management.send, None, "dev")
    live.load(b"/a=1")
    for refused in ("PUT /restapis/abc", "POST /restapis/abc/deployments"):
        management.refuse = refused
        with pytest.raises(AdminError):
            live.load(b"/a=1 /b=1")
        management.refuse = ""
        assert live.load(b"/a=1 /b=1").changes.added == ["GET /b"]
        live.load(b"/a=1")


def test_an_api_whose_first_deployment_is_refused_is_not_made_twice() -> None:
    management = Management()
    live = LiveImport(management.send, None, "dev")
    management.refuse = "POST /restapis/abc/deployments"
    with pytest.raises(AdminError):
        live.load(b"/a=1")
    management.refuse = ""
    live.load(b"/a=1")
    assert management.calls.count("POST /restapis") == 1


class Heard:
    """What a listener is told, in words."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def imported(self, loaded: Loaded) -> None:
        self.told.append(f"imported {' '.join(loaded.changes.added)}".rstrip())

    def refused(self, text: bytes, error: AdminError) -> None:
        self.told.append(f"refused {text.decode()}")

    def unreachable(self, error: AdminError) -> None:
        self.told.append("unreachable")


def followed(management: Management, *steps: bytes | str | None) -> list[str]:
    """What is told when a document is saved (bytes), the gateway goes and comes (words), or nothing happens."""
    heard = Heard()

    def saves() -> Iterator[bytes | None]:
        for step in steps:
            if isinstance(step, str):
                management.gone = step == "goes"
            else:
                yield step

    follow(LiveImport(management.send, None, None), b"/a=1", saves(), heard)
    return heard.told


def test_every_save_is_loaded_once() -> None:
    told = followed(Management(), None, None, b"/a=1 /b=1", None, None, b"/a=1 /b=1 /c=1", None)
    assert told == ["imported GET /a", "imported GET /b", "imported GET /c"]


def test_a_refused_save_waits_for_the_next_one() -> None:
    management = Management()
    management.refuse = "POST /restapis"
    assert followed(management, None, *[None] * ASK_AGAIN, b"/b=1") == ["refused /a=1", "refused /b=1"]


def test_the_last_save_waits_for_a_gateway() -> None:
    told = followed(Management(), None, "goes", b"/b=1", *[None] * ASK_AGAIN * 3, b"/c=1", "comes", *[None] * ASK_AGAIN)
    assert told == ["imported GET /a", "unreachable", "imported GET /c"]


def test_a_gateway_that_goes_twice_is_told_twice() -> None:
    told = followed(
        Management(), "goes", None, "comes", *[None] * ASK_AGAIN, "goes", b"/b=1", "comes", *[None] * (ASK_AGAIN - 1)
    )
    assert told == ["unreachable", "imported GET /a", "unreachable"]
