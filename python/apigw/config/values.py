"""How one setting's value is read from a text, a number or a list; every refusal is one sentence.

Pure functions; ``config`` says which setting uses which.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apigw.errors import GatewayError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
_TIMES = {"": 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "min": 60.0, "h": 3600.0}
_LARGEST_COUNT = 2**32 - 1


class SettingError(GatewayError):
    """A setting that is refused; one sentence, with where it stands."""


def text_path(value: Any) -> Path:
    """A path; ``~`` is the home directory."""
    if not isinstance(value, str | Path) or not str(value):
        raise SettingError(f"a path is needed, not {value!r}")
    return Path(value).expanduser()


def boolean(value: Any) -> bool:
    """``true``/``false``, ``1``/``0``, ``yes``/``no``, ``on``/``off``."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "1", "yes", "on"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "0", "no", "off"):
        return False
    raise SettingError(f"true or false is needed, not {value!r}")


def count(value: Any) -> int:
    """A whole number that fits 32 bits."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not re.fullmatch(r"\d{1,10}", str(value)):
        raise SettingError(f"a whole number is needed, not {value!r}")
    if int(value) > _LARGEST_COUNT:
        raise SettingError(f"{value} is larger than {_LARGEST_COUNT}")
    return int(value)


def size(value: Any) -> int:
    """Bytes: ``65536``, ``64 KiB``, ``10 MB``, ``1.5GiB``."""
    match = None if isinstance(value, bool) else _SIZE.fullmatch(str(value).strip())
    if match is None or match[2].lower() not in _UNITS:
        raise SettingError(f"a size such as 64 KiB or 10 MB is needed, not {value!r}")
    bytes_ = float(match[1]) * _UNITS[match[2].lower()]
    if not bytes_.is_integer() or bytes_ > 2**53:
        raise SettingError(f"{value!r} is not a whole number of bytes, or too many")
    return int(bytes_)


def optional_size(value: Any) -> int | None:
    """As ``size``; an empty text is none."""
    return None if value == "" else size(value)


def small_size(value: Any) -> int:
    """As ``size``, below 4 GiB."""
    if (read := size(value)) > _LARGEST_COUNT:
        raise SettingError(f"{value!r} is larger than {_LARGEST_COUNT} bytes")
    return read


def seconds(value: Any) -> float:
    """Seconds: ``30``, ``500 ms``, ``5s``, ``2 min``, ``1h``."""
    match = None if isinstance(value, bool) else _SIZE.fullmatch(str(value).strip())
    if match is None or match[2].lower() not in _TIMES:
        raise SettingError(f"a time such as 30 s or 500 ms is needed, not {value!r}")
    if (time := float(match[1]) * _TIMES[match[2].lower()]) > _LARGEST_COUNT:
        raise SettingError(f"{value!r} is longer than a gateway lives")
    return time


def address(value: Any) -> str:
    """``127.0.0.1:8080``, ``[::1]:8080``, ``localhost:8080``; a bare port is on loopback."""
    text = str(value).strip()
    if re.fullmatch(r"\d+", text):
        text = f"127.0.0.1:{text}"
    host, colon, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        ip = ipaddress.ip_address(bare)
    except ValueError:
        raise SettingError(f"an address such as 127.0.0.1:8080 is needed, not {value!r}") from None
    if not colon or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535 or (ip.version == 6 and bare == host):
        raise SettingError(f"an address such as 127.0.0.1:8080 or [::1]:8080 is needed, not {value!r}")
    return f"[{ip}]:{int(port)}" if ip.version == 6 else f"{ip}:{int(port)}"


def addresses_or_off(value: Any) -> list[str]:
    """As ``listing(address)``; ``off``, ``false`` or an empty list is none."""
    return [] if value in ("off", ("off",), ["off"], False) else listing(address)(value)


def host_of(listener: str) -> str:
    """The bare host of what ``address`` gave."""
    return listener.rpartition(":")[0].strip("[]")


def network(value: Any) -> str:
    """A network such as ``169.254.0.0/16``."""
    try:
        return str(ipaddress.ip_network(str(value).strip()))
    except ValueError as error:
        raise SettingError(f"a network such as 169.254.0.0/16 is needed ({error})") from None


def region(value: Any) -> str:
    """A region's name such as ``us-east-1``."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-\d+", value):
        raise SettingError(f"a region such as us-east-1 is needed, not {value!r}")
    return value


def account(value: Any) -> str:
    """Twelve digits."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{12}", value):
        raise SettingError(f"an account is twelve digits in quotes, not {value!r}")
    return value


def stage_name(value: Any) -> str:
    """AWS: 1 to 128 of letters, digits, hyphen and underscore."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", value):
        raise SettingError(f"a stage name is 1 to 128 of A-Z a-z 0-9 _ -, not {value!r}")
    return value


def log_target(value: Any) -> dict[str, str]:
    """``off``, ``stdout`` or a file's path, as the engine wants it."""
    if not isinstance(value, str) or not value:
        raise SettingError(f"off, stdout or a file is needed, not {value!r}")
    return {"to": value} if value in ("off", "stdout") else {"to": "file", "path": str(text_path(value).absolute())}


def log_directory(value: Any) -> dict[str, str] | None:
    """``stdout`` or a directory's path, as the engine wants it; nothing is the data directory's own."""
    if not isinstance(value, str):
        raise SettingError(f"stdout or a directory is needed, not {value!r}")
    if not value:
        return None
    return {"to": value} if value == "stdout" else {"to": "directory", "path": str(text_path(value).absolute())}


def number_or_off(value: Any) -> float | None:
    """A number that is not negative, or ``off``."""
    if value == "off" or value is False:
        return None
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < float("inf"):
        raise SettingError(f"a number or off is needed, not {value!r}")
    return number


def count_or_off(value: Any) -> int | None:
    """A whole number that fits 32 bits, or ``off``."""
    return None if value == "off" or value is False else count(value)


def one_of(*choices: str) -> Callable[[Any], str]:
    """A reader of a few words."""

    def read(value: Any) -> str:
        if value not in choices:
            raise SettingError(f"{' or '.join(choices)} is needed, not {value!r}")
        return str(value)

    return read


def listing(read: Callable[[Any], str]) -> Callable[[Any], list[str]]:
    """A reader of lists: a TOML list, repeated flags, or one text with commas."""

    def read_all(value: Any) -> list[str]:
        parts = value if isinstance(value, list | tuple) else [value]
        texts = [part for each in parts for part in (each.split(",") if isinstance(each, str) else [each])]
        return [read(text.strip() if isinstance(text, str) else text) for text in texts if text != ""]

    return read_all
