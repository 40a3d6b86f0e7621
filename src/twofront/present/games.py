"""A case's game in words, as a table, and as a picture of its tree for the median future."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from twofront.analyse.estimates import Estimate, estimate
from twofront.analyse.outcomes import CHANCE
from twofront.analyse.played import Median, PlayedGame, played
from twofront.case.game import CaseGame
from twofront.faults import UserError
from twofront.faults import listed as shortened
from twofront.games.layout import lay_out
from twofront.games.picture import NATURE
from twofront.present.analysis_page import analysis_page
from twofront.present.figures import Cell, Figure, Panel, Spec, Table
from twofront.present.numbers import NONE, level_span, mean_span, percent, plain, significant, stakes

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.present.facts import Facts

__all__ = ["LEAD", "TITLE", "draw", "figure", "game_of_report", "paragraphs", "table_of_play", "write"]

TITLE: Final = "The game"
LEAD: Final = (
    "Who moves, knowing what, for which payoffs; and what follows from that alone, without the declared prior."
)
ENDS: Final = 30
"""Rows of the tree in a page; what is left out is said below it."""
QUICK: Final = 16
"""Log-odds to be found together up to which a game is in the report."""
NOTABLE: Final = 0.01
"""Change of a chance from which on somebody turns to something."""
GREY: Final = "#7d7d7d"
FILES: Final = ("game.csv", "game.md", "game.html")
PICTURES: Final = (".svg", ".png", ".html")


def game_of_report(facts: Facts) -> Figure | None:
    """The case's first game that is ready at once, in the futures of a run.

    Nothing where the case has none, or the run lacks its policy. A game with many beliefs that hang on one another
    takes a minute to compile on a machine that never solved it, which nobody should wait for who only wants a report.
    """
    quick = [each for each in facts.case.games if lay_out(each.game).size <= QUICK]
    if not quick:
        return None
    declared = quick[0]
    policy = declared.policy or facts.present
    if policy not in facts.sample.policies:
        return None
    names = [name for name in declared.reads if facts.sample.has(name)]
    facts.sample.load(names)
    try:
        return figure(played(facts.case, declared, facts.sample, policy, seed=facts.run.seed))
    except UserError as error:  # a game that cannot be solved must not cost the report
        text = f"The case's game `{declared.name}` could not be solved: {error}"
        return Figure("game", "The case's game could not be solved", text, (), (), text, "The case's game section.")


# ---- in words ---------------------------------------------------------------------------------------------------


def paragraphs(found: PlayedGame) -> list[str]:
    """What is done, given what, and how far it can be trusted."""
    case, declared = found.case, found.declared
    main = estimate(found.main)
    roles = "; ".join(f"{_who(case, player)} {_means(declared, role)}" for role, player in declared.cast.items())
    play = (
        f"{_asked(found)}, with a chance of {level_span(main, CHANCE)} in the median of {found.n:,} futures (nine of "
        f"ten), on average "
        f"{mean_span(main, CHANCE)}, {_under(found)}. This is play at one opportunity, on payoffs "
        "that are means over the dates of decision; it is no chance a year. The main model adds dates, waiting and the "
        "declared prior."
    )
    said_ = [f"{declared.means}. {declared.form.title}: {roles}.", play]
    after = [text for each in found.moves if (text := _changed(found, each.player, each.move))]
    if after:
        said_.append(f"Given that, and against all other play, on average: {'; '.join(after)}.")
    said_.append(_trust(found))
    judged = declared.judged
    if judged:
        said_.append(
            f"{len(judged)} of {len(declared.values)} quantities rest on judgements of the game's own: "
            f"{', '.join(judged)}."
        )
    bare = declared.plain
    if bare:
        said_.append(
            f"{len(bare)} more stand at 0 or 1 without a source: absent, or the unit of what is counted, which is a "
            f"judgement too: {shortened(bare, most=8)}."
        )
    return said_


def _trust(found: PlayedGame) -> str:
    others = {name: number for name, number in found.counts.items() if name not in ("ok", "several")}
    lost = "; ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in others.items()) or "none left out"
    text = f"{found.n:,} of {found.asked_for:,} futures count ({lost})."
    if found.troubles:
        text += f" {'; '.join(found.troubles)}.".replace("; `", "; `")
    several = found.several
    if several.complete and not several.share:
        return f"{text} The equilibrium is the only one, for nobody's belief depends on how others play."
    searched = f"in the {several.searched:,} futures that were searched"
    if not several.share:
        return f"{text} No second equilibrium was found {searched}; the search promises no completeness."
    return (
        f"{text} {percent(several.share)} of games have more than one equilibrium ({searched}); over those found, the "
        f"chance asked about runs from {percent(several.least)} to {percent(several.most)} on average, and by at most "
        f"{percent(several.widest)} in one future."
    )


def _asked(found: PlayedGame) -> str:
    mover = next(each.player for each in found.moves if each.move == found.declared.move)
    return f"{_who(found.case, mover)} chooses to {' or '.join(map(_plainly, found.declared.options))}"


def _under(found: PlayedGame) -> str:
    return f"under the policy “{found.case.policy(found.policy).label}”"


def _deed(found: PlayedGame) -> str:
    return f"{found.declared.move}: {' or '.join(found.declared.options)}".replace("_", " ")


def _changed(found: PlayedGame, player: str, move: str) -> str:
    """The option of another's move that what is asked about makes more likely by most."""
    each = next(m for m in found.moves if (m.player, m.move) == (player, move))
    asker = next(m.player for m in found.moves if m.move == found.declared.move)
    if not each.after or not each.otherwise or player == asker:
        return ""
    pairs = {o: (estimate(each.after[o]).mean, estimate(each.otherwise[o]).mean) for o in each.after}
    best = max(pairs, key=lambda option: pairs[option][0] - pairs[option][1])
    now, before = pairs[best]
    if now - before < NOTABLE or before == 0.0:
        return ""  # nothing turns, or the option exists only after what is asked about
    who = f"{_who(found.case, player)} ({_plainly(move)})"
    return f"{who} turns to {_plainly(best)}, {percent(now)} against {percent(before)}"


