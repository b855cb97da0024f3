"""Where a command comes from: what its log record says besides its content.

Room: one value. The member is part of the content (R1.5); the session is not (R10.1).
"""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """Kind, session (0 = none) and fingerprint of the command that is being carried out."""

    kind: int
    session_id: int
    fingerprint: int
