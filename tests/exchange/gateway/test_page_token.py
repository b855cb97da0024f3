"""Page tokens: what was encoded comes back, what was not is refused, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exchange.errors import ClientFault
from exchange.gateway.page_token import (
    PAGE_SIZE_MAX,
    decode_page_token,
    encode_page_token,
    page_size,
)

FILTERS = st.tuples(st.integers(0, 9), st.text(max_size=8), st.booleans())


@given(st.integers(1, (1 << 64) - 1), FILTERS)
def test_token_comes_back(after: int, filters: tuple[object, ...]) -> None:
    assert decode_page_token(encode_page_token(after, *filters), *filters) == after


@given(st.integers(1, 99), FILTERS, FILTERS)
def test_token_of_other_filters_is_refused(
    after: int, filters: tuple[object, ...], others: tuple[object, ...]
) -> None:
    assume(filters != others)

    with pytest.raises(ClientFault, match="page_token"):
        decode_page_token(encode_page_token(after, *filters), *others)


@given(st.text(min_size=1))
def test_any_other_text_is_refused(token: str) -> None:
    assume(len(token) != 16)  # the length of a real one

    with pytest.raises(ClientFault, match="page_token"):
        decode_page_token(token, "list")


def test_page_size_has_a_default_and_a_bound() -> None:
    assert (page_size(0), page_size(7), page_size(PAGE_SIZE_MAX)) == (100, 7, 1000)
    with pytest.raises(ClientFault, match="page_size"):
        page_size(PAGE_SIZE_MAX + 1)
