"""What a command shows while something takes long: a bar or a spinner on a terminal, nothing anywhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

# Says what is being done now; from the second time on, that the step before is done.
Step = Callable[[str], None]


@contextlib.contextmanager
def progress(steps: int | None = None, *, wanted: bool = True) -> Iterator[Step]:
    """Show steps while they happen; ``steps`` is how many there are, where that is known. Gone when it ends."""
    console = Console(stderr=True)
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}")]
    if steps is not None and steps > 1:
        columns += [BarColumn(), MofNCompleteColumn()]
    columns.append(Elapsed())
    silent = not wanted or not console.is_terminal or console.is_dumb_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as shown:
        task = shown.add_task("", total=steps)
        first = True

        def step(text: str) -> None:
            nonlocal first
            # A file's name may hold what rich takes for markup.
            shown.update(task, description=text.replace("[", r"\["), advance=0 if first else 1)
            first = False

        yield step
