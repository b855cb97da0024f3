"""Who calls, and what they may: members trade and read their own, operators administrate.

Room: the principal and the permission questions. How a caller proves who it is: `auth.py`. Whether
a member may trade now (disabled, killed) is the engine's question.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.errors import ClientFault
from exchange.feeds.directory import Directory

EVERY_MEMBER = 0
"""`member_id` of a read that is not bound to one member (operators only)."""


class Principal(NamedTuple):
    """The authenticated caller: a member, an operator, both (open mode only), or nobody."""

    member: str = ""
    operator: str = ""


NOBODY = Principal()


def member_id_of(principal: Principal, directory: Directory) -> int:
    """The id of the calling member.

    Raises:
        ClientFault: NOT_AUTHENTICATED, MEMBER_REQUIRED or UNKNOWN_PRINCIPAL.
    """
    if not principal.member:
        if principal.operator:
            raise ClientFault(
                "MEMBER_REQUIRED", "only a member can do this; call with a member's credentials"
            )
        raise _not_authenticated("member")
    return _known_member(principal.member, directory)


def operator_of(principal: Principal) -> str:
    """The name of the calling operator; NOT_AUTHENTICATED or OPERATOR_REQUIRED if it is none."""
    if principal.operator:
        return principal.operator
    if principal.member:
        raise ClientFault(
            "OPERATOR_REQUIRED", "only an operator can do this; call with operator's credentials"
        )
    raise _not_authenticated("operator")


def readable_member_id(principal: Principal, named: str, directory: Directory) -> int:
    """Whose orders a read is about: the named member's, the caller's own, or EVERY_MEMBER.

    Args:
        principal: a member reads its own only, an operator anyone's.
        named: the request's `member` field.
        directory: names.

    Raises:
        ClientFault: NOT_AUTHENTICATED, NOT_YOURS, UNKNOWN_PRINCIPAL, UNKNOWN_MEMBER.
    """
    if principal.operator:
        name = named or principal.member
        if not name:
            return EVERY_MEMBER
        member = directory.member_by_name(name)
        if member is None:
            raise ClientFault("UNKNOWN_MEMBER", f"there is no member {name!r}", field="member")
        return member.member_id
    if not principal.member:
        raise _not_authenticated("member or operator")
    if named not in {"", principal.member}:
        raise ClientFault(
            "NOT_YOURS", "a member can read its own orders only; leave `member` empty"
        )
    return _known_member(principal.member, directory)


def _known_member(name: str, directory: Directory) -> int:
    member = directory.member_by_name(name)
    if member is None:
        raise ClientFault(
            "UNKNOWN_PRINCIPAL",
            f"{name!r} is not a member; an operator adds it with `exctl member add {name}`",
        )
    return member.member_id


def _not_authenticated(who: str) -> ClientFault:
    return ClientFault(
        "NOT_AUTHENTICATED",
        f"call as a {who}: metadata `lockstep-member: NAME` or `lockstep-operator: NAME` where "
        "auth.mode is open, else `authorization: Bearer TOKEN` or a client certificate",
    )
