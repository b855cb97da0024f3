"""The relay carries bytes, holds them per direction, and gives them back when it heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from chaos.network import Network, RelayNetwork

SOON_S = 0.15


class Listener:
    """Stands for node b: says "hello" to who connects and keeps what it hears."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.ends = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(b"hello")
        while data := await reader.read(100):
            self.heard.put_nowait(data)
        self.ends += 1
        self.ended.set()
        writer.close()


@pytest.fixture
async def listener() -> Listener:
    return Listener()


@pytest.fixture
async def endpoint(listener: Listener) -> AsyncIterator[str]:
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.fixture
def network(endpoint: str) -> Iterator[Network]:
    made = RelayNetwork({"a": "127.0.0.1:1", "b": endpoint, "c": "127.0.0.1:1"})
    yield made
    made.close()


async def dial(network: Network) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = network.peers_of("a")["b"].rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def silent(reading: asyncio.Task[bytes]) -> bool:
    done, _ = await asyncio.wait([reading], timeout=SOON_S)
    return not done


async def test_of_two_nodes_the_first_name_dials(network: Network) -> None:
    assert set(network.peers_of("a")) == {"b", "c"}
    assert set(network.peers_of("b")) == {"c"}
    assert network.peers_of("c") == {}


async def test_a_deaf_node_is_heard_and_gets_everything_when_it_heals(
    network: Network, listener: Listener
) -> None:
    reader, writer = await dial(network)
    assert await reader.readexactly(5) == b"hello"
    network.deafen("a")
    writer.write(b"one")
    assert await listener.heard.get() == b"one"
    listener.writers[0].write(b"two")
    reading = asyncio.create_task(reader.readexactly(3))
    assert await silent(reading)
    network.heal()
    assert await reading == b"two"
    writer.close()


async def test_a_mute_node_hears_and_is_not_heard(network: Network, listener: Listener) -> None:
    reader, writer = await dial(network)
    await reader.readexactly(5)
    network.mute("a")
    writer.write(b"one")
    hearing = asyncio.create_task(listener.heard.get())
    assert await silent(hearing)
    listener.writers[0].write(b"two")
    assert await reader.readexactly(3) == b"two"
    network.heal()
    assert await hearing == b"one"
    writer.close()


async def test_an_isolated_node_makes_no_new_connection_and_sees_no_end(
    network: Network, listener: Listener
) -> None:
    reader, writer = await dial(network)
    await reader.readexactly(5)
    network.isolate("a")
    _, second = await dial(network)  # the relay takes it; nobody is behind it
    writer.close()
    await asyncio.sleep(SOON_S)
    assert (listener.ends, len(listener.writers)) == (0, 1)
    network.heal()
    async with asyncio.timeout(5):
        await listener.ended.wait()
    second.close()


async def test_a_cut_breaks_what_is_there(network: Network) -> None:
    reader, _ = await dial(network)
    await reader.readexactly(5)
    network.cut([("a", "b")])
    assert await reader.read(1) == b""


async def test_a_delay_is_one_way(network: Network, listener: Listener) -> None:
    reader, writer = await dial(network)
    await reader.readexactly(5)
    network.delay(100)
    begun = asyncio.get_running_loop().time()
    writer.write(b"one")
    await listener.heard.get()
    assert asyncio.get_running_loop().time() - begun >= 0.1
    writer.close()
