"""What every story starts with: a server of its own, and peers that are closed when it ends."""

import asyncio
import inspect

import pytest
from client import Client, Page, Player, Publisher
from server import Server

STORY_S_MAX = 30


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    assert server.stop() == 0, "the server goes down in order"


@pytest.fixture
def client(server):
    return Client(server.base)


@pytest.fixture
def stage(client, server):
    """Opens peers and pages for a story."""
    return Stage(client, server)


class Stage:
    """Everybody in one story; `close` sends them home."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self._present = []

    async def teacher(self):
        return await self.client.enter(self.server.teacher_key)

    async def room(self, n=0):
        return await self.client.enter(self.server.room_keys[n])

    async def publish(self, badge, *tracks, query="", **options):
        return await self._greet(Publisher(*tracks, **options)).publish(self.client, badge, query)

    async def watch(self, badge, **options):
        return await self._greet(Player(**options)).watch(self.client, badge)

    async def page(self, badge):
        return self._greet(await Page.open(self.client, badge))

    async def close(self):
        for peer in reversed(self._present):
            await peer.close()

    def _greet(self, peer):
        self._present.append(peer)
        return peer


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs a story that is a coroutine, for so long at most."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    asyncio.run(tell(pyfuncitem.obj, wanted))
    return True


async def tell(story, wanted):
    stage = wanted.get("stage")
    try:
        async with asyncio.timeout(STORY_S_MAX):
            await story(**wanted)
    finally:
        if stage:
            await stage.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A story that fails shows what the server said."""
    report = yield
    if report.failed and (server := item.funcargs.get("server") if hasattr(item, "funcargs") else None):
        report.sections.append(("the server's log", server.log.read_text()))
    return report
