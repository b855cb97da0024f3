"""`exctl emergency`: the emergency market close (RULEBOOK R9.3)."""

from __future__ import annotations

from cli.confirm import confirm
from cli.verb import App, Verb, noun, reason_option, request_id_option, with_app, yes_option

emergency = noun("emergency", "Emergency: close.")


@emergency.command("close", cls=Verb)
@reason_option
@yes_option
@request_id_option
@with_app
def close(app: App, reason: str, yes: bool, request_id: str | None) -> None:
    """Reject all, cancel all, end all sessions, close the market, dump the state.

    To open again: `exctl kill release --market`, then `exctl session open`.

    \b
    Example:
      exctl emergency close --reason "matching incident 7"
    """
    confirm("everything is canceled and the market closed", "market", yes=yes)
    told = app.run(lambda client: client.emergency_close(reason, request_id=request_id))
    app.output.record(told, {"closed": "market", "orders canceled": told.canceled_count})
