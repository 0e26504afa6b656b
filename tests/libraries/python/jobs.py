"""The jobs of the job queues' programs: each leaves a line in the list `runs`, by its own connection."""

import os

import redis


def connection():
    return redis.Redis.from_url(os.environ["JOBS_SERVER"], decode_responses=True)


def add(number):
    """Says that it ran."""
    connection().rpush("runs", number)
    return number * 2


def hold(number):
    """Says that it runs and in which processes, and waits to be let go."""
    client = connection()
    client.rpush("runs", number)
    client.rpush("holders", f"{os.getpid()} {os.getppid()}")
    return client.blpop("let go", timeout=0)[1]


def fail_once(number):
    """Fails the first time."""
    if connection().rpush("runs", number) == 1:
        raise ValueError("the first time")
    return "the second time"
