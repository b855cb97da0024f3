"""Exit codes of the command lines: a contract that scripts rely on (ECOSYSTEM section 2).

| code | meaning                                                                             |
|------|-------------------------------------------------------------------------------------|
| 0    | done                                                                                |
| 1    | refused or failed by the exchange; also an order that the market rejected           |
| 2    | usage: unknown option, malformed argument, wrong configuration file                 |
| 3    | no endpoint reachable, or no answer in time                                         |
| 4    | unauthenticated, or permission denied                                               |
| 5    | unhealthy: an alarm is raised, or the check of a data directory found damage        |
| 6    | not confirmed                                                                       |
| 70   | a node stopped itself: broken invariant or failing disk (`exchange` only)           |
| 130  | interrupted                                                                         |
"""

from __future__ import annotations

OK = 0
REFUSED = 1
USAGE = 2
UNREACHABLE = 3
NOT_ALLOWED = 4
UNHEALTHY = 5
NOT_CONFIRMED = 6
INTERRUPTED = 130
