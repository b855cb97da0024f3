"""The numbers of the public API equal those of the model, which are those of the log."""

from __future__ import annotations

import re
from enum import IntEnum, IntFlag

import pytest

from exchange.api.v1 import common_pb2
from exchange.model import enums
from exchange.model.reject import RejectReason


def _model_kinds() -> list[type[IntEnum | IntFlag]]:
    found = [
        kind
        for kind in vars(enums).values()
        if isinstance(kind, type)
        and issubclass(kind, (IntEnum, IntFlag))
        and kind not in {IntEnum, IntFlag}
    ]
    return [*found, RejectReason]


def _prefix(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"


@pytest.mark.parametrize("kind", _model_kinds(), ids=lambda kind: kind.__name__)
def test_api_enum_has_the_names_and_numbers_of_the_model(kind: type[IntEnum]) -> None:
    """STYLE point 12: numbers never change; zero means "not given" and is no member."""
    prefix = _prefix(kind.__name__)
    api = common_pb2.DESCRIPTOR.enum_types_by_name[kind.__name__]

    expected = {f"{prefix}{member.name}": member.value for member in kind}
    expected[f"{prefix}UNSPECIFIED"] = 0
    assert {value.name: value.number for value in api.values} == expected


def test_no_api_enum_stands_apart_from_the_model() -> None:
    """Liquidity alone is a word of the reports (FIX 851), the log tells the aggressor's side."""
    names = {kind.__name__ for kind in _model_kinds()} | {"Liquidity"}

    assert set(common_pb2.DESCRIPTOR.enum_types_by_name) == names
