"""One future from end to end: the path without war, what wars would bring, what players choose, what follows."""

from twofront.future.model import STATUSES, FutureModel, Results

__all__ = ["STATUSES", "FutureModel", "Results"]
