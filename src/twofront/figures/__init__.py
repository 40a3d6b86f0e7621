"""Sourced figures: rows of evidence, what they measure, arithmetic over them, and from several to a range."""

from twofront.figures.expression import Amount, Expression, ExpressionError, amount_of, parse, resolver
from twofront.figures.measures import Measure, UnknownUnit, measure_of, words_of
from twofront.figures.pool import WEIGHTS, Range, Statement, pool, weighted_median
from twofront.figures.row import GRADES, At, Evidence, at, central_of

__all__ = [
    "GRADES",
    "WEIGHTS",
    "Amount",
    "At",
    "Evidence",
    "Expression",
    "ExpressionError",
    "Measure",
    "Range",
    "Statement",
    "UnknownUnit",
    "amount_of",
    "at",
    "central_of",
    "measure_of",
    "parse",
    "pool",
    "resolver",
    "weighted_median",
    "words_of",
]