def _who(case: Case, player: str) -> str:
    return case.label(player).split(" (")[0]


def _means(declared: CaseGame, role: str) -> str:
    text = declared.form.roles[role]
    return text[0].lower() + text[1:]


def _plainly(name: str) -> str:
    return name.replace("_", " ")


# ---- tables -----------------------------------------------------------------------------------------------------


def table_of_play(found: PlayedGame) -> Table:
    """Every option of every move: how likely given that the move comes, and given what is asked about."""
    rows: list[list[str | Cell]] = []
    for each in found.moves:
        reached = estimate(each.reached)
        for place, option in enumerate(each.chances):
            after = each.after.get(option)
            rows.append(
                [
                    f"{_who(found.case, each.player)}, {_plainly(each.move)}: {_plainly(option)}",
                    percent(reached.mean) if not place else "",
                    level_span(estimate(each.chances[option]), CHANCE),
                    mean_span(estimate(each.chances[option]), CHANCE),
                    NONE if after is None or each.move == found.declared.move else level_span(estimate(after), CHANCE),
                ]
            )
    head = f"Play of {found.declared.name}, n = {found.n:,} futures: median (nine of ten futures), mean [95% interval]"
    return Table.of(
        head,
        ("Move and option", "Move comes", "Chance, given that it comes", "On average", f"Given {_deed(found)}"),
        rows,
    )


def _table_of_worth(found: PlayedGame) -> Table:
    rows = [[_who(found.case, player), _stakes(each)] for player, each in found.worth.items()]
    return Table.of(
        "What the game is worth before the first move, in stakes: median (nine of ten)", ("", "Worth"), rows
    )


def _table_of_values(found: PlayedGame, median: Median) -> Table:
    from twofront.games.build import meanings

    told = meanings(found.declared.form, found.declared.cast)
    rows: list[list[str | Cell]] = []
    for name, each in found.values.items():
        part = found.declared.values[name]
        judged = f" Judgement: {part.judgement}." if part.judgement else ""
        rows.append(
            [
                Cell(name),
                told.get(name, ""),
                f"{' '.join(part.expression.text.split())}.{judged}"
                if judged
                else " ".join(part.expression.text.split()),
                plain(round(median.values[name], 4)),
                _plain_span(estimate(each)),
            ]
        )
    return Table.of(
        "What the game's quantities stand for",
        ("Quantity", "Meaning", "Read from", "In the tree drawn", "Median (nine of ten)"),
        rows,
    )


def _plain_span(found: Estimate) -> str:
    if found.low == found.high:
        return significant(found.median, 3)
    return f"{significant(found.median, 3)} ({significant(found.low, 2)} to {significant(found.high, 2)})"


def _stakes(found: Estimate) -> str:
    return f"{stakes(found.median)} ({stakes(found.low)} to {stakes(found.high)})"


# ---- a figure ----------------------------------------------------------------------------------------------------


def draw(found: PlayedGame, median: Median | None = None, *, most_ends: int = ENDS) -> Spec:
    """The tree of the median future as Vega-Lite, with players under their labels."""
    median = median or found.median
    spec = median.picture(most_ends).spec
    labels = {player: _who(found.case, player) for player in found.game.players}
    spec = _relabelled(spec, labels)
    spec["title"] = {**spec["title"], "text": f"{found.declared.form.title}: the median future"}
    return spec


