"""A job queue on a stream: FastStream with a consumer group, one of whose workers is killed while it has a job."""

import subprocess
import sys
from pathlib import Path

import redis.asyncio as redis
from faststream.redis import RedisBroker

from steps import run_steps, step, wait_until_async


class Servers:
    """A primary: FastStream writes and reads there alone."""

    def __init__(self, primary, _replica, protocol):
        # What FastStream reads is what redis-py makes of RESP3 by default, not what it makes of it when asked for it.
        self.url = f"redis://127.0.0.1:{primary}" + ("?protocol=2" if protocol == 2 else "")
        self.workers, self.clients = [], []

    def client(self):
        self.clients.append(redis.Redis.from_url(self.url, decode_responses=True))
        return self.clients[-1]

    def worker(self, name, what):
        """Starts a worker program for fresh jobs, or for those left behind."""
        program = Path(__file__).parent / "stream_worker.py"
        self.workers.append(subprocess.Popen([sys.executable, program, self.url, name, what]))
        return self.workers[-1]

    async def publish(self, kind, numbers):
        """Puts jobs on the stream, for the group `workers` from the first."""
        if not await self.client().exists("orders"):
            await self.client().xgroup_create("orders", "workers", id="0", mkstream=True)
        async with RedisBroker(self.url) as broker:
            for number in numbers:
                await broker.publish({"kind": kind, "number": number}, stream="orders")

    async def close(self):
        for worker in self.workers:
            worker.kill()
            worker.wait()
        for client in self.clients:
            await client.aclose()


async def wait_for_runs(client, expected):
    """Waits until there were so many runs, and asserts that they are these."""

    async def are_there():
        return await client.llen("runs") >= len(expected)

    await wait_until_async("the jobs have run", are_there)
    assert await client.lrange("runs", 0, -1) == expected, await client.lrange("runs", 0, -1)


async def wait_for_pending(client, count):
    """Waits until so many jobs were handed out and not acknowledged, and none waits to be handed out."""

    async def are_pending():
        (group,) = await client.xinfo_groups("orders")
        return (group["pending"], group["lag"]) == (count, 0)

    await wait_until_async(f"{count} jobs are pending", are_pending)


@step
async def a_worker_is_killed_while_it_has_a_job(servers):
    client = servers.client()
    await servers.publish("hold", [0])
    await servers.publish("add", range(1, 20))
    alice = servers.worker("alice", "fresh")
    await wait_for_runs(client, ["alice 0"])
    alice.kill()
    alice.wait()
    (pending,) = await client.xpending_range("orders", "workers", "-", "+", 10)
    assert (pending["consumer"], pending["times_delivered"]) == ("alice", 1), pending

    servers.worker("bob", "fresh")
    others = [f"bob {number}" for number in range(1, 20)]
    await wait_for_runs(client, ["alice 0", *others])
    await wait_for_pending(client, 1)
    servers.worker("carol", "left")
    await wait_for_runs(client, ["alice 0", *others, "carol 0"])
    await wait_for_pending(client, 0)
    assert await client.llen("runs") == 21


@step
async def a_job_that_fails_is_left_to_another(servers):
    client = servers.client()
    await servers.publish("fail", [0])
    await servers.publish("add", [1])
    servers.worker("bob", "fresh")
    await wait_for_runs(client, ["bob 0", "bob 1"])
    await wait_for_pending(client, 1)
    servers.worker("carol", "left")
    await wait_for_runs(client, ["bob 0", "bob 1", "carol 0"])
    await wait_for_pending(client, 0)


@step
async def workers_share_a_stream(servers):
    client = servers.client()
    await servers.publish("add", range(50))
    for name in ("bob", "dave"):
        servers.worker(name, "fresh")
    await servers.publish("add", range(50, 100))

    async def all_ran():
        return await client.llen("runs") >= 100

    await wait_until_async("the jobs have run", all_ran)
    await wait_for_pending(client, 0)
    ran = [line.split() for line in await client.lrange("runs", 0, -1)]
    assert sorted(int(number) for _, number in ran) == list(range(100))
    for name in ("bob", "dave"):
        own = [int(number) for worker, number in ran if worker == name]
        assert own == sorted(own), "each worker gets its jobs in their order"


if __name__ == "__main__":
    run_steps(Servers)
