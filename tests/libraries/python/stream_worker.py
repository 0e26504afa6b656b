"""A worker of the job queue on a stream, started with the server's address, its name, and what it takes: `fresh` jobs, or
those `left` behind by others."""

import asyncio
import sys

from faststream import AckPolicy, FastStream
from faststream.redis import RedisBroker, StreamSub

SERVER, NAME, WHAT = sys.argv[1:4]
broker = RedisBroker(SERVER, logger=None)
orders = StreamSub(
    "orders",
    group="workers",
    consumer=NAME,
    last_id=">",
    max_records=1,
    polling_interval=20,
    min_idle_time=1 if WHAT == "left" else None,
)


@broker.subscriber(stream=orders, ack_policy=AckPolicy.NACK_ON_ERROR)
async def run(job: dict):
    client = await broker.connect()
    await client.rpush("runs", f"{NAME} {job['number']}")
    if job["kind"] == "hold" and NAME == "alice":
        await client.blpop("let go", timeout=0)
    if job["kind"] == "fail" and WHAT == "fresh":
        raise ValueError("left to another")


asyncio.run(FastStream(broker, logger=None).run())