def _relabelled(part: Any, labels: Mapping[str, str]) -> Any:
    """A specification with players called by their labels, and options without underscores."""
    if isinstance(part, dict):
        return {
            key: inner if key in ("type", "field", "$schema", "fontStyle") else _relabelled(inner, labels)
            for key, inner in part.items()
        }
    if isinstance(part, list):
        return [_relabelled(inner, labels) for inner in part]
    if isinstance(part, str):
        return labels.get(part, part.replace("_", " "))
    return part


def _recoloured(part: Any) -> Any:
    """A specification with a grey for nature that is read on light and on dark ground."""
    if isinstance(part, dict):
        return {key: _recoloured(inner) for key, inner in part.items()}
    if isinstance(part, list):
        return [_recoloured(inner) for inner in part]
    return GREY if part == NATURE else part


def figure(found: PlayedGame) -> Figure:
    """The tree of the median future with chances and payoffs, and the tables of play behind it."""
    median = found.median
    spec = draw(found, median)
    # On the page's own ground: the ink of the page is light in the dark.
    del spec["background"], spec["title"]
    spec = _recoloured(spec)
    main = estimate(found.main)
    legend = "Circles and branches in the colour of who moves, diamonds nature; dashed lines join what a player cannot "
    return Figure(
        f"game-{found.declared.name}",
        f"{_asked(found)} in {percent(main.median)} of plays, in the median of futures",
        f"{found.declared.means}. Tree of the future whose chance of that is the median ({percent(median.chance)}); "
        f"n = {found.n:,} futures, {_under(found)}. Branches carry their chances, ends what they are worth in "
        f"stakes; in brackets what the game is worth to each. {legend}tell apart.",
        (
            Panel(
                "", spec, "Game tree with the chances of its branches; the tables hold the play in all futures.", True
            ),
        ),
        (table_of_play(found), _table_of_worth(found), _table_of_values(found, median)),
        "Play at one opportunity, on payoffs that are means over the dates of decision: there is no waiting for a "
        "better date, no intercept and no declared prior, so levels differ from the main model's and are no "
        "chances a year. What the payoffs leave out stands in the case beside them. Of the tree, what follows what is "
        "asked about is opened first, then what is reached most.",
        f"The case's `game` section ({found.declared.place}); form `{found.declared.form_name or 'of the case'}`, "
        f"{found.declared.form.source or 'no source given'}. Agent logit quantal response equilibrium.",
        text=tuple(paragraphs(found)[1:]),
        columns=1,
    )


def write(found: PlayedGame, folder: Path) -> list[Path]:
    """Write the play as CSV, Markdown and a page with the tree into a folder; return the paths."""
    text = paragraphs(found)
    made = figure(found)
    table = made.tables[0]
    rows = ["player,move,option,reached,mean,error,low,median,high,after_mean"]
    for each in found.moves:
        for option, chance in each.chances.items():
            e = estimate(chance)
            after = estimate(each.after[option]).mean if option in each.after else float("nan")
            numbers = (estimate(each.reached).mean, e.mean, e.error, e.low, e.median, e.high, after)
            rows.append(",".join([each.player, each.move, option, *(repr(float(x)) for x in numbers)]))
    lines = [f"# {found.declared.name}", "", *[f"{p}\n" for p in text], f"{table.caption}.", ""]
    lines += [f"| {' | '.join(table.columns)} |", "|" + "---|" * len(table.columns)]
    lines += [f"| {' | '.join(cell.text for cell in row)} |" for row in table.rows]
    kicker = f"twofront game · {found.case.name} · {found.n:,} futures" + (
        f", seed {found.seed}" if found.seed is not None else ""
    )
    page = analysis_page(_plainly(found.declared.name).capitalize(), kicker, text[:1], [made])
    paths = [folder / name for name in FILES]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, ("\n".join(rows) + "\n", "\n".join(lines) + "\n", page), strict=True):
            path.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths


def write_picture(found: PlayedGame, path: Path) -> None:
    """Write the tree of the median future as .svg, .png or .html."""
    import vl_convert

    ending = path.suffix.lower()
    if ending not in PICTURES:
        raise UserError(f"`{path}` ends in `{ending}`; a picture is {', '.join(PICTURES)}")
    spec = draw(found)
    try:
        if ending == ".png":
            path.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))  # pyright: ignore
        elif ending == ".svg":
            path.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")  # pyright: ignore
        else:
            path.write_text(vl_convert.vegalite_to_html(spec, bundle=True), encoding="utf-8")  # pyright: ignore
    except OSError as error:
        raise UserError(f"`{path}` cannot be written: {(error.strerror or str(error)).lower()}") from None
