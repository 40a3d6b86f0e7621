"""Where a case's numbers come from, what contradicts them, and what uses them."""

from __future__ import annotations

from twofront.evidence.provenance import Provenance, Source, provenance

__all__ = ["Provenance", "Source", "provenance"]
