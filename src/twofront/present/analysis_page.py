"""The page of one analysis: its words, its charts and the tables behind them, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from twofront.present.claims import embedded
from twofront.present.figures import Figure

__all__ = ["analysis_page"]


def analysis_page(title: str, kicker: str, text: Sequence[str], figures: Sequence[Figure]) -> str:
    """Return the page; `text` are its paragraphs, `kicker` says of what run it is."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from twofront.present.vega import bundle

    environment = Environment(
        loader=PackageLoader("twofront.present"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    specs = {
        f"{figure.id}-{place}": {**panel.spec, "description": panel.describes}
        for figure in figures
        for place, panel in enumerate(figure.panels)
    }
    return environment.get_template("analysis.html.j2").render(
        title=title, kicker=kicker, text=text, figures=figures, specs=embedded(specs), vega=bundle()
    )
