"""What a running gateway says on standard error: texts for a terminal, else one JSON object a line."""

from __future__ import annotations

import datetime
import logging
import sys

import orjson

from apigw.cli import output

_LOG = logging.getLogger("apigw")


class JsonLines(logging.Formatter):
    """``{"time", "level", "logger", "message"}``, and ``exception`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def begin_logging() -> None:
    """Send everything of importance to standard error; httpx and asyncio have nothing to say to an operator."""
    to = logging.StreamHandler()
    to.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s") if sys.stderr.isatty() else JsonLines()
    )
    logging.basicConfig(level=logging.INFO, handlers=[to], force=True)
    for name in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def say(message: str) -> None:
    """Something the operator may want to know."""
    if sys.stderr.isatty():
        output.note(message)
    else:
        _LOG.info(message)


def complain(message: str) -> None:
    """Something that is wrong, and did not end the gateway."""
    if sys.stderr.isatty():
        output.complain(message)
    else:
        _LOG.error(message)
