"""Who calls: open metadata, tokens, client certificates; and what each may do."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio

from exchange.api.v1 import admin_service_pb2 as admin
from exchange.api.v1 import cluster_service_pb2 as cluster
from exchange.api.v1 import market_data_service_pb2 as market_data
from exchange.api.v1 import order_service_pb2 as orders
from exchange.config import AuthConfig, TlsConfig
from exchange.errors import OperatorFault
from exchange.gateway.auth import (
    CertificateAuthenticator,
    OpenAuthenticator,
    build_authenticator,
    read_token_file,
)
from exchange.gateway.principal import NOBODY, Principal
from tests.exchange.gateway.venue import M1, M2, OPERATOR, Venue, limit, refused

MEMBER_PROOF = "of the member"
OPERATOR_PROOF = "of the operator"


def _submit(venue: Venue, metadata: Any) -> Any:
    request = orders.SubmitOrderRequest(order=limit("a1", "buy", 1, 10))
    return venue.orders.SubmitOrder(request, metadata=metadata)


def _bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def _token_file(folder: Path) -> Path:
    path = folder / "tokens.toml"
    rows = (("m1", "member", MEMBER_PROOF), ("ann", "operator", OPERATOR_PROOF))
    path.write_text(
        "\n".join(
            f'[[token]]\nname = "{name}"\nrole = "{role}"\n'
            f'sha256 = "{hashlib.sha256(token.encode()).hexdigest()}"\n'
            for name, role, token in rows
        )
    )
    return path


@pytest.mark.parametrize(
    ("metadata", "is_operator_call", "expected"),
    [
        ({}, False, Principal(operator="local")),
        ({}, True, Principal(operator="local")),
        ({"lockstep-member": "m1"}, False, Principal(member="m1")),
        ({"lockstep-member": "m1"}, True, Principal(member="m1", operator="local")),
        ({"lockstep-operator": "op"}, False, Principal(operator="op")),
        (
            {"lockstep-operator": "op", "lockstep-member": "m1"},
            False,
            Principal(member="m1", operator="op"),
        ),
    ],
)
def test_open_mode_believes_the_metadata(
    metadata: dict[str, str], is_operator_call: bool, expected: Principal
) -> None:
    found = OpenAuthenticator().principal(metadata, {}, is_operator_call=is_operator_call)

    assert found == expected


@pytest.mark.parametrize(
    ("metadata", "code", "reason"),
    [
        (OPERATOR, "PERMISSION_DENIED", "MEMBER_REQUIRED"),
        ((), "PERMISSION_DENIED", "MEMBER_REQUIRED"),
        ((("lockstep-member", "nix"),), "PERMISSION_DENIED", "UNKNOWN_PRINCIPAL"),
        ((("lockstep-member", "a b"),), "UNAUTHENTICATED", "INVALID_PRINCIPAL"),
        ((("lockstep-member", "x" * 33),), "UNAUTHENTICATED", "INVALID_PRINCIPAL"),
    ],
)
async def test_orders_need_a_known_member(
    venue: Venue, metadata: Any, code: str, reason: str
) -> None:
    got = await refused(_submit(venue, metadata))
    session = venue.orders.OrderSession(metadata=metadata)
    on_stream = await refused(session)

    assert (got.code, got.reason) == (grpc.StatusCode[code], reason)
    assert (on_stream.code, on_stream.reason) == (got.code, got.reason)


async def test_member_reads_its_own_only(venue: Venue) -> None:
    calls = [
        venue.orders.GetOrder(orders.GetOrderRequest(order_id=1, member="m1"), metadata=M2),
        venue.orders.ListOrders(orders.ListOrdersRequest(member="m1"), metadata=M2),
        venue.orders.GetPositions(orders.GetPositionsRequest(member="m1"), metadata=M2),
        venue.orders.SubscribeExecutions(
            orders.SubscribeExecutionsRequest(member="m1"), metadata=M2
        ),
    ]
    for call in calls:
        got = await refused(call)
        assert (got.code, got.reason) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_YOURS")
    unknown = orders.ListOrdersRequest(member="nix")
    got = await refused(venue.orders.ListOrders(unknown, metadata=OPERATOR))
    assert (got.code, got.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_MEMBER")


async def test_tokens_decide_who_may_do_what(tmp_path: Path) -> None:
    auth = AuthConfig(mode="token", token_file=str(_token_file(tmp_path)))
    async with Venue(auth=auth, stock=False) as venue:
        status = await venue.cluster.GetStatus(cluster.GetStatusRequest())
        assert status.auth_mode == "token"
        create = admin.CreateMemberRequest(request_id="r1", name="m1")
        for metadata, code, reason in (
            ((), "UNAUTHENTICATED", "NOT_AUTHENTICATED"),
            (OPERATOR, "UNAUTHENTICATED", "NOT_AUTHENTICATED"),
            (_bearer("wrong"), "UNAUTHENTICATED", "INVALID_TOKEN"),
            (_bearer(""), "UNAUTHENTICATED", "INVALID_TOKEN"),
            ((("authorization", "Basic x"),), "UNAUTHENTICATED", "INVALID_TOKEN"),
            (_bearer(MEMBER_PROOF), "PERMISSION_DENIED", "OPERATOR_REQUIRED"),
        ):
            got = await refused(venue.admin.CreateMember(create, metadata=metadata))
            assert (got.code, got.reason) == (grpc.StatusCode[code], reason)
        got = await refused(_submit(venue, M1))
        assert got.reason == "NOT_AUTHENTICATED"
        got = await refused(venue.orders.ListOrders(orders.ListOrdersRequest(), metadata=M1))
        assert got.reason == "NOT_AUTHENTICATED"

        await venue.admin.CreateMember(create, metadata=_bearer(OPERATOR_PROOF))
        response = await _submit(venue, _bearer(MEMBER_PROOF))
        assert len(response.reports) == 1


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[[token", "is not TOML"),
        ('[[token]]\nname = "m1"\nrole = "god"\nsha256 = "00"', "role"),
        ('[[token]]\nname = "m1"\nrole = "member"\nsha256 = "00"', "sha256"),
        (f'[[token]]\nname = "a b"\nrole = "member"\nsha256 = "{"0" * 64}"', "is not a name"),
        ('[[token]]\nname = "m1"\nrole = "member"\ntoken = "plain"', "unknown field `token`"),
    ],
)
def test_bad_token_file_is_refused_by_name(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "tokens.toml"
    path.write_text(text)

    with pytest.raises(OperatorFault, match=wrong):
        read_token_file(path)
    with pytest.raises(OperatorFault, match="No such file"):
        read_token_file(tmp_path / "nix.toml")


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ({}, NOBODY),
        ({"x509_common_name": [b"member:m1"]}, Principal(member="m1")),
        ({"x509_common_name": [b"m1"]}, NOBODY),
        ({"x509_common_name": [b"member:a b"]}, NOBODY),
        (
            {
                "x509_subject_alternative_name": [b"host.example", b"operator:ann"],
                "x509_common_name": [b"member:m1"],
            },
            Principal(operator="ann"),
        ),
        ({"x509_subject_alternative_name": [b"\xff:\xff"]}, NOBODY),
    ],
)
def test_certificate_names_its_principal(peer: dict[str, list[bytes]], expected: Principal) -> None:
    metadata = {"lockstep-member": "m2", "lockstep-operator": "op"}
    found = CertificateAuthenticator().principal(metadata, peer, is_operator_call=True)

    assert found == expected


def test_open_metadata_is_never_believed_where_certificates_are_asked_for() -> None:
    authenticator = build_authenticator("open", "", has_client_ca=True)

    assert authenticator.mode == "certificate"
    found = authenticator.principal({"lockstep-member": "m1"}, {}, is_operator_call=False)
    assert found == NOBODY


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _certificates(folder: Path) -> None:
    subject_of = {"server": "/CN=localhost", "m1": "/CN=member:m1", "ann": "/CN=operator:ann"}
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca")
    (folder / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    for name, subject in subject_of.items():
        _openssl(folder, "req", *key, "-keyout", f"{name}.key", "-out", "csr", "-subj", subject)
        extensions = ("-extfile", "ext") if name == "server" else ()
        signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        _openssl(folder, "x509", "-req", "-in", "csr", *signer, "-out", f"{name}.pem", *extensions)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
async def test_client_certificate_is_the_principal(tmp_path: Path) -> None:
    _certificates(tmp_path)
    tls = TlsConfig(
        certificate_file=str(tmp_path / "server.pem"),
        key_file=str(tmp_path / "server.key"),
        client_ca_file=str(tmp_path / "ca.pem"),
    )

    def channel(venue: Venue, name: str) -> aio.Channel:
        authority = (tmp_path / "ca.pem").read_bytes()
        files = (f"{name}.key", f"{name}.pem") if name else ()
        pair = [(tmp_path / file).read_bytes() for file in files]
        credentials = grpc.ssl_channel_credentials(authority, *pair)
        return aio.secure_channel(f"localhost:{venue.server.port}", credentials)

    async with Venue(tls=tls) as venue:
        venue.connect(channel(venue, "ann"))
        await venue.set_up()
        await venue.channel.close()
        venue.connect(channel(venue, "m1"))
        response = await _submit(venue, M2)  # the metadata does not count
        assert response.reports[0].account == "m1"
        got = await refused(venue.admin.ListMembers(admin.ListMembersRequest()))
        assert got.reason == "OPERATOR_REQUIRED"
        await venue.channel.close()
        venue.connect(channel(venue, ""))
        with pytest.raises(aio.AioRpcError) as caught:
            await venue.market_data.GetOrderBook(market_data.GetOrderBookRequest(symbol="ABC"))
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_unreadable_tls_files_are_refused_by_key(tmp_path: Path) -> None:
    from exchange.gateway.server import _pem  # noqa: PLC0415 - the one private name this file needs

    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(OperatorFault, match=r"tls\.key_file .* cannot be read"):
        _pem("tls.key_file", str(tmp_path / "nix"))
    with pytest.raises(OperatorFault, match=r"tls\.key_file .* is not a PEM file"):
        _pem("tls.key_file", str(tmp_path / "x.pem"))
