"""How callers prove who they are: open metadata, bearer tokens, client certificates.

Room: metadata and TLS facts into a `Principal`; what it may do is `principal.py`.

| mode        | proof                                            | where                           |
|-------------|--------------------------------------------------|---------------------------------|
| open        | `lockstep-member` / `lockstep-operator` metadata | loopback only (config.py)       |
| token       | `authorization: Bearer TOKEN`                    | `auth.token_file`               |
| certificate | `member:NAME` / `operator:NAME` in SAN or CN     | `tls.client_ca_file`            |

In open mode the metadata is believed, and a call that needs an operator and names none is made by
operator "local". With a client CA the metadata of open mode is never believed. Where both token and
certificate are given, the token counts.

Token file (TOML; keep it readable by the node only; two entries may share a name, so that tokens
can be changed without a gap):

    [[token]]
    name = "m1"
    role = "member"            # or "operator"
    sha256 = "64 hex digits: printf %s TOKEN | sha256sum"
"""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec

from exchange.errors import ClientFault, OperatorFault
from exchange.gateway.principal import NOBODY, Principal
from exchange.model.instrument import NAME_PATTERN

MEMBER_KEY = "lockstep-member"
OPERATOR_KEY = "lockstep-operator"
AUTHORIZATION_KEY = "authorization"
LOCAL_OPERATOR = "local"
BEARER = "bearer "
TOKEN_BYTES_MAX = 4096
CERTIFICATE_KEYS = ("x509_subject_alternative_name", "x509_common_name")

Metadata = Mapping[str, str | bytes]
AuthContext = Mapping[str, Iterable[bytes]]


class Authenticator(Protocol):
    """Tells who calls."""

    @property
    def mode(self) -> str:
        """open, token or certificate, as GetStatus shows it."""

    def principal(
        self, metadata: Metadata, peer: AuthContext, *, is_operator_call: bool
    ) -> Principal:
        """The caller; NOBODY if nothing was offered. ClientFault if what was offered is bad."""


class TokenRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bearer token, known by its hash."""

    name: str
    role: Literal["member", "operator"]
    sha256: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-fA-F]{64}\Z")]


class TokenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token file."""

    token: list[TokenRow]


class OpenAuthenticator:
    """Believes the metadata; for loopback only."""

    mode = "open"

    def principal(
        self, metadata: Metadata, peer: AuthContext, *, is_operator_call: bool
    ) -> Principal:
        """The names as given; operator "local" where none is given and one is needed."""
        member = _name(metadata, MEMBER_KEY)
        operator = _name(metadata, OPERATOR_KEY)
        if not operator and (is_operator_call or not member):
            operator = LOCAL_OPERATOR
        return Principal(member, operator)


class CertificateAuthenticator:
    """Takes the principal from the client certificate, which TLS has verified."""

    mode = "certificate"

    def principal(
        self, metadata: Metadata, peer: AuthContext, *, is_operator_call: bool
    ) -> Principal:
        """The first member:NAME or operator:NAME of the certificate."""
        for key in CERTIFICATE_KEYS:
            for raw in peer.get(key, ()):
                role, colon, name = raw.decode("utf-8", "replace").partition(":")
                if colon and NAME_PATTERN.fullmatch(name):
                    if role == "member":
                        return Principal(member=name)
                    if role == "operator":
                        return Principal(operator=name)
        return NOBODY


class TokenAuthenticator:
    """Takes the principal from a bearer token; without one, from `fallback`.

    Args:
        rows: the known tokens.
        fallback: asked where the call carries no token.
    """

    mode = "token"

    def __init__(self, rows: Sequence[TokenRow], fallback: Authenticator | None = None) -> None:
        self._rows = [(bytes.fromhex(row.sha256), row) for row in rows]
        self._fallback = fallback

    def principal(
        self, metadata: Metadata, peer: AuthContext, *, is_operator_call: bool
    ) -> Principal:
        """The owner of the token; INVALID_TOKEN if nobody's. Compares in constant time."""
        value = metadata.get(AUTHORIZATION_KEY, "")
        if not value:
            if self._fallback is None:
                return NOBODY
            return self._fallback.principal(metadata, peer, is_operator_call=is_operator_call)
        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
        token = text[len(BEARER) :].strip().encode("utf-8", "replace")
        found: TokenRow | None = None
        if text[: len(BEARER)].lower() == BEARER and 0 < len(token) <= TOKEN_BYTES_MAX:
            offered = hashlib.sha256(token).digest()
            for digest, row in self._rows:
                if hmac.compare_digest(digest, offered):
                    found = row
        if found is None:
            raise ClientFault(
                "INVALID_TOKEN", "the bearer token is not known here; ask an operator for one"
            )
        if found.role == "member":
            return Principal(member=found.name)
        return Principal(operator=found.name)


def read_token_file(path: Path) -> list[TokenRow]:
    """The tokens of a file. Raises OperatorFault naming what is wrong and where."""
    try:
        rows = msgspec.convert(tomllib.loads(path.read_text("utf-8")), TokenFile).token
    except OSError as error:
        raise OperatorFault(f"auth.token_file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperatorFault(f"auth.token_file {path}: is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise OperatorFault(f"auth.token_file {path}: {error}") from error
    for row in rows:
        if not NAME_PATTERN.fullmatch(row.name):
            raise OperatorFault(f"auth.token_file {path}: {row.name!r} is not a name")
    return rows


def build_authenticator(mode: str, token_file: str, *, has_client_ca: bool) -> Authenticator:
    """The authenticator of a configuration.

    Args:
        mode: `auth.mode`.
        token_file: path, used in mode token.
        has_client_ca: whether clients must show a certificate.
    """
    certificates = CertificateAuthenticator() if has_client_ca else None
    if mode == "token":
        return TokenAuthenticator(read_token_file(Path(token_file)), certificates)
    return certificates or OpenAuthenticator()


def _name(metadata: Metadata, key: str) -> str:
    value = metadata.get(key, "")
    if not value:
        return ""
    if not isinstance(value, str) or not NAME_PATTERN.fullmatch(value):
        raise ClientFault(
            "INVALID_PRINCIPAL", f"{key}: a name is 1 to 32 characters of A-Z a-z 0-9 . _ -"
        )
    return value
