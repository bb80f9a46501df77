"""One API that follows a document: every load imports it, deploys it and tells what that changed.

Knows no file and no clock; ``apigw import --watch`` calls it whenever the document was saved. A document that is
refused changes nothing: the API stays what the last good one made it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from apigw import documents
from apigw.admin_api import AdminError, Send
from apigw.documents import Deployed, changes
from apigw.documents.changes import Changes

ASK_AGAIN = 20
"""After so many looks at the document a gateway that did not answer is asked again."""


class Loaded(msgspec.Struct, frozen=True):
    """What became of a load."""

    deployed: Deployed
    changes: Changes


class LiveImport:
    """The API; ``api_id`` is ``None`` until a first document was imported."""

    def __init__(self, send: Send, api_id: str | None, stage: str | None) -> None:
        self.api_id = api_id
        self.stage = stage
        self._send = send
        self._served = {} if api_id is None else changes.methods(send, api_id)

    def load(self, text: bytes) -> Loaded:
        """Import and deploy a document; raises ``AdminError``."""
        api = documents.put(self._send, text, self.api_id)
        # From here on the API is there, whatever becomes of the deployment.
        self.api_id = api["id"]
        if self.stage is not None:
            documents.deploy(self._send, api["id"], self.stage)
        now = changes.methods(self._send, api["id"])
        changed = changes.between(self._served, now)
        self._served = now
        deployed = Deployed(api["id"], api.get("name", ""), self.stage, True, api.get("warnings", []), "/")
        return Loaded(deployed, changed)


class Listener(Protocol):
    """Who is told what becomes of saves."""

    def imported(self, loaded: Loaded) -> None:
        """A document is served."""

    def refused(self, text: bytes, error: AdminError) -> None:
        """A document is not; what was served before still is."""

    def unreachable(self, error: AdminError) -> None:
        """No gateway answers; told once, until one does."""


def follow(live: LiveImport, text: bytes, saves: Iterable[bytes | None], tell: Listener) -> None:
    """Load ``text`` and every save; while no gateway answers, the last one waits.

    ``saves`` gives a document's content when it was saved and ``None`` whenever it was looked at in vain.
    """
    waiting: bytes | None = text
    asks_in, complained = 0, False
    for saved in saves:
        waiting, asks_in = (waiting, asks_in - 1) if saved is None else (saved, 0)
        if waiting is None or asks_in > 0:
            continue
        try:
            loaded = live.load(waiting)
        except AdminError as error:
            if error.status == 0:
                if not complained:
                    tell.unreachable(error)
                asks_in, complained = ASK_AGAIN, True
                continue
            tell.refused(waiting, error)
        else:
            tell.imported(loaded)
        waiting, complained = None, False
