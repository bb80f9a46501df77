"""The boundary on one page: everything Python may ask of the Rust engine, and nothing else.

Only ``app`` and ``cli`` use this module; only this module imports ``apigw._engine``. Nothing here is global:
several engines may live in one process. No Rust thread attaches to the interpreter: calls into Python are
*pulled* (``calls_fd`` turns readable, ``take_calls`` gives a batch, ``answer`` gives back).

=====================  ============================================================================================
``start(config)``      JSON of ``config.EngineConfig`` (see ``rust/src/config.rs``); binds, starts the cores and returns
                       JSON ``{"listen": ["127.0.0.1:8080"], "listen_tls": […], "admin_listen": […]}`` with the real
                       ports. Raises ``StartError``.
``set_ready(bool)``    what ``/ready`` says; false until the stored configuration is served.
``drain()``            stop accepting; answers carry ``Connection: close``; idle connections close.
``stop(grace)``        drain, wait up to ``grace`` seconds, cut the rest; returns how many requests were cut.
``reload(config)``     reopen log files, read certificates again, take the settings that may change (SIGHUP).
``prepare(patch)``     JSON of ``snapshot.units.SnapshotPatch`` → ``Ticket``; compiles without the GIL. Raises
                       ``PrepareError`` with every error. Patches prepared later in one batch see the earlier ones.
``activate(tickets)``  swaps pointers; returns when every core has acknowledged.
``test_invoke(…)``     asks a method of a patch that has a deployment and a stage, served to nobody else; blocks until
                       it answered. The request is JSON ``{"resource_id","http_method","target","headers","body"}``
                       (headers as below), the answer ``{"status","headers","body","latency","log"}``. Raises
                       ``PrepareError``, ``ValueError`` for what is no request, ``StartError`` when nobody serves.
``units()``            ``(key, hash)`` of all active units; the hash is the hex SHA-256 of the unit's canonical JSON.
``calls_fd()``         a pipe's reading end (non-blocking): drain it, then ``take_calls`` until it gives an empty list.
``take_calls()``       ``(id, kind, head, body)``; kind ``control``: head is JSON
                       ``{"method","path","query","headers":[[name,value]],"request_id","caller":{"access_key_id","region","service","source_ip"}}``
                       (path raw and still encoded, names in lower case); kind ``cancelled``: the client went away.
``answer(id, …)``      head JSON ``{"status":200,"headers":[[name,value]]}`` and the body; an unknown id is ignored.
``flush_cache(…)``     forget what is cached for a stage (API id, name); returns when no request sees it any more.
``flush_log()``        returns when the access log's file holds a line for every request answered before.
``metrics()``          the text that ``/metrics`` serves.
``roundtrip(patch)``   decodes and encodes a patch (tests).
``yaml_to_json(text)`` bounded YAML 1.2 to JSON; keys become strings as written. Raises ``YamlError``.
``check(kind, text)``   what is wrong with a ``selectionPattern``, ``regex``, ``template`` or ``jsonPath``; or ``None``.
``self_signed_…(now)`` a new certificate for this machine's names and its key, both PEM.
``client_certificate`` the same for showing to backends, RSA, valid ``(from, until)``.
``sign(…)``            Signature V4: the headers to add.
=====================  ============================================================================================
"""

from __future__ import annotations

from apigw._engine import Engine, PrepareError, StartError, Ticket, YamlError, __version__

__all__ = ["Engine", "PrepareError", "StartError", "Ticket", "YamlError", "__version__"]
