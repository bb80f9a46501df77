"""A Dockerfile as its instructions, for tests: stages, and what the last stage sets. Knows what ours uses, no more."""

from __future__ import annotations

import json
import re
import shlex
from typing import NamedTuple


class Instruction(NamedTuple):
    """``ENV``, and the text that follows."""

    name: str
    text: str


class Stage(NamedTuple):
    """From one ``FROM`` to the next."""

    image: str
    name: str | None
    instructions: list[Instruction]

    def texts(self, name: str) -> list[str]:
        """All instructions of a kind."""
        return [each.text for each in self.instructions if each.name == name]

    def text(self, name: str) -> str:
        """The one instruction of a kind."""
        (text,) = self.texts(name)
        return text

    def command(self, name: str) -> list[str]:
        """The words of ``ENTRYPOINT``, ``CMD`` or ``HEALTHCHECK``, which must be written as a list."""
        words: list[str] = json.loads(self.text(name)[self.text(name).index("[") :])
        return words

    def environment(self) -> dict[str, str]:
        """What ``ENV`` sets."""
        return dict(word.split("=", 1) for text in self.texts("ENV") for word in shlex.split(text))


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    found: list[Stage] = []
    for line in filter(None, joined.splitlines()):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            image, _, alias = rest.partition(" AS ")
            found.append(Stage(image, alias or None, []))
        else:
            found[-1].instructions.append(Instruction(name, rest.strip()))
    return found
