"""Where a case's numbers come from, what contradicts them, and what uses them."""

from __future__ import annotations

from twofront.evidence.citations import Citation, citations
from twofront.evidence.comparison import Conflict, NotComparable, compare
from twofront.evidence.inquiry import Inquiry, inquire
from twofront.evidence.provenance import Provenance, Source, provenance, provenance_of
from twofront.evidence.table import Age, EvidenceTable, WeakCarrier, cutoff_of, open_evidence

__all__ = [
    "Age",
    "Citation",
    "Conflict",
    "EvidenceTable",
    "Inquiry",
    "NotComparable",
    "Provenance",
    "Source",
    "WeakCarrier",
    "citations",
    "compare",
    "cutoff_of",
    "inquire",
    "open_evidence",
    "provenance",
    "provenance_of",
]
