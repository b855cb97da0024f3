"""Identities are made once, readable by their owner only, and prove who is who over real TLS."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from cli.pki import MEMBER, NODE, OPERATOR, PkiError, init, issue, show
from tests.cli.conftest import run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def context(kind: int, directory: Path, name: str, authority: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(kind)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_cert_chain(directory / f"{name}.pem", directory / f"{name}.key")
    made.load_verify_locations(authority)
    return made


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> Any:
    """The client's certificate as the server sees it; the server's error if it refuses."""
    left, right = socket.socketpair()
    seen: list[Any] = []

    def serve() -> None:
        try:
            with server.wrap_socket(left, server_side=True) as link:
                link.recv(1)
                seen.append(link.getpeercert())
        except ssl.SSLError as error:
            seen.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(right) as link:
            link.sendall(b"x")
    except (ssl.SSLError, OSError) as error:
        seen.append(error)
    thread.join(10)
    return seen[0]


def test_nodes_prove_their_names_to_each_other(tmp_path: Path) -> None:
    init(tmp_path / "pki", ["n1", "n2"])
    pki = tmp_path / "pki"
    server = context(ssl.PROTOCOL_TLS_SERVER, pki, "n1", pki / "ca.pem")
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki, "n2", pki / "ca.pem")
    assert ("URI", "node:n2") in shake_hands(server, client)["subjectAltName"]


def test_the_identity_of_another_cluster_is_refused(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    init(ours, ["n1"])
    init(theirs, ["n2"])
    server = context(ssl.PROTOCOL_TLS_SERVER, ours, "n1", ours / "ca.pem")
    client = context(ssl.PROTOCOL_TLS_CLIENT, theirs, "n2", ours / "ca.pem")
    assert isinstance(shake_hands(server, client), ssl.SSLError)


def test_keys_are_readable_by_their_owner_only_and_never_written_over(tmp_path: Path) -> None:
    pki = tmp_path / "pki"
    init(pki, ["n1"])
    keys = sorted(path.name for path in pki.glob("*.key"))
    assert keys == ["ca.key", "n1.key", "operator.key"]
    assert {mode(path) for path in pki.glob("*.key")} == {0o600}
    assert mode(pki) == 0o700
    before = (pki / "n1.key").read_bytes()
    with pytest.raises(PkiError, match="is not empty"):
        init(pki, ["n1"])
    with pytest.raises(PkiError, match="there already"):
        issue(pki, NODE, "n1")
    assert (pki / "n1.key").read_bytes() == before


@pytest.mark.parametrize("names", [["n1", "n1"], ["n1", "operator"], ["ca"]])
def test_names_that_collide_are_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(PkiError, match="must differ"):
        init(tmp_path / "pki", names)


def test_roles_are_in_the_name_and_no_one_outlives_the_authority(tmp_path: Path) -> None:
    pki = tmp_path / "pki"
    init(pki, ["n1"], days=10)
    issue(pki, MEMBER, "alice", days=3000)
    found = {one.path.stem: one for one in show(pki)}
    assert next(iter(found)) == "ca"
    assert found["alice"].names == ("member:alice",)
    assert found["operator"].names == (f"{OPERATOR}:operator",)
    assert found["n1"].names == ("node:n1", "127.0.0.1")
    assert found["alice"].not_after == found["ca"].not_after
    assert [one.is_authority for one in found.values()].count(True) == 1
    late = dt.datetime.now(dt.UTC) + dt.timedelta(days=12)
    assert found["n1"].days_left(late) < 0


def test_exctl_makes_and_shows_them(tmp_path: Path) -> None:
    pki = tmp_path / "pki"
    made = run("pki", "init", str(pki), "--nodes", "a,b", "--days", "20")
    assert made.exit_code == 0, made.output
    assert "expires in 19 days" in made.stderr
    again = run("pki", "init", str(pki))
    assert (again.exit_code, "is not empty" in again.stderr) == (1, True)
    issued = run("pki", "issue", str(pki), "node", "c", "--address", "10.0.0.3")
    assert issued.exit_code == 0, issued.output
    shown = run("-o", "json", "pki", "show", str(pki))
    rows = {row["subject"]: row for row in json.loads(shown.stdout)["identities"]}
    assert set(rows) == {
        "lockstep cluster authority",
        "node:a",
        "node:b",
        "node:c",
        "operator:operator",
    }
    assert rows["node:c"]["names"] == "node:c 10.0.0.3"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("init", "{dir}", "--nodes", "N 1"), 2, "must be 1 to 32"),
        (("show", "{dir}"), 1, "has no certificates"),
        (("issue", "{dir}", "node", "n1"), 1, "cannot be read"),
        (("init", "{dir}", "--address", "nowhere"), 2, "nowhere"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    result = run("pki", *(one.format(dir=tmp_path / "d") for one in arguments))
    assert result.exit_code == code, result.output
    assert told in result.stderr


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "n1.pem").write_text("nonsense", "utf-8")
    with pytest.raises(PkiError, match=r"n1\.pem cannot be read as a certificate"):
        show(tmp_path)
