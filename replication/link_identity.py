"""Who a node is on its links: certificate, key and the CA of the cluster.

Room: the two TLS contexts of a node, and the names in a peer's certificate. TLS 1.3 only, both
sides show a certificate of the cluster's own CA. A node is named by the subject alternative name
`URI:node:NAME`, whatever else its certificate says.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from replication.links import LinkError

NODE_URI: Final = "node:"


class LinkIdentity:
    """The TLS identity of a node, read once.

    Raises LinkError when a file cannot be read, when key and certificate do not belong together,
    or when the certificate does not name the node.
    """

    def __init__(self, certificate: Path, key: Path, ca: Path) -> None:
        try:
            self._server = _context(ssl.PROTOCOL_TLS_SERVER, certificate, key, ca)
            self._client = _context(ssl.PROTOCOL_TLS_CLIENT, certificate, key, ca)
        except (OSError, ssl.SSLError) as error:
            raise LinkError(
                f"the identity in {certificate}, {key}, {ca} cannot be used: {error}; "
                "`exctl pki show` prints what is in them"
            ) from error

    def session(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *, server_side: bool
    ) -> ssl.SSLObject:
        """A TLS session over two memory buffers, not yet shaken hands."""
        context = self._server if server_side else self._client
        return context.wrap_bio(incoming, outgoing, server_side=server_side)


def names_of(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """Node names in a certificate as `SSLObject.getpeercert()` gives it; empty for None."""
    found = set()
    for entry in (certificate or {}).get("subjectAltName", ()):
        kind, text = entry[0], entry[1]
        if kind == "URI" and text.startswith(NODE_URI):
            found.add(text.removeprefix(NODE_URI))
    return frozenset(found)


def _context(protocol: int, certificate: Path, key: Path, ca: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # nodes are known by name, not by address; names_of checks
    context.verify_mode = ssl.CERT_REQUIRED
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0  # a connection lives for days, and each one proves itself anew
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(ca)
    return context
