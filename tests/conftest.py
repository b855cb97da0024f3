"""What all tests share: the opt-in markers, Hypothesis profiles, and the seed.

Must not hold fixtures of one package: those live in that folder's own conftest.

- ``long``, ``root`` and ``bench`` tests are skipped, with the reason printed, unless ``-m`` names
  the marker. They are skipped rather than deselected so that the reason survives pytest-xdist.
- ``LOCKSTEP_HYPOTHESIS`` picks the Hypothesis profile: ``dev`` (default), ``ci``, ``thorough``.
  ``CI=true`` makes ``ci`` the default.
- ``seed`` differs from test to test and repeats with ``--randomly-seed=N``, which pytest prints
  at its head; a failed test shows its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

OPT_IN = {
    "long": "takes minutes: make e2e-long",
    "root": "needs root: pytest -m root, as root",
    "bench": "measures: make bench, or pytest -m bench",
}
SEED = pytest.StashKey[int]()

# deadline: two shared cores stall any example for longer than it takes; pytest-timeout is the bound
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=100,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", parent=settings.get_profile("ci"), max_examples=5_000)
settings.load_profile(
    os.environ.get("LOCKSTEP_HYPOTHESIS") or ("ci" if os.environ.get("CI") == "true" else "dev"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of each opt-in marker that the ``-m`` expression does not name."""
    expression: str = config.getoption("markexpr") or ""
    for item in items:
        for marker, reason in OPT_IN.items():
            if marker not in expression and item.get_closest_marker(marker) is not None:
                item.add_marker(pytest.mark.skip(reason=f"{marker}: {reason}"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return this test's seed, 64 bits, a function of the session's seed and the test's id."""
    session: int = request.config.getoption("randomly_seed", default=0)
    name = f"{session} {request.node.nodeid}".encode()
    value = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big")
    request.node.stash[SEED] = value
    return value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the seed of a failed test."""
    report = yield
    if report.failed and SEED in item.stash:
        report.sections.append(("seed", f"seed={item.stash[SEED]}"))
    return report
