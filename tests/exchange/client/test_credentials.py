"""Who the client is: a bearer token, a client certificate, and a server that is not trusted."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.client import (
    AsyncClient,
    AuthenticationError,
    PermissionDeniedError,
    Tls,
    UnavailableError,
)
from exchange.config import AuthConfig, NodeConfig, TlsConfig
from exchange.node import Node

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
TOKENS = {"alice": "member", "ann": "operator"}


def token_of(name: str) -> str:
    return f"{name}-token"


async def started(config: NodeConfig) -> Node:
    node = Node(config)
    await node.start()
    return node


@pytest.fixture
async def token_node(tmp_path: Path) -> AsyncIterator[Node]:
    rows = [
        f'[[token]]\nname = "{name}"\nrole = "{role}"\n'
        f'sha256 = "{hashlib.sha256(token_of(name).encode()).hexdigest()}"\n'
        for name, role in TOKENS.items()
    ]
    (tmp_path / "tokens.toml").write_text("".join(rows))
    node = await started(
        NodeConfig(
            data_dir=str(tmp_path / "data"),
            listen="127.0.0.1:0",
            auth=AuthConfig(mode="token", token_file=str(tmp_path / "tokens.toml")),
        )
    )
    yield node
    await node.stop()


async def test_a_token_says_who_calls(token_node: Node) -> None:
    async with AsyncClient(token_node.endpoint, token=token_of("ann")) as operator:
        await operator.create_member("alice")
    async with AsyncClient(token_node.endpoint, token=token_of("alice")) as member:
        assert await member.list_orders() == []
        with pytest.raises(PermissionDeniedError) as denied:
            await member.create_member("bob")
        assert denied.value.reason == "OPERATOR_REQUIRED"


async def test_without_a_valid_token_nobody_is_known(token_node: Node) -> None:
    async with AsyncClient(token_node.endpoint, token=token_of("mallory")) as guesser:
        with pytest.raises(AuthenticationError) as wrong:
            await guesser.list_members()
    async with AsyncClient(token_node.endpoint, operator="ann") as pretender:
        with pytest.raises(AuthenticationError) as none:
            await pretender.list_members()

    assert (wrong.value.reason, none.value.reason) == ("INVALID_TOKEN", "NOT_AUTHENTICATED")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the test's certificates, is not installed")
    openssl(
        tmp_path, "req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca"
    )
    for name, subject in (("node", "/CN=node"), ("ann", "/CN=operator:ann")):
        (tmp_path / "ext").write_text(
            "subjectAltName=DNS:localhost,IP:127.0.0.1\n" if name == "node" else ""
        )
        openssl(tmp_path, "req", *KEY, "-keyout", f"{name}.key", "-out", "csr", "-subj", subject)
        signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        openssl(
            tmp_path,
            "x509",
            "-req",
            "-in",
            "csr",
            *signer,
            "-extfile",
            "ext",
            "-out",
            f"{name}.pem",
        )
    return tmp_path


@pytest.fixture
async def tls_node(certificates: Path) -> AsyncIterator[Node]:
    node = await started(
        NodeConfig(
            data_dir=str(certificates / "data"),
            listen="127.0.0.1:0",
            tls=TlsConfig(
                certificate_file=str(certificates / "node.pem"),
                key_file=str(certificates / "node.key"),
                client_ca_file=str(certificates / "ca.pem"),
            ),
        )
    )
    yield node
    await node.stop()


async def test_a_certificate_says_who_calls(tls_node: Node, certificates: Path) -> None:
    tls = Tls(
        (certificates / "ca.pem").read_bytes(),
        (certificates / "ann.key").read_bytes(),
        (certificates / "ann.pem").read_bytes(),
    )
    async with AsyncClient(tls_node.endpoint, tls=tls) as operator:
        await operator.create_member("alice")
        switch = await operator.list_members()

    assert [row.name for row in switch] == ["alice"]


async def test_a_cluster_at_addresses_is_reached_over_tls(
    tls_node: Node, certificates: Path
) -> None:
    """Certificates are for an address; the channel's target is a list of them."""
    tls = Tls(
        (certificates / "ca.pem").read_bytes(),
        (certificates / "ann.key").read_bytes(),
        (certificates / "ann.pem").read_bytes(),
    )
    async with AsyncClient([tls_node.endpoint, "127.0.0.1:1"], tls=tls, timeout=5) as operator:
        assert await operator.list_members() == []


async def test_the_certificate_is_for_the_name_that_was_asked_for(
    tls_node: Node, certificates: Path
) -> None:
    tls = Tls(
        (certificates / "ca.pem").read_bytes(),
        (certificates / "ann.key").read_bytes(),
        (certificates / "ann.pem").read_bytes(),
    )
    port = tls_node.endpoint.rpartition(":")[2]
    async with AsyncClient(f"localhost:{port}", tls=tls) as operator:
        assert await operator.list_members() == []


async def test_without_a_certificate_there_is_no_connection(
    tls_node: Node, certificates: Path
) -> None:
    trusting = Tls((certificates / "ca.pem").read_bytes())
    async with AsyncClient(tls_node.endpoint, tls=trusting, timeout=0.5) as client:
        with pytest.raises(UnavailableError):
            await client.list_members()


async def test_a_server_that_is_not_trusted_is_not_talked_to(
    tls_node: Node, certificates: Path
) -> None:
    tls = Tls(
        None, (certificates / "ann.key").read_bytes(), (certificates / "ann.pem").read_bytes()
    )
    async with AsyncClient(tls_node.endpoint, tls=tls, timeout=0.5) as client:
        with pytest.raises(UnavailableError):
            await client.create_member("alice")
