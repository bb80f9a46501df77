"""The list: every rule of framing that the gateway promises, with its mutants."""

from __future__ import annotations

from . import connections, messages, requests, streams

RULES = (*requests.RULES, *messages.RULES, *connections.RULES, *streams.RULES)
