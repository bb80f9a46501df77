"""What a rule of framing and its mutants are. A mutant is a small patch: texts that stand at one place of one file, and what to
put there instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """``edits``: pairs of the text that is there (once) and the text that loosens the rule."""

    file: str
    edits: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """One rule, the tests that watch over it (at least one must turn red for each mutant) and the mutants.

    A test is ``module::name`` of the engine's unit tests, or ``fuzz::target``.
    """

    text: str
    tests: tuple[str, ...]
    mutants: tuple[Mutant, ...]


def mutant(file: str, *texts: str) -> Mutant:
    """A mutant of ``rust/src/{file}``; ``texts`` are old, new, old, new …"""
    return Mutant(f"rust/src/{file}", tuple(zip(texts[::2], texts[1::2], strict=True)))
