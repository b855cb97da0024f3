"""The names of a story and what stands for them in the log.

Room: order names, trade numbers and fresh ids. A story calls an order A1 for as long as it lives;
in the log a replace gives it a new cl_ord_id each time (R4.4). So:

- a replace without `new=` gets a fresh cl_ord_id of the form `A1~2`, and A1 then means that one;
- a replace with `new=A1b` names the order A1b, and A1 stays what the market knows as its old id;
- names are those of one member: two members may each have an A1 (R10.1).
"""

from __future__ import annotations

import re

from exchange.scenario.faults import StatementFault

NAME_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,28}")
"""Members, accounts and orders; room is left for the `~2` of a fresh cl_ord_id."""


def checked(name: str, what: str) -> str:
    """The name, if it may be one."""
    if not NAME_PATTERN.fullmatch(name):
        raise StatementFault(
            f"{name!r} is not {what}; expected 1 to 28 characters of A-Z a-z 0-9 . _ -"
        )
    return name


class OrderNames:
    """cl_ord_ids by the names that the file uses, and back."""

    def __init__(self) -> None:
        self._current: dict[tuple[int, str], str] = {}
        self._shown: dict[tuple[int, str], str] = {}
        self._last_fresh = 1
        self._last_request = 0

    def take(self, member_id: int, name: str) -> str:
        """The cl_ord_id of a command that the file itself names: the name, as it stands."""
        checked(name, "a cl_ord_id")
        self._shown.setdefault((member_id, name), name)
        return name

    def fresh(self, member_id: int, name: str) -> str:
        """A cl_ord_id that was not used yet, for a command about the order called `name`."""
        self._last_fresh += 1
        cl_ord_id = f"{name}~{self._last_fresh}"
        self._shown[member_id, cl_ord_id] = name
        return cl_ord_id

    def fresh_request_id(self) -> str:
        """A request_id for an operator's command that gives none."""
        self._last_request += 1
        return f"request~{self._last_request}"

    def current(self, member_id: int, name: str) -> str:
        """The cl_ord_id that the order called `name` has now."""
        return self._current.get((member_id, checked(name, "a cl_ord_id")), name)

    def shown(self, member_id: int, cl_ord_id: str) -> str:
        """What the file calls the order with that cl_ord_id."""
        return self._shown.get((member_id, cl_ord_id), cl_ord_id)

    def renamed(self, member_id: int, cl_ord_id: str) -> None:
        """Note that an order now has that cl_ord_id (it was accepted or replaced)."""
        self._current[member_id, self.shown(member_id, cl_ord_id)] = cl_ord_id

    def owners(self, name: str) -> list[int]:
        """Ids of the members that used the name for an order, in the order of first use."""
        found = [member_id for (member_id, _), shown in self._shown.items() if shown == name]
        return list(dict.fromkeys(found))
