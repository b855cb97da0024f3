"""Names, ids and phases folded from events equal what the engine knows (R11.3)."""

from __future__ import annotations

from hypothesis import given, settings

from exchange.engine.port import Engine
from exchange.feeds.directory import Directory
from exchange.model.command import CreateAccount, CreateMember, Halt
from exchange.model.enums import Phase
from tests.exchange.feeds.market_run import Entries, MarketRun, entries


def check(directory: Directory, engine: Engine) -> None:
    """The directory holds what the engine's views say, asked in every way."""
    views = engine.instruments()
    assert directory.instruments() == [view.instrument for view in views]
    for instrument, phase, _, _ in views:
        number = instrument.instrument_id
        assert directory.instrument(number) == instrument
        assert directory.instrument_by_symbol(instrument.symbol) == instrument
        assert directory.symbol(number) == instrument.symbol
        assert directory.phase(number) == phase
    assert directory.members() == engine.members()
    for member in engine.members():
        assert directory.member(member.member_id) == member
        assert directory.member_by_name(member.name) == member
        own = [a for a in engine.accounts() if a.member_id == member.member_id]
        assert directory.accounts(member.member_id) == own
        assert directory.account_by_name(member.member_id, "") == own[0]
        for account in own:
            assert directory.account_by_name(member.member_id, account.name) == account
            assert directory.account(account.account_id) == account
    assert directory.accounts(0) == engine.accounts()
    assert directory.kill_switch_count() == len(engine.kill_switches())


@given(entries())
@settings(max_examples=40)
def test_folded_from_genesis_or_loaded_and_folded_on_it_equals_the_engine(run: Entries) -> None:
    market = MarketRun()
    folded, loaded = Directory(), Directory()
    for batch in market.batches:
        folded.on_batch(batch)
    loaded.load(market.engine)
    check(loaded, market.engine)
    for commands in run:
        batch = market.send(*commands)
        for directory in (folded, loaded):
            directory.on_batch(batch)
            check(directory, market.engine)


def test_unknown_names_are_nothing() -> None:
    directory = Directory()
    assert directory.instrument(1) is None
    assert directory.instrument_by_symbol("ABC") is None
    assert directory.symbol(0) == ""
    assert directory.member(1) is None
    assert directory.member_by_name("m1") is None
    assert directory.account(1) is None
    assert directory.account_by_name(1, "") is None
    assert directory.account_by_name(1, "a") is None
    assert directory.accounts(1) == directory.accounts(0) == []


def test_two_members_may_have_accounts_of_one_name() -> None:
    market = MarketRun()
    for number in (1, 2):
        market.send(CreateAccount(number, "prop", f"acc-{number}", "op"))
    market.send(CreateMember("m4", "mem-4", "op"))
    market.send(Halt(1, 0, 0, "halt", "op", "news"))
    directory = Directory()
    for batch in market.batches:
        directory.on_batch(batch)
    accounts = [directory.account_by_name(number, "prop") for number in (1, 2, 3)]
    assert [account and account.member_id for account in accounts] == [1, 2, None]
    assert directory.phase(1) == Phase.HALTED
    check(directory, market.engine)
