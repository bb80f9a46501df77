"""One API that follows a document: every load imports it, deploys it and tells what that changed.

Knows no file and no clock; ``apigw import --watch`` calls it whenever the document was saved. A document that is
refused changes nothing: the API stays what the last good one made it.
"""

from __future__ import annotations

import msgspec

from apigw import changes, documents
from apigw.changes import Changes
from apigw.documents import Deployed, Send


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
