"""Endpoints become one gRPC target, or are refused by name."""

from __future__ import annotations

import pytest

from exchange.client.endpoints import parse_endpoints, target_of


def test_endpoints_are_split_and_doubles_dropped() -> None:
    assert parse_endpoints("a:1, b:2,a:1") == ("a:1", "b:2")
    assert parse_endpoints(["a:1", "b:2"]) == ("a:1", "b:2")


@pytest.mark.parametrize("text", ["", "a", "a:", ":1", "a:x", "a:0", "a:65536", "a:1,,b:2"])
def test_a_wrong_endpoint_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        parse_endpoints(text)


@pytest.mark.parametrize(
    ("endpoints", "target"),
    [
        (["127.0.0.1:1"], "ipv4:127.0.0.1:1"),
        (["localhost:1", "127.0.0.2:2"], "ipv4:127.0.0.1:1,127.0.0.2:2"),
        (["[::1]:1"], "ipv6:[::1]:1"),
        (["exchange.example:7001"], "dns:///exchange.example:7001"),
    ],
)
def test_targets(endpoints: list[str], target: str) -> None:
    assert target_of(endpoints) == target


def test_mixed_families_are_refused() -> None:
    with pytest.raises(ValueError, match="mix IPv4 and IPv6"):
        target_of(["127.0.0.1:1", "[::1]:1"])
