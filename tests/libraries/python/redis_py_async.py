"""What applications do with redis-py's asyncio client."""

import asyncio

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from steps import run_steps, step, wait_until_async


class Servers:
    """A primary and its replica, and the clients that a step made."""

    def __init__(self, primary, replica, protocol):
        self.primary, self.replica, self.protocol, self.clients = primary, replica, protocol, []

    def client(self, port=None, **options):
        options = {"protocol": self.protocol, "decode_responses": True, **options}
        self.clients.append(redis.Redis(port=port or self.primary, **options))
        return self.clients[-1]

    async def close(self):
        for client in self.clients:
            await client.aclose()


@step
async def a_pool_of_connections(servers):
    pool = redis.BlockingConnectionPool(
        port=servers.primary, protocol=servers.protocol, max_connections=8, timeout=None, decode_responses=True
    )
    client = redis.Redis.from_pool(pool)
    assert await asyncio.gather(*(client.incr("hits") for _ in range(500))) is not None
    assert await client.get("hits") == "500"
    assert len(await client.client_list()) >= 8
    await client.aclose()


@step
async def optimistic_transactions(servers):
    client = servers.client()

    async def add_one():
        while True:
            async with client.pipeline() as pipe:
                try:
                    await pipe.watch("sum")
                    total = int(await pipe.get("sum") or 0)
                    pipe.multi()
                    await pipe.set("sum", total + 1).execute()
                    return
                except redis.WatchError:
                    pass

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert await client.get("sum") == "20"


@step
async def workers_on_a_list(servers):
    client = servers.client()
    done = []

    async def work():
        while (job := await client.blmove("jobs", "doing", 0)) != "stop":
            done.append(int(job))
            assert await client.lrem("doing", 1, job) == 1

    workers = [asyncio.create_task(work()) for _ in range(4)]
    await client.rpush("jobs", *range(200), *["stop"] * 4)
    await asyncio.gather(*workers)
    assert sorted(done) == list(range(200)) and await client.lrange("doing", 0, -1) == ["stop"] * 4


@step
async def workers_on_a_stream(servers):
    client = servers.client()
    await client.xgroup_create("events", "workers", mkstream=True)
    done = []

    async def work(name):
        while len(done) < 100:
            reply = await client.xreadgroup("workers", name, {"events": ">"}, count=3, block=50)
            ((_, found),) = (reply.items() if isinstance(reply, dict) else reply) if reply else ((None, []),)
            for identifier, fields in found[0] if found and isinstance(found[0], list) else found:
                done.append(int(fields["n"]))
                assert await client.xack("events", "workers", identifier) == 1

    workers = [asyncio.create_task(work(f"worker-{number}")) for number in range(3)]
    for number in range(100):
        await client.xadd("events", {"n": number})
    await asyncio.gather(*workers)
    assert sorted(done) == list(range(100)) and (await client.xpending("events", "workers"))["pending"] == 0


@step
async def messages_while_others_come(servers):
    client, heard = servers.client(), []

    async def listen(subscriber, ready):
        await subscriber.subscribe("news")
        async for message in subscriber.listen():
            if message["type"] == "subscribe":
                ready.set()
            elif message["data"] == "end":
                return
            else:
                heard.append(message["data"])

    signals = [asyncio.Event() for _ in range(5)]
    listeners = [asyncio.create_task(listen(client.pubsub(), ready)) for ready in signals]
    await asyncio.gather(*(ready.wait() for ready in signals))
    for text in ("one", "two", "end"):
        assert await client.publish("news", text) == 5
    await asyncio.gather(*listeners)
    assert sorted(heard) == ["one"] * 5 + ["two"] * 5


@step
async def a_cancelled_wait(servers):
    client, other = servers.client(), servers.client()
    waiting = asyncio.create_task(client.blpop("queue", timeout=0))

    async def nobody_waits(count):
        return (await other.info("clients"))["blocked_clients"] == count

    await wait_until_async("the client waits", lambda: nobody_waits(1))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await wait_until_async("its connection is gone", lambda: nobody_waits(0))
    await other.rpush("queue", "job")
    assert await client.lpop("queue") == "job"


@step
async def iterators_and_a_replica(servers):
    client, replica = servers.client(), servers.client(servers.replica)
    async with client.pipeline(transaction=False) as pipe:
        for number in range(1000):
            pipe.hset("h", f"f{number}", number)
        await pipe.execute()
    assert await client.wait(1, 60_000) == 1
    assert {field: value async for field, value in replica.hscan_iter("h")} == {f"f{n}": str(n) for n in range(1000)}
    assert [key async for key in replica.scan_iter("*")] == ["h"]


@step
async def reconnecting(servers):
    client, other = servers.client(retry=Retry(ConstantBackoff(0.01), 5)), servers.client()
    await client.set("k", "v")
    for _ in range(5):
        assert await other.client_kill_filter(_id=await client.client_id()) == 1
        assert await client.get("k") == "v"


if __name__ == "__main__":
    run_steps(Servers)
