"""The JSON Schema that editors get accepts what the check accepts."""

import json

import pytest
from jsonschema import Draft202012Validator

from twofront.case import bundled_cases
from twofront.case.schema import json_schema
from twofront.case.tree import read_tree


@pytest.mark.parametrize("name", sorted(bundled_cases()))
@pytest.mark.parametrize("file", ["case", "claims"])
def test_bundled_cases_fit_the_schema(name: str, file: str) -> None:
    text = (bundled_cases()[name] / f"{file}.yaml").read_text(encoding="utf-8")
    tree, faults = read_tree(text, file)
    assert not faults
    schema = json_schema("case" if file == "case" else "claims")
    Draft202012Validator.check_schema(schema)
    content = json.loads(json.dumps(tree.value))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(content)] == []
