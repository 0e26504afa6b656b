"""The steps of a program: functions that use the library and assert, run one after another on empty databases."""

import asyncio
import inspect
import sys
import time

DEADLINE_SECONDS = 180
STEPS = []


def step(function):
    """Declares a step. It takes the servers; it may be a coroutine."""
    STEPS.append(function)
    return function


def wait_until(what, condition):
    """Asks again and again until the condition holds."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.005)


async def wait_until_async(what, condition):
    """Asks again and again until the condition holds, while other tasks run."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not await condition():
        assert time.monotonic() < end, f"waited in vain until {what}"
        await asyncio.sleep(0.005)


def raises(kind, text, action, *arguments, **options):
    """Asserts that a call raises this class of error (no subclass of it), whose text holds the words."""
    try:
        reply = action(*arguments, **options)
    except Exception as error:
        assert type(error) is kind and text in str(error), f"{type(error)}: {error}"
        return
    raise AssertionError(f"no {kind.__name__}, but {reply!r}")


def skip(why):
    """Tells the test that something was left out."""
    print(f"SKIPPED: {why}", flush=True)


def run_steps(connect):
    """Runs every step over RESP2 and RESP3, each after FLUSHALL. `connect` makes the servers for a protocol version.

    The program's arguments are the ports of a primary and of its replica.
    """
    primary, replica = (int(port) for port in sys.argv[1:3])
    for protocol in (2, 3):
        for function in STEPS:
            print(f"{function.__name__} over RESP{protocol}", flush=True)
            if inspect.iscoroutinefunction(function):
                asyncio.run(run_async(function, connect(primary, replica, protocol)))
            else:
                servers = connect(primary, replica, protocol)
                servers.client().flushall()
                function(servers)
                servers.close()
    print("all steps done", flush=True)


async def run_async(function, servers):
    await servers.client().flushall()
    await function(servers)
    await servers.close()
