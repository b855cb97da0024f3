"""LedgerService: entries and balances of the ledger.

Room: one method per RPC, and who may see which side: a member sees its own accounts and the house,
never whom it traded with. What an event books is `exchange.ledger`'s.
"""

from __future__ import annotations

from exchange.api.v1 import ledger_service_pb2 as pb
from exchange.errors import ClientFault
from exchange.feeds.account_history import Moved
from exchange.gateway import field_checks as fields
from exchange.gateway.api_enum import api_enum
from exchange.gateway.call import Call
from exchange.gateway.header import response_header
from exchange.gateway.money import cash_text
from exchange.gateway.page_token import decode_page_token, encode_page_token, page_size
from exchange.gateway.ports import Core
from exchange.gateway.principal import EVERY_MEMBER, readable_member_id
from exchange.ledger.accounts import Kind, Posting
from exchange.ledger.postings import transaction_of
from exchange.model.instrument import Account


class LedgerServicer:
    """Answers LedgerService."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def ListLedgerEntries(
        self, request: pb.ListLedgerEntriesRequest, call: Call
    ) -> pb.ListLedgerEntriesResponse:
        """What moved an account, newest first."""
        core = self._core
        member_id = readable_member_id(call.principal, request.member, core.directory)
        if member_id == EVERY_MEMBER:
            raise fields.fault("member", "an operator names whose entries")
        account = self._account(member_id, request.account)
        size = page_size(request.page_size)
        filters = (account.member_id, account.account_id)
        before = decode_page_token(request.page_token, *filters)
        history = core.projections.account_history
        found, following = await history.newest(account, size, before)
        only = 0 if call.principal.operator else member_id
        entries = [self._entry(moved, only) for moved in found]
        return pb.ListLedgerEntriesResponse(
            header=response_header(core),
            entries=[entry for entry in entries if entry is not None],
            next_page_token=encode_page_token(following, *filters) if following else "",
        )

    async def GetLedgerBalances(
        self, request: pb.GetLedgerBalancesRequest, call: Call
    ) -> pb.GetLedgerBalancesResponse:
        """Balances of an account, a member, or everybody."""
        core = self._core
        member_id = readable_member_id(call.principal, request.member, core.directory)
        if member_id == EVERY_MEMBER and not request.account:
            balances = core.ledger.balances()
        else:
            if member_id == EVERY_MEMBER:
                raise fields.fault("member", "an operator names the owner of the account")
            accounts = core.directory.accounts(member_id)
            if request.account:
                accounts = [self._account(member_id, request.account)]
            balances = [
                row for account in accounts for row in core.ledger.balances(account.account_id)
            ]
        return pb.GetLedgerBalancesResponse(
            header=response_header(core),
            seq=core.ledger.seq,
            balances=[self._amount(row) for row in balances],
        )

    def _account(self, member_id: int, name: str) -> Account:
        account = self._core.directory.account_by_name(member_id, name)
        if account is None:
            raise ClientFault(
                "UNKNOWN_ACCOUNT", f"the member has no account {name[:50]!r}", field="account"
            )
        return account

    def _entry(self, moved: Moved, only_member_id: int) -> pb.LedgerEntry | None:
        """An event as an entry; only the side of one member where that is not 0."""
        transaction = transaction_of(moved.event, self._core.ledger.terms)
        if transaction is None:
            return None
        entry = pb.LedgerEntry(
            seq=moved.seq,
            log_index=moved.log_index,
            kind=api_enum(transaction.kind),
            trade_id=transaction.trade_id,
            reason=transaction.reason,
            postings=[
                self._amount(posting)
                for posting in transaction.postings
                if self._may_see(posting, only_member_id)
            ],
        )
        entry.transact_time.FromNanoseconds(moved.ts_ns)
        return entry

    def _may_see(self, posting: Posting, only_member_id: int) -> bool:
        if not only_member_id or posting.account.kind != Kind.MEMBER:
            return True
        owner = self._core.directory.account(posting.account.account_id)
        return owner is not None and owner.member_id == only_member_id

    def _amount(self, posting: Posting) -> pb.LedgerAmount:
        kind, account_id, unit = posting.account
        amount = pb.LedgerAmount(kind=api_enum(kind), currency=unit.currency)
        if unit.instrument_id:
            amount.symbol = self._core.directory.symbol(unit.instrument_id)
            amount.amount = str(posting.amount)
        else:
            amount.amount = cash_text(posting.amount)
        account = self._core.directory.account(account_id)
        if account is not None:
            owner = self._core.directory.member(account.member_id)
            amount.account, amount.member = account.name, owner.name if owner else ""
        return amount
