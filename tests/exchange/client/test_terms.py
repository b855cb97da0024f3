"""Terms of special orders, from what people write to what goes over the wire."""

from __future__ import annotations

import pytest

from exchange.api.v1 import common_pb2 as pb
from exchange.client import Terms, new_order, replace_order
from exchange.client.terms import ord_type_of, peg_of
from exchange.model.enums import OrdType, PegType


def test_every_term_reaches_its_field() -> None:
    terms = Terms(
        stop="10.50",
        trail="0.05",
        peg="midpoint",
        offset="-0.01",
        cap="10.25",
        display="1.5",
        min_qty="0.25",
        stp_group=3,
        oco="a1",
    )

    assert terms.order_terms(2) == pb.OrderTerms(
        stop_price=10_500_000_000,
        trail=50_000_000,
        trail_unit=pb.TRAIL_UNIT_PRICE,
        peg=pb.PEG_TYPE_MIDPOINT,
        peg_offset=-10_000_000,
        peg_limit=10_250_000_000,
        display_qty=150,
        min_qty=25,
        stp_group=3,
        oco_cl_ord_id="a1",
    )


def test_a_trail_in_basis_points_is_no_price() -> None:
    assert Terms(trail="50bp").order_terms() == pb.OrderTerms(
        trail=50, trail_unit=pb.TRAIL_UNIT_BASIS_POINTS
    )


def test_an_offset_of_zero_is_a_change_and_no_offset_is_none() -> None:
    assert Terms(offset=0).changed_terms().HasField("peg_offset")
    assert not Terms(cap="9.90").changed_terms().HasField("peg_offset")


@pytest.mark.parametrize(
    "terms", [Terms(peg="primary"), Terms(min_qty=5), Terms(stp_group=1), Terms(oco="a1")]
)
def test_what_no_replace_changes_is_refused_before_it_is_sent(terms: Terms) -> None:
    with pytest.raises(ValueError, match="a replace changes only"):
        terms.changed_terms()


def test_a_scale_is_needed_for_decimal_quantities_only() -> None:
    assert Terms(display="5").needs_scale()
    assert Terms(min_qty="5").needs_scale()
    assert not Terms(display=5, stop="10.50", trail="50bp").needs_scale()


def test_floats_and_unknown_words_are_refused() -> None:
    with pytest.raises(TypeError):
        Terms(stop=10.5).order_terms()  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must be one of"):
        ord_type_of("stopp")
    with pytest.raises(ValueError, match="must be one of"):
        peg_of("middle")


def test_commands_carry_type_and_terms() -> None:
    order = new_order("ABC", "sell", 10, ord_type="stop", terms=Terms(stop="9.50").order_terms())
    replace = replace_order("a1", terms=Terms(stop="9.60").changed_terms())

    assert (int(order.ord_type), order.price) == (OrdType.STOP.value, 0)
    assert order.terms.stop_price == 9_500_000_000
    assert replace.terms.stop_price == 9_600_000_000
    assert not new_order("ABC", "sell", 10).HasField("terms")
    assert ord_type_of("Trailing-Stop") is OrdType.TRAILING_STOP
    assert peg_of("MARKET") is PegType.MARKET
