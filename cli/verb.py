"""What every verb of `exctl` shares: global options in any place, a client, errors as exit codes.

Room: the click command class, the decorator and `App`, which a verb gets as its first argument.
Global options stand before or after the noun and verb; the later one counts.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from cli import exit_codes
from cli.connection import Connection, resolve
from cli.output import FORMATS, Output, warn

if TYPE_CHECKING:
    from exchange.client import AsyncClient, ClientError

P = ParamSpec("P")
R = TypeVar("R")
META = "exctl."
NEGATIVE = re.compile(r"-[0-9.]+")

_CODES = {
    "AuthenticationError": exit_codes.NOT_ALLOWED,
    "PermissionDeniedError": exit_codes.NOT_ALLOWED,
    "UnavailableError": exit_codes.UNREACHABLE,
    "OutcomeUnknownError": exit_codes.UNREACHABLE,
}


class App:
    """The settings of one run of `exctl`."""

    def __init__(self, ctx: click.Context) -> None:
        self._meta = ctx.meta

    @cached_property
    def connection(self) -> Connection:
        """Where to and as whom. Raises UsageError."""
        found = {k[len(META) :]: v for k, v in self._meta.items() if k.startswith(META)}
        return resolve(found)

    @cached_property
    def output(self) -> Output:
        """Where answers go. Raises UsageError."""
        return Output(self.connection.output)

    # One event loop for all calls of a command: grpc's own threads outlive a loop that was closed.
    @cached_property
    def _runner(self) -> asyncio.Runner:
        runner = asyncio.Runner()
        click.get_current_context().call_on_close(runner.close)
        return runner

    def run(self, work: Callable[[AsyncClient], Awaitable[R]], *, member: str | None = None) -> R:
        """What `work` gives with a client; ends the command with its exit code on an error."""

        async def with_client() -> R:
            async with self.connection.client(member=member) as client:
                return await work(client)

        return self.drive(with_client)

    def drive(self, work: Callable[[], Awaitable[R]]) -> R:
        """As `run`, without a client."""
        from exchange.client import ClientError

        async def awaited() -> R:
            return await work()

        try:
            return self._runner.run(awaited())
        except ClientError as error:
            tell(error)
            sys.exit(code_of(error))
        except ValueError as error:  # a number, side or name that the client refused
            raise click.UsageError(str(error)) from error


def tell(error: ClientError) -> None:
    """An error of the exchange or of the way to it, on stderr."""
    warn(f"{error.reason}: {error.message}")


def code_of(error: ClientError) -> int:
    """The exit code of an error."""
    return _CODES.get(type(error).__name__, exit_codes.REFUSED)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    if value is not None:
        ctx.meta[f"{META}{param.name}"] = value
    return value


def global_options(*, with_env: bool) -> list[click.Option]:
    """The options that go before the noun, where EXCTL_* counts, or after the verb."""

    def option(*names: str, env: str, **rest: Any) -> click.Option:
        rest["envvar"] = f"EXCTL_{env}" if with_env else None
        return click.Option(names, expose_value=False, callback=_keep, show_envvar=with_env, **rest)

    return [
        option("--endpoints", env="ENDPOINTS", metavar="HOST:PORT,...", help="Nodes to talk to."),
        option("--context", env="CONTEXT", metavar="NAME", help="Context of config.toml."),
        option("-o", "--output", env="OUTPUT", type=click.Choice(FORMATS), help="Form of answers."),
        option(
            "--timeout",
            env="TIMEOUT",
            type=click.FloatRange(0, min_open=True),
            metavar="S",
            help="Seconds for a call with its repetitions.",
        ),
        option(
            "--token-file",
            env="TOKEN_FILE",
            metavar="FILE",
            help="File with a bearer token; or EXCTL_TOKEN.",
        ),
        option("--operator", env="OPERATOR", metavar="NAME", help="Operator, in open mode."),
        option(
            "--cacert", env="CACERT", metavar="PEM", help="Certificates to trust; turns TLS on."
        ),
        option("--cert", env="CERT", metavar="PEM", help="Certificate of this client."),
        option("--key", env="KEY", metavar="PEM", help="Key of this client."),
    ]


class Verb(click.Command):
    """A click command that takes the global options too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {name for param in self.params for name in param.opts}
        for option in global_options(with_env=False):
            if own.isdisjoint(option.opts):
                option.hidden = option.name != "output"
                self.params.append(option)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but a negative number is called that and not an unknown option."""
        negative = [word for word in args if NEGATIVE.fullmatch(word)]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not negative:
                raise
            raise click.UsageError(
                f"{negative[0]} is negative; quantities and prices are positive, and the side "
                "says the direction",
                ctx,
            ) from error


def with_app(function: Callable[Concatenate[App, P], R]) -> Callable[P, R]:
    """Give the function the App of the running command as its first argument."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(App(click.get_current_context()), *args, **kwargs)

    return call


def noun(name: str, text: str) -> click.Group:
    """A group of verbs."""
    return click.Group(name, help=text, context_settings={"help_option_names": ["-h", "--help"]})


member_option = click.option(
    "--member",
    envvar="EXCTL_MEMBER",
    show_envvar=True,
    metavar="NAME",
    help="Whose orders: the caller in open mode, whom to look at for an operator.",
)
reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; goes into the log."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
request_id_option = click.option(
    "--request-id", metavar="ID", help="Idempotency key, to repeat the command safely."
)
