"""What documents became, as the Python API shows it: APIs with their URLs, and what a load changed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from apigw import admin_api, urls
from apigw.app import App
from apigw.documents.changes import Changes
from apigw.errors import GatewayError


class Api(msgspec.Struct, frozen=True):
    """An API that a document became, on one stage."""

    id: str
    """Ten letters and digits, as AWS gives them, unless the document pins one by the tag ``_custom_id_``."""
    name: str
    """The document's title."""
    stage: str
    warnings: tuple[str, ...]
    """What the import ignored or guessed; one sentence each."""
    invoke_url: str
    """The URL of the stage, without a slash at its end."""
    https_url: str | None
    """The same over HTTPS; ``None`` when ``listen_tls`` is off."""

    def url(self, path: str = "/", *, tls: bool = False) -> str:
        """The URL of a path of the API: ``url("/pets")``. ``path`` is taken as it is, query included.

        With ``tls`` it is that of HTTPS; raises ``GatewayError`` when ``listen_tls`` is off.
        """
        begin = self.https_url if tls else self.invoke_url
        if begin is None:
            raise GatewayError("this gateway serves no HTTPS: its setting listen_tls is off")
        return begin + (path if path.startswith("/") else f"/{path}")


class Change(msgspec.Struct, frozen=True):
    """What ``Gateway.load`` did."""

    api: Api
    changed: bool
    """Whether anything was deployed; ``False`` when the document is the one that is served already."""
    methods: Changes
    """The methods that were added, removed and changed, each as ``GET /pets``; all of a new API are added."""

    def __str__(self) -> str:
        """``petstore: + GET /cats, - GET /dogs, ~ GET /pets``."""
        marked = [("+", self.methods.added), ("-", self.methods.removed), ("~", self.methods.changed)]
        shown = [f"{mark} {method}" for mark, found in marked for method in found]
        return f"{self.api.name}: {', '.join(shown) or ('deployed' if self.changed else 'unchanged')}"


def api_of(app: App, api_id: str, name: str, stage: str, warnings: Sequence[str] = ()) -> Api:
    """The API as a user of the Python API sees it."""
    running = app.running
    https = urls.invoke_url(running.listen_tls[0], api_id, stage, scheme="https") if running.listen_tls else None
    return Api(api_id, name, stage, tuple(warnings), urls.invoke_url(running.listen[0], api_id, stage), https_url=https)


def deployed_apis(app: App) -> tuple[Api, ...]:
    """All that the management API knows, whoever made it."""
    return tuple(
        api_of(app, api["id"], api.get("name", ""), stage)
        for api in admin_api.rest_apis(app.send)
        for stage in admin_api.stages(app.send, api["id"])
    )


def choose(apis: Sequence[Api], name: str | None, stage: str | None) -> Api | None:
    """The API with this title or id on this stage; ``None`` when there is none. Raises ``GatewayError``."""
    found = [api for api in apis if name in (None, api.name, api.id) and stage in (None, api.stage)]
    if len(found) > 1:
        raise GatewayError(f"which API is meant? There are: {_listed(found)}")
    return found[0] if found else None


def none_such(apis: Sequence[Api], name: str | None, stage: str | None) -> GatewayError:
    """What to say when ``choose`` found nothing."""
    asked = "".join([f" called {name!r}" if name else "", f" on stage {stage!r}" if stage else ""])
    return GatewayError(f"there is no API{asked}; there are: {_listed(apis)}")


def _listed(apis: Sequence[Api]) -> str:
    return ", ".join(f"{api.name} ({api.id}) on {api.stage}" for api in apis) or "none"
