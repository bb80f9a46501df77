"""What a running gateway says on standard error: texts for a terminal, else one JSON object a line."""

from __future__ import annotations

import datetime
import logging
import sys
from typing import Any

import orjson

from apigw.cli import output

_LOG = logging.getLogger("apigw")


class JsonLines(logging.Formatter):
    """``{"time", "level", "logger", "message"}``, ``exception`` where there is one, and what ``say`` was given."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "members", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def begin_logging(*, as_json: bool = False) -> None:
    """Send everything of importance to standard error; httpx and asyncio have nothing to say to an operator."""
    to = logging.StreamHandler()
    as_text = sys.stderr.isatty() and not as_json
    to.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s") if as_text else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[to], force=True)
    for name in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def say(message: str, **members: Any) -> None:
    """Something the operator may want to know; ``members`` tell the same to programs."""
    if as_text():
        output.note(message)
    else:
        _LOG.info(message, extra={"members": members})


def warn(message: str, **members: Any) -> None:
    """Something that may not be what the operator wants, and was done all the same."""
    if as_text():
        output.warn(message)
    else:
        _LOG.warning(message, extra={"members": members})


def complain(message: str, **members: Any) -> None:
    """Something that is wrong, and did not end the gateway."""
    if as_text():
        output.complain(message)
    else:
        _LOG.error(message, extra={"members": members})


def as_text() -> bool:
    """Is the gateway talking to a person?"""
    return not any(isinstance(each.formatter, JsonLines) for each in logging.getLogger().handlers)
