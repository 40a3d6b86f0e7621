"""One future from end to end: the path without war, what wars would bring, what players choose, what follows."""

from twofront.future.kernels import Preparation
from twofront.future.model import FutureModel, Results
from twofront.future.reported import STATUSES

__all__ = ["STATUSES", "FutureModel", "Preparation", "Results"]
