"""Reading through libyaml gives what the parser in Python gives, place by place."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twofront.case import bundled_cases
from twofront.case.tree import read_tree

FILES = [folder / name for folder in bundled_cases().values() for name in ("case.yaml", "claims.yaml")]


def assert_same(text: str) -> None:
    """Both ways give the same values and places; libyaml lets pass a few things that YAML 1.2 does not (`>-#`)."""
    quick, faults = read_tree(text, "x")
    slow, expected = read_tree(text, "x", quick=False)
    if expected and not faults:
        return
    assert faults == expected, text
    assert repr(quick.value) == repr(slow.value), text
    assert quick.keys == slow.keys, text
    assert quick.values == slow.values, text


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_bundled_cases_are_read_alike(path: Path) -> None:
    assert_same(path.read_text(encoding="utf-8"))


TEXTS = [
    ">-\n#",
    "# c\n---\n|\n# not a comment\n",
    "a: 1",
    "a: 1\n\n# comment\nb:\n  c: two words  # comment\n",
    "a:\n- 1\n- 2\nb: 3",
    "a:\n  - b: 1\n    c: 2\n  - d: 3",
    "a:\n  - - 1\n    - 2\n  - []",
    "a: {b: 1, c: [x, y z], d: 'it''s', e: \"q\"}  # end",
    "a: {b: 1,\n    c: two\n      words, # comment\n    d: 3}",
    "a:\n  {b: 1}",
    "a:\n  long text\n  over lines",
    "a: long text\n  over lines\n  and more\nb: 1",
    "a: >-\n  folded\n  text\n\nb: 1",
    "a: >\n  folded\n  text\nb: 1",
    "a: -5\nb: -.5\nc: http://x/y#z\nd: x:y\ne: 50 %",
    "a: no\nb: 1e6\nc: 0x1F\nd: 2025-07-01\ne: ~\nf: .5\ng: 1_000",
    "a: {}\nb: []\nc: [a, ]",
    "a: 'x' # y\nb: \"\"",
    "1: x\ntrue: y",
    "a: b\r\nc:\r\n  - d\r\n",
    "a:\nb:\n  c:",
    "a: # c",
    "",
    "text",
    "- a",
    " a: 1",
    "a: &x 1",
    "a: *x",
    "a: &x {b: 1, c: [2]}\nd: *x\ne: {<<: *x, b: 3}",
    "a: &x\n  b: 1\nd:\n  <<: *x\n  c: 2\ne:\n  - *x\n  - <<: [*x, {b: 2}]",
    "a: &x-y_1 text\nb: [*x-y_1, *x-y_1 ]",
    "a: &x text\nb: &x other\nc: *x",
    "a: &x [*x]",
    "a: &x\nb: *x",
    "a: &x,1 2\nb: *x,1",
    "a: &é 1\nb: *é",
    "a: [&x 1, *x]\n*x : 2",
    "a: &x &y 1",
    "a: &x *x",
    "&x a: 1\nb: *x",
    "&x {a: 1}",
    "a: !x 1",
    "a: 1\na: 2",
    "a: {b: 1, b: 2}",
    "a:\n\tb: 1",
    "a: b: c",
    "a: [b: c]",
    "a: {b}",
    "a: {b: }",
    "a: {b: 1",
    "a: [1",
    'a: "x\\n"',
    'a: "x',
    "a: 'x\n  y'",
    "---\na: 1",
    "a: 1\n...",
    "a: |\n  x",
    "a: >-\n  x\n    y",
    "a: >-\n  x\n\n  y",
    "a: @x",
    "a: %x",
    "a: - x",
    "a: ? x",
    '"a": 1',
    "<<: {a: 1}",
    "a b: 1",
    "a: 1\n  b: 2",
    "a:\n  b: 1\n c: 2",
    "a: x\n\n  y",
    "a: x # c\n  y",
    "a: {b: 1} x",
    "a: {b: 1,\nc: 2}",
    "a: {b: why? x}",
    "a: x\x07",
    "a: x\u2028y",
]


@pytest.mark.parametrize("text", TEXTS)
def test_both_ways_read_alike(text: str) -> None:
    assert_same(text)


SIGNS = "abc:-\n {}[],#'\"?\t~é%"
MARKS = ["&x", "*x", "&x ", "*x ", "!t", "<<"]
PARTS = [": ", "- ", "\n  ", "\n    ", ", ", " # c", ">-", "1.5e3", "-2", "no", "---", "a: ", *MARKS]
PIECES = st.sampled_from([*SIGNS, *PARTS])


@settings(max_examples=1000)
@given(st.lists(PIECES, max_size=24).map("".join))
def test_both_ways_agree_on_anything(text: str) -> None:
    assert_same(text)
    assert_same("a: " + text)
    assert_same("k:\n  a: {b: " + text)


KEYS = st.sampled_from(["a", "b", "low", "x.y", "k-1", "n0"])
WORDS = st.text("abc 0.-e:#,'\"{}[]?", min_size=1, max_size=12)


def blocks(depth: int = 3) -> st.SearchStrategy[str]:
    """Random layouts of mappings and lists, most of them right."""

    def mapping(entries: list[tuple[str, str]]) -> str:
        return "\n".join(f"{key}:\n  " + value.replace("\n", "\n  ") for key, value in entries)

    def listing(entries: list[str]) -> str:
        return "\n".join("- " + value.replace("\n", "\n  ") for value in entries)

    if not depth:
        named = st.sampled_from(["&x one", "*x", "&y {a: 1}", "*y", "{<<: *y, b: 2}", "&z\na: 1", "[*x, *y ]"])
        return WORDS | st.just("{a: 1, b: [x y, 'z']}") | st.just("one\ntwo") | st.just(">-\n  one\n  two") | named
    inner = blocks(depth - 1)
    pairs = st.lists(st.tuples(KEYS, inner), min_size=1, max_size=3, unique_by=lambda pair: pair[0])
    return inner | pairs.map(mapping) | st.lists(inner, min_size=1, max_size=3).map(listing)


@settings(max_examples=400)
@given(blocks())
def test_both_ways_agree_on_layouts(text: str) -> None:
    assert_same(text)
    assert_same("top:\n  " + text.replace("\n", "\n  "))
    assert_same("top: " + text.replace("\n", "\n  "))


def test_places() -> None:
    tree, faults = read_tree("a:\n  b: {c: [1, 22]}\n", "x")
    assert not faults
    assert tree.at("a", "b", "c", 1) == (2, 14)
    assert tree.key_at("a", "b", "c") == (2, 7)
    assert tree.at("a", "b", "nothing") == (2, 6)


def test_merge_keys_give_way_to_what_is_written() -> None:
    tree, faults = read_tree("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 5}\n", "x")
    assert not faults
    assert isinstance(tree.value, dict)
    assert tree.value["c"] == {"x": 5, "y": 2, "z": 4}
