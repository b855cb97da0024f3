"""The ledger: what moved an account, and balances by double entry.

Room: one method per RPC of LedgerService.
"""

from __future__ import annotations

from exchange.api.v1 import ledger_service_pb2 as pb
from exchange.client.caller import Caller

PAGE_SIZE = 1000


class LedgerCalls(Caller):
    """LedgerService."""

    async def ledger_entries(
        self, member: str = "", account: str = "", *, limit: int = 0
    ) -> list[pb.LedgerEntry]:
        """What moved an account, newest first; at most `limit`, 0 = all that is kept.

        Args:
            member: whose; "" = the caller's own.
            account: which; "" = the first one.
            limit: the pages are fetched as needed.
        """
        request = pb.ListLedgerEntriesRequest(member=member, account=account)
        found: list[pb.LedgerEntry] = []
        while True:
            request.page_size = min(PAGE_SIZE, limit - len(found)) if limit else PAGE_SIZE
            answer = await self._call(self._ledger.ListLedgerEntries, request)
            found.extend(answer.entries)
            if not answer.next_page_token or (limit and len(found) >= limit):
                return found
            request.page_token = answer.next_page_token

    async def ledger_balances(
        self, member: str = "", account: str = ""
    ) -> pb.GetLedgerBalancesResponse:
        """Balances other than zero: of an account, a member, or (an operator) of everybody."""
        request = pb.GetLedgerBalancesRequest(member=member, account=account)
        return await self._call(self._ledger.GetLedgerBalances, request)
