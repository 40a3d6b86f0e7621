"""Every example of `docs/claims.md` works where a newcomer would put it: in `claims.yaml`, and nothing else edited."""

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from twofront.audit.cards import Audit, claims
from twofront.audit.verdict import NEEDS_RUN, NOT_CHECKABLE
from twofront.case import bundled_cases
from twofront.case.claim import MODEL_KINDS, Kind

PAGE = (Path(__file__).parents[3] / "docs" / "claims.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(- id: .*?)```", PAGE, re.DOTALL)
KINDS = [str(re.search(r"^  kind: (\w+)$", text, re.MULTILINE)[1]) for text in EXAMPLES]  # pyright: ignore[reportOptionalSubscript]
EXPECTED = {
    "ratio": "mixed",
    "level": "supported",
    "trend": "supported",
    "conditional_chance": "contradicted",
    "fact": "supported",
    "not_checkable": NOT_CHECKABLE,
}
"""What can be worked out by hand; the rest hangs on the model."""


def with_examples(folder: Path) -> Path:
    """A copy of the invented case in whose `claims.yaml` the examples stand below the claims that are there."""
    copy = folder / "case"
    shutil.copytree(bundled_cases()["two-straits"], copy)
    path = copy / "claims.yaml"
    indented = ["".join(f"  {line}" for line in text.splitlines(keepends=True)) for text in EXAMPLES]
    path.write_text(path.read_text(encoding="utf-8") + "".join(indented), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return claims(with_examples(tmp_path_factory.mktemp("examples")), futures=200)


def test_there_is_one_of_each_kind() -> None:
    assert sorted(KINDS) == sorted(get_args(Kind))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_example_gets_a_verdict(kind: str, audited: Audit) -> None:
    id_ = re.search(r"- id: (\w+)", EXAMPLES[KINDS.index(kind)])
    assert id_ is not None
    card = audited.card(id_[1])
    assert card.claim.kind == kind
    assert card.verdict.word != NEEDS_RUN
    assert card.verdict.word == EXPECTED.get(kind, card.verdict.word)
    assert card.verdict.is_given == (kind != "not_checkable")
    if kind in MODEL_KINDS:
        assert card.verdict.n == 200
        assert card.verdict.confidence


def test_without_futures_only_the_model_waits(tmp_path: Path) -> None:
    for card in claims(with_examples(tmp_path)).cards:
        assert (card.verdict.word == NEEDS_RUN) == (card.claim.kind in MODEL_KINDS)
