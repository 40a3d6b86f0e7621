"""Words on whether there are enough futures: while a run goes on, and when it has stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from twofront.ensemble.convergence import Standing

__all__ = ["live", "tell_until"]


def live(standing: Standing) -> str:
    """The widest interval so far, for a progress line; nothing before there is one."""
    widest, goal = standing.widest, standing.goal
    if widest is None:
        return ""
    if goal is None:
        told, of = standing.differences
        return f"levels ±{_percent(widest.share)}, {told} of {of} policy effects told from zero"
    width = _percent(widest.share) if goal.relative else f"{100 * widest.half_width:.2g}pp"
    return f"±{width} of ±{goal.text}"


def tell_until(until: Mapping[str, Any] | None, futures: int) -> None:
    """Say whether the goal was reached, and what it would take if not."""
    if until is None:
        return
    if until["reached"]:
        typer.echo(
            f"±{until['asked']} reached after {futures:,} futures; at most {until['most_futures']:,} were asked for"
        )
        return
    widest = until["widest"]
    if widest is None:
        typer.echo(f"±{until['asked']} not reached: nothing that is watched was defined in any future")
        return
    what = f"{widest['outcome']} under {widest['policy']}"
    if widest["against"]:
        what = f"the change of {what}"
    width = "unknown" if widest["half_width"] is None else f"{widest['mean']:.4g} ± {widest['half_width']:.2g}"
    needed = until["needed_futures"]
    take = f"about {needed:,} futures would do" if needed else "no number of futures would do, since it is near zero"
    typer.echo(f"±{until['asked']} not reached: {what} is {width} after {futures:,} futures; {take}")


def _percent(share: float) -> str:
    return f"{100 * share:.2g}%" if share < 10 else "∞"
