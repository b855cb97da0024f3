"""Members, accounts and sessions, made when a story first speaks of them.

Room: who takes part. A member's first command brings the member (with an account of its own name)
and its client session into the log, each by an entry; `member` and `account` statements do it
sooner and set flags. A lost session is replaced by a new one at the member's next command.
"""

from __future__ import annotations

from exchange.model.command import (
    CreateAccount,
    CreateMember,
    SessionClosed,
    SessionOpened,
    UpdateAccount,
    UpdateMember,
)
from exchange.model.enums import Standing
from exchange.model.event import AdminAccepted, AdminRejected, Event
from exchange.model.reject import RejectReason
from exchange.scenario.faults import StatementFault
from exchange.scenario.names import OrderNames, checked
from exchange.scenario.statement import Words
from exchange.scenario.venue import Venue

OPERATOR = "operator"
_YES_NO = {"yes": 1, "no": 0}
_STANDINGS = {standing.name.lower(): standing for standing in Standing}


class Parties:
    """The members of one run."""

    def __init__(self, venue: Venue, names: OrderNames) -> None:
        self._venue = venue
        self._names = names
        self._members: dict[str, int] = {}
        self._accounts: dict[tuple[str, str], int] = {}
        self._sessions: dict[str, int] = {}
        self._cancel_on_disconnect: dict[str, int] = {}

    def member_id(self, name: str) -> int:
        """The member's id; the member is created on first use."""
        found = self._members.get(name)
        if found is None:
            checked(name, "a member's name")
            request_id = self._names.fresh_request_id()
            events = self._venue.apply(CreateMember(name, request_id, OPERATOR))
            found = self._members[name] = _target_of(events)
            self._learn_accounts()
        return found

    def known_member_id(self, name: str) -> int:
        """The id of a member that takes part already; nothing is created."""
        if name not in self._members:
            raise StatementFault(f"no member {name!r} took part so far")
        return self._members[name]

    def known_account_id(self, member: str, name: str) -> int:
        """The id of an account that there is already; nothing is created."""
        if (member, name) not in self._accounts:
            raise StatementFault(f"{member!r} has no account {name!r} so far")
        return self._accounts[member, name]

    def member_name(self, member_id: int) -> str:
        """The name of a member by its id; "?" for one that there is not."""
        names = (name for name, known in self._members.items() if known == member_id)
        return next(names, "?")

    def account_name(self, account_id: int) -> tuple[str, str]:
        """Member and name of an account; "?" for one that there is not."""
        names = (name for name, known in self._accounts.items() if known == account_id)
        return next(names, ("?", "?"))

    def account_id(self, member: str, account: str) -> int:
        """The id of an account, created on first use.

        `account` is one of the member's own, or OWNER:NAME for an account of another member.
        """
        owner, colon, name = account.partition(":")
        if not colon:
            owner, name = member, account
        owner_id = self.member_id(owner)
        if (owner, name) not in self._accounts:
            checked(name, "an account's name")
            request_id = self._names.fresh_request_id()
            _target_of(self._venue.apply(CreateAccount(owner_id, name, request_id, OPERATOR)))
            self._learn_accounts()
        return self._accounts[owner, name]

    def session_id(self, member: str) -> int:
        """The member's open session, opened if need be; 0 if the exchange refuses to open one."""
        member_id = self.member_id(member)
        if member not in self._sessions:
            cancels = self._cancel_on_disconnect.get(member, 1)
            request_id = self._names.fresh_request_id()
            events = self._venue.apply(SessionOpened(member_id, cancels, request_id))
            if not isinstance(events[0], AdminAccepted):
                return 0
            self._sessions[member] = events[0].target_id
        return self._sessions[member]

    def open_session_of(self, member: str) -> int:
        """The session that the member has open now."""
        if member not in self._sessions:
            raise StatementFault(f"{member} has no open session; its first command opens one")
        return self._sessions[member]

    def disconnect(self, words: Words) -> list[Event]:
        """`disconnect MEMBER`: its session is lost."""
        (member,) = words.args
        session_id = self.open_session_of(member)
        del self._sessions[member]
        return self._venue.apply(SessionClosed(session_id, "connection lost"))

    def forget_sessions(self) -> None:
        """All sessions are lost: a new epoch began."""
        self._sessions.clear()

    def set_member(self, words: Words) -> list[Event]:
        """`member NAME [standing=...] [cancel_on_disconnect=...]`."""
        (name,) = words.args
        cancels = words.keys.get("cancel_on_disconnect")
        if cancels is not None:
            if cancels not in _YES_NO:
                raise StatementFault(f"cancel_on_disconnect is yes or no, not {cancels!r}")
            if name in self._sessions:
                raise StatementFault(f"{name} has a session already; set this before it trades")
            self._cancel_on_disconnect[name] = _YES_NO[cancels]
        member_id = self.member_id(name)
        if "standing" not in words.keys:
            return []
        request_id = words.keys.get("request_id", self._names.fresh_request_id())
        command = UpdateMember(member_id, _standing(words), request_id, OPERATOR)
        return self._venue.apply(command)

    def set_account(self, words: Words) -> list[Event]:
        """`account MEMBER NAME [standing=...]`."""
        member, name = words.args
        account_id = self.account_id(member, name)
        if "standing" not in words.keys:
            return []
        request_id = words.keys.get("request_id", self._names.fresh_request_id())
        command = UpdateAccount(account_id, _standing(words), request_id, OPERATOR)
        return self._venue.apply(command)

    def _learn_accounts(self) -> None:
        names = {member_id: name for name, member_id in self._members.items()}
        for account in self._venue.engine.accounts():
            self._accounts[names[account.member_id], account.name] = account.account_id


def _standing(words: Words) -> int:
    text = words.keys["standing"]
    if text.lower() not in _STANDINGS:
        raise StatementFault(f"standing is active or disabled, not {text!r}")
    return _STANDINGS[text.lower()]


def _target_of(events: list[Event]) -> int:
    first = events[0]
    if isinstance(first, AdminAccepted):
        return first.target_id
    reason = RejectReason(first.reason).name if isinstance(first, AdminRejected) else type(first)
    raise StatementFault(f"the exchange refuses to create it: {reason}")
