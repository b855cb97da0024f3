"""The identities of a cluster: one authority, a certificate for each node and each operator.

Room: making keys and certificates and reading what is in them; it starts nothing. A node is known
by the subject alternative name `URI:node:NAME`, an operator by `URI:operator:NAME`, whatever their
addresses are. Keys are P-256 (TLS libraries everywhere take it) and readable by their owner only;
nothing is ever written over.

    DIR/ca.pem  DIR/ca.key  DIR/n1.pem  DIR/n1.key ...  DIR/operator.pem  DIR/operator.key
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA = "ca"
NODE, OPERATOR, MEMBER = "node", "operator", "member"
DAYS = 825
KEY_MODE, CERTIFICATE_MODE, DIRECTORY_MODE = 0o600, 0o644, 0o700
CLOCK_SKEW = dt.timedelta(minutes=5)
"""Certificates are valid from a little earlier: the clock of another machine may be behind."""


class PkiError(Exception):
    """A file is there already, is missing, or is not what it should be; the text says which."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a certificate file says.

    path: of the certificate.
    subject: its common name.
    names: subject alternative names.
    not_after: end of validity, UTC.
    is_authority: whether it may sign others.
    """

    path: Path
    subject: str
    names: tuple[str, ...]
    not_after: dt.datetime
    is_authority: bool

    def days_left(self, now: dt.datetime) -> int:
        """Whole days until the end of validity; negative = it is over."""
        return (self.not_after - now).days


def init(
    directory: Path,
    nodes: Sequence[str],
    *,
    operators: Sequence[str] = (OPERATOR,),
    addresses: Sequence[str] = ("127.0.0.1",),
    days: int = DAYS,
) -> list[Identity]:
    """Make an authority and the identities of a new cluster in an empty or new directory.

    Args:
        directory: made if it is not there, with mode 0700.
        nodes: names of the nodes.
        operators: names of the operators; their files are NAME.pem, NAME.key.
        addresses: IP addresses under which clients reach the nodes.
        days: validity, from now on.

    Raises:
        PkiError: the directory holds something, a name comes twice, or is `ca`.
        ValueError: an address is not an IP address.
    """
    names = [*nodes, *operators]
    if len(set(names)) < len(names) or CA in names:
        raise PkiError(f"names must differ from each other and from {CA!r}: {', '.join(names)}")
    for address in addresses:
        ipaddress.ip_address(address)  # before anything is written
    directory.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
    if any(directory.iterdir()):
        raise PkiError(f"{directory} is not empty, and keys are never written over; name another")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lockstep cluster authority")])
    builder = (
        _builder(subject, subject, key.public_key(), days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
    )
    certificate = builder.sign(key, hashes.SHA256())
    _write(directory, CA, certificate, key)
    made = [_identity(directory / f"{CA}.pem", certificate)]
    made.extend(issue(directory, NODE, name, addresses=addresses, days=days) for name in nodes)
    made.extend(issue(directory, OPERATOR, name, days=days) for name in operators)
    return made


def issue(
    directory: Path, role: str, name: str, *, addresses: Sequence[str] = (), days: int = DAYS
) -> Identity:
    """One more identity, signed by the authority in `directory`.

    Args:
        directory: that `init` made.
        role: node, operator or member.
        name: as the cluster, or the exchange, knows it.
        addresses: IP addresses of a node.
        days: validity; never beyond the authority's.

    Raises:
        PkiError: there is no authority, or the name has files already.
        ValueError: an address is not an IP address.
    """
    authority, key = _authority(directory)
    own = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{role}:{name}")])
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(f"{role}:{name}")]
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if role == NODE:
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    certificate = (
        _builder(subject, authority.subject, own.public_key(), days, authority.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(directory, name, certificate, own)
    return _identity(directory / f"{name}.pem", certificate)


def show(directory: Path) -> list[Identity]:
    """What every certificate in a directory says, the authority's first.

    Raises PkiError if there is none, or a .pem file is no certificate.
    """
    paths = sorted(directory.glob("*.pem"), key=lambda path: (path.stem != CA, path.stem))
    if not paths:
        raise PkiError(f"{directory} has no certificates; `exctl pki init` makes them")
    return [_identity(path, _read_certificate(path)) for path in paths]


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    days: int,
    at_most: dt.datetime | None = None,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    end = now + dt.timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(min(end, at_most) if at_most else end)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write(
    directory: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _create(directory / f"{name}.key", private, KEY_MODE)
    public = certificate.public_bytes(serialization.Encoding.PEM)
    _create(directory / f"{name}.pem", public, CERTIFICATE_MODE)


def _create(path: Path, content: bytes, mode: int) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise PkiError(f"{path} is there already, and keys are never written over") from None
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)


def _authority(directory: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate = _read_certificate(directory / f"{CA}.pem")
    path = directory / f"{CA}.key"
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise PkiError(f"{path} cannot be used: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError(f"{path} is not an elliptic curve key; it was not made by `exctl pki init`")
    return certificate, key


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PkiError(f"{path} cannot be read as a certificate: {error}") from error


def _identity(path: Path, certificate: x509.Certificate) -> Identity:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names: list[str] = []
    is_authority = False
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = [str(name.value) for name in extension.value]
        elif isinstance(extension.value, x509.BasicConstraints):
            is_authority = extension.value.ca
    return Identity(
        path,
        str(common[0].value) if common else "",
        tuple(names),
        certificate.not_valid_after_utc,
        is_authority,
    )
