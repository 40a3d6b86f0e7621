"""``twofront run``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twofront.cli.converging import live, tell_until
from twofront.cli.revising import AsOf, Grade, Without, revision_of, tell_revision

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.ensemble import Progress, Run

__all__ = ["command", "show_progress"]

INTERRUPTED = 130
MOST_FUTURES = 1_000_000
"""Futures with --until, unless it is reached before."""


def command(
    case: Annotated[
        str | None, typer.Argument(metavar="CASE", help="A bundled case or a folder.", show_default=False)
    ] = None,
    futures: Annotated[
        int | None,
        typer.Option(
            "--futures",
            "-n",
            metavar="N",
            help="Draws of the uncertain inputs; at most so many with --until [default: 10000, or 1000000]",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option("--policy", "-p", metavar="NAME", help="Only these, beside the present course; repeatable."),
    ] = None,
    policies: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Policies beside the case's: a file, or a folder of `search`; repeatable."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="S", help="Seed of the draws; the same seed gives the same run [default: 1]", show_default=False
        ),
    ] = None,
    sampling: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How draws are spread: random, latin or sobol [default: random]",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="WIDTH",
            help="Stop when the 95% intervals of the chances' means are no wider than ±0.5% of them, or ±0.2pp.",
            show_default=False,
        ),
    ] = None,
    until_for: Annotated[
        list[str] | None,
        typer.Option(metavar="OUTCOME", help="What --until is about, instead of the leading chances; repeatable."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder of the run, or a URL [default: runs/CASE-<number>]", show_default=False
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Go on with a run that ended early; its manifest says the rest."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Outcomes to store: a name, a pattern such as 'deterrence_margin.*', core, or all; repeatable "
            "[default: all, or core if all would take more than about 4 GB]",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[str, typer.Option(metavar="NAME", help="threads, processes or dask.")] = "threads",
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDR", help="Dask scheduler, as tcp://host:8786 [default: workers on this machine]"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Threads or processes [default: one per processor]", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a run that DIR already holds.")] = False,
    without: Without = None,
    grade: Grade = None,
    as_of: AsOf = "",
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report.html.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the folder of the run only.")] = False,
) -> None:
    """Draw futures of a case, evaluate them under every policy, and write a run folder.

    Every policy meets the same draws. A run that ended early, by Ctrl-C or in any other way, goes on with --resume
    and ends with the same output hash. Exit code 1: some futures could not be evaluated or written, and the manifest
    says which.

    \b
    Examples:
      twofront run rutte-2025
      twofront run rutte-2025 --futures 1000 --policy hague_commitment --out mine
      twofront run rutte-2025 --until 0.5% --sampling sobol
      twofront run rutte-2025 --policies searches/rutte-2025-1
      twofront run rutte-2025 --without SIPRI --without B0003
      twofront run rutte-2025 --as-of 2025-07-05
      twofront run --resume runs/rutte-2025-1
      twofront run rutte-2025 -n 1000000 --engine dask --scheduler tcp://head:8786 --out s3://bucket/run --keep core
    """
    from twofront.case import load_case
    from twofront.cli.entry import NO
    from twofront.ensemble import RunInterrupted, RunStopped
    from twofront.ensemble import run as run_case
    from twofront.faults import UserError

    if until_for and until is None:
        raise UserError("--until-for says what --until is about; give --until too, for instance --until 0.5%")
    if futures is None and until is not None and resume is None:
        futures = MOST_FUTURES
    revision = revision_of(without, grade, as_of)
    revised: Case | str | None = case
    if case is not None and resume is None:
        revised = load_case(case, revision=revision)
        if not quiet:
            tell_revision(revised)
    try:
        with show_progress(quiet=quiet) as progress:
            found = run_case(
                revised,
                futures,
                policy or None,
                seed,
                out,
                sampling=sampling,
                until=until,
                until_for=until_for or None,
                revision=revision if resume is not None else None,
                policy_files=policies or (),
                keep=keep or None,
                resume=resume,
                engine=engine,
                scheduler=scheduler,
                workers=workers,
                force=force,
                progress=progress,
            )
    except RunInterrupted as stop:
        typer.echo(f"twofront: {stop}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except RunStopped as stop:
        typer.echo(f"twofront: {stop}", err=True)
        raise typer.Exit(NO) from None
    if not quiet:
        _tell(found)
    report = None if no_report else _report(found, quiet=quiet)
    if quiet:
        typer.echo(found.folder)
    else:
        typer.echo(f"report: {report}" if report else f"run: {found.folder}")
    for failed in found.manifest["failed"]:
        typer.echo(f"twofront: not evaluated: {failed['error']} (units {failed['lo']}-{failed['hi']})", err=True)
    if not found.complete:
        raise typer.Exit(NO)


class show_progress:
    """A bar with rate and time left on the error stream, where somebody looks at it."""

    def __init__(self, *, quiet: bool) -> None:
        import sys

        self._bar: Any = None
        self._task: Any = None
        if quiet or not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]} futures/s"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[exact]}"),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("preparing", total=None, rate="–", exact="")

    def __enter__(self) -> Any:
        if self._bar is None:
            return None
        self._bar.start()
        return self._update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _update(self, now: Progress) -> None:
        rate = f"{now.rate:,.0f}" if now.done else "–"
        exact = "" if now.standing is None else live(now.standing)
        self._bar.update(
            self._task, description="evaluating", completed=now.done, total=now.futures, rate=rate, exact=exact
        )


def _tell(run: Run) -> None:
    manifest = run.manifest
    seconds = manifest["seconds"]
    evaluated = sum(hi - lo for lo, hi in run.ranges)
    typer.echo(
        f"{manifest['case']}: {evaluated:,} futures under {len(run.policies)} policies in {seconds['run']:.1f} s "
        f"(and {seconds['prepare']:.1f} s to prepare), seed {run.seed}"
    )
    tell_until(manifest.get("until"), run.futures)
    counts = manifest["status_counts"]
    for status in manifest["statuses"][1:]:
        rows = sum(counts[policy].get(status, 0) for policy in counts)
        if rows:
            typer.echo(f"status {status}: {rows:,} of {evaluated * len(run.policies):,} rows")
    _headline(run)
    every = manifest.get("hashed_outcomes")
    if every is not None:
        typer.echo(
            f"{len(run.outcome_names)} of {len(every)} outcomes kept, all hashed ({_size(manifest['stored_bytes'])}); "
            "--keep chooses others"
        )
    if run.hash:
        typer.echo(f"output hash {run.hash[:16]}; `twofront verify {run.folder}` computes it again")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _headline(run: Run) -> None:
    """The table that answers the question."""
    from rich.console import Console

    from twofront.analyse import headline

    Console().print(headline(run))


def _report(run: Run, *, quiet: bool) -> Path:
    from twofront.cli.telling import show_steps
    from twofront.present.report import write_report

    with show_steps(quiet=quiet) as told:
        return write_report(run, told)
