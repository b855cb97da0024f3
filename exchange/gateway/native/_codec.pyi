from collections.abc import Iterable, Sequence

SOURCES_ID: str

class Codec:
    def reason(self, number: int, text: str, /) -> None: ...
    def instrument(self, instrument_id: int, symbol: str, /) -> None: ...
    def account(self, account_id: int, member_id: int, name: str, /) -> None: ...
    def decode(
        self, raw: bytes, member_id: int, session_id: int, /
    ) -> tuple[bool | None, bytes, bytes, int, list[tuple[int, bytes]], frozenset[int]] | None: ...
    def encode(
        self,
        request_nos: bytes | memoryview,
        refused: Sequence[tuple[int, str, str, str, int]],
        mass_cancels: Iterable[int],
        batch: bytes | None,
        first_command_no: int,
        member_id: int,
        bytes_max: int,
        /,
    ) -> list[bytes] | None: ...
