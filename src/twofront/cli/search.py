"""``twofront search``: settings of the levers that no other found one beats in everything asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from twofront.analyse.evolution import Generation
    from twofront.analyse.search import Search
    from twofront.case import Case

__all__ = ["command"]


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")],
    objective: Annotated[
        list[str] | None,
        typer.Option(
            "--objective",
            "-o",
            metavar="TEXT",
            help="[min|max] [mean|median|p5..p95|worst10|share] OUTCOME [< NUMBER]; repeatable "
            "[default: min mean of any_war_chance, double_war_chance and policy_cost]",
            show_default=False,
        ),
    ] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(
            "--constraint", "-c", metavar="TEXT", help="[MEASURE] OUTCOME <= NUMBER, or SERIES@MONTH; repeatable."
        ),
    ] = None,
    lever: Annotated[
        list[str] | None,
        typer.Option(
            "--lever", metavar="NAME[=LOW:HIGH]", help="Move only these, the others stay at today's value; repeatable."
        ),
    ] = None,
    futures: Annotated[int, typer.Option("--futures", "-n", metavar="N", help="Draws to search on.")] = 192,
    fresh: Annotated[int, typer.Option(metavar="N", help="Further draws to measure what is found on.")] = 1000,
    population: Annotated[int, typer.Option(metavar="N", help="Policies in a generation.")] = 60,
    generations: Annotated[int, typer.Option(metavar="N", help="Generations.")] = 40,
    epsilon: Annotated[
        list[float] | None,
        typer.Option(metavar="X", help="Least difference that matters, one for each objective in turn; repeatable."),
    ] = None,
    from_: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", metavar="FILE", help="Policies to begin with: a file, or a folder of an earlier search."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed gives the same result.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the search [default: searches/CASE-<number>]", show_default=False),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Threads [default: one per processor]", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a search that DIR already holds.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the folder of the search only.")] = False,
) -> None:
    """Search for better policies, and leave them in a folder, fit for `twofront run CASE --policies`.

    Policies are compared on the same futures by measures over all of them, and measured again on draws that the
    search has not seen. Ctrl-C keeps what is found. Exit code 1: nothing was found that meets the constraints.

    \b
    Examples:
      twofront search rutte-2025
      twofront search rutte-2025 -o "min p90 any_war_chance" -o "min mean policy_cost" --generations 20
      twofront search rutte-2025 -c "mean policy_cost.by.germany <= 20" -c "p90 spending.nato_europe@2030-12 <= 700"
      twofront search rutte-2025 --lever reassurance --lever core_spending_floor=0:0.035 --from searches/rutte-2025-1
    """
    from twofront.analyse.search import DEFAULT_OBJECTIVES, search
    from twofront.analyse.search_folder import claim_folder, write_search
    from twofront.case import load_case, read_policies
    from twofront.cli.entry import INTERRUPTED, NO
    from twofront.present.search import write_page

    loaded = load_case(case)
    start = tuple(policy for path in from_ or () for policy in read_policies(path, loaded))
    folder = claim_folder(out, loaded.name, force=force)
    try:
        found = search(
            loaded,
            objective or DEFAULT_OBJECTIVES,
            constraint or (),
            levers=_levers(lever, loaded),
            futures=futures,
            fresh=fresh,
            population=population,
            generations=generations,
            epsilon=epsilon,
            start=start,
            seed=seed,
            workers=workers,
            progress=None if quiet else _Told(),
        )
    except BaseException:
        if not any(folder.iterdir()):
            folder.rmdir()
        raise
    write_search(found, folder)
    page = write_page(found, folder)
    if quiet:
        typer.echo(folder)
    else:
        _tell(found, folder, page)
    if found.interrupted:
        typer.echo(f"twofront: interrupted after {len(found.history)} of {generations} generations; kept", err=True)
        raise typer.Exit(INTERRUPTED)
    if not found.found:
        raise typer.Exit(NO)


def _levers(given: list[str] | None, case: Case) -> dict[str, tuple[float, float] | None] | None:
    from twofront.faults import UserError

    if not given:
        return None
    levers: dict[str, tuple[float, float] | None] = {}
    for text in given:
        name, equals, span = text.partition("=")
        if not equals:
            levers[name] = None
            continue
        low, _, high = span.partition(":")
        try:
            levers[name] = float(low), float(high)
        except ValueError:
            known = next((item for item in case.levers if item.name == name), None)
            example = f"{name}={known.low:g}:{known.high:g}" if known else f"{name}=0:1"
            raise UserError(f"--lever {text}: a range is written {example}") from None
    return levers


class _Told:
    """How the search goes, in one line that is written anew (on a terminal) or now and then."""

    def __init__(self) -> None:
        import sys
        import time

        self._terminal = sys.stderr.isatty()
        self._clock: Any = time.perf_counter
        self._began = self._shown = time.perf_counter()

    def __call__(self, now: Generation) -> None:
        moment = self._clock()
        last = now.number == now.generations
        if not last and moment - self._shown < (0.1 if self._terminal else 10):
            return
        self._shown = moment
        left = (moment - self._began) / now.number * (now.generations - now.number)
        volume = "" if now.hypervolume != now.hypervolume else f"; hypervolume {now.hypervolume:.4f}"
        text = (
            f"generation {now.number} of {now.generations}; {now.evaluations:,} policies tried; "
            f"{len(now.archive)} kept; ε-progress {now.archive.progress}{volume}; {left:.0f} s left"
        )
        end = "\n" if last or not self._terminal else ""
        typer.echo(("\r\033[K" if self._terminal else "") + text + end, err=True, nl=False)


def _tell(found: Search, folder: Path, page: Path) -> None:
    from twofront.present.search import summary

    for line in summary(found):
        typer.echo(line)
    typer.echo(f"page: {page}")
    if found.policies:
        typer.echo(f"use them: twofront run {found.case.name} --policies {folder}")
