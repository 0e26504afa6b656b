"""A job queue on lists: rq, with its own worker program, which is killed while it has a job."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import redis
from rq import Queue, Retry, Worker
from rq.command import send_shutdown_command
from rq.registry import FailedJobRegistry, FinishedJobRegistry, StartedJobRegistry

from jobs import add, fail_once, hold
from steps import run_steps, step, wait_until


class Servers:
    """A primary: rq writes and reads there alone."""

    def __init__(self, primary, _replica, protocol):
        self.url = f"redis://127.0.0.1:{primary}?protocol={protocol}"
        os.environ["JOBS_SERVER"] = self.url
        self.workers = []

    def client(self, **options):
        return redis.Redis.from_url(self.url, **options)

    def worker(self, name, queue):
        """Starts rq's worker program."""
        words = [sys.executable, "-m", "rq.cli", "worker", "--quiet", "--url", self.url, "--name", name, queue]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        self.workers.append(subprocess.Popen(words, env=environment))
        return self.workers[-1]

    def close(self):
        for worker in self.workers:
            worker.kill()
            worker.wait()


def work_off(client, *queues):
    """A worker that goes home when there is nothing left to do."""
    Worker([Queue(name, connection=client) for name in queues], connection=client).work(burst=True, logging_level="ERROR")


def runs(client):
    return [int(number) for number in client.lrange("runs", 0, -1)]


@step
def jobs_run_in_their_order(servers):
    client = servers.client()
    high, low = Queue("high", connection=client), Queue("low", connection=client)
    jobs = [low.enqueue(add, number) for number in range(5)]
    jobs += high.enqueue_many([Queue.prepare_data(add, args=(number,)) for number in range(10, 15)])
    first = low.enqueue(add, 20, at_front=True)
    last = low.enqueue(add, 30, depends_on=[first, jobs[0]])
    assert (len(high), len(low), last.get_status().value) == (5, 6, "deferred")
    work_off(client, "high", "low")
    assert runs(client) == [10, 11, 12, 13, 14, 20, 0, 1, 2, 3, 4, 30], runs(client)
    assert jobs[4].latest_result().return_value == 8 and last.latest_result().return_value == 60
    assert FinishedJobRegistry("low", connection=client).count == 7 and Queue.all(connection=client) != []
    assert low.is_empty() and client.exists("rq:queue:low:intermediate") == 0


@step
def a_job_that_fails(servers):
    client = servers.client()
    queue = Queue("orders", connection=client)
    job = queue.enqueue(fail_once, 7)
    work_off(client, "orders")
    failed = FailedJobRegistry("orders", connection=client)
    assert failed.get_job_ids() == [job.id] and "the first time" in job.latest_result().exc_string
    failed.requeue(job.id)
    work_off(client, "orders")
    assert job.latest_result().return_value == "the second time" and runs(client) == [7, 7]


@step
def a_worker_is_killed_while_it_has_a_job(servers):
    client = servers.client()
    queue = Queue("orders", connection=client)
    held = queue.enqueue(hold, 0, retry=Retry(max=1))
    for number in range(1, 6):
        queue.enqueue(add, number)
    servers.worker("alice", "orders")
    (horse, worker) = holder(client)
    os.kill(worker, signal.SIGKILL)
    os.kill(horse, signal.SIGKILL)
    started = StartedJobRegistry("orders", connection=client)
    assert started.get_job_ids() == [held.id] and queue.count == 5 and runs(client) == [0]
    wait_until("nobody waits for the word", lambda: client.info("clients")["blocked_clients"] == 0)

    servers.worker("bob", "orders")
    wait_until("the others are done", lambda: queue.finished_job_registry.count == 5)
    assert runs(client) == [0, 1, 2, 3, 4, 5]
    started.cleanup(timestamp=time.time() + 3600)
    (_, second_worker) = holder(client)
    assert second_worker == servers.workers[1].pid
    client.rpush("let go", "gone")
    wait_until("the job is done", lambda: (result := held.latest_result()) and result.type == result.Type.SUCCESSFUL)
    assert held.latest_result().return_value == "gone" and runs(client) == [0, 1, 2, 3, 4, 5, 0]
    wait_until("its worker rests", lambda: b"idle" == client.hget("rq:worker:bob", "state"))
    send_shutdown_command(client, "bob")
    assert servers.workers[1].wait(timeout=180) == 0
    assert [worker.name for worker in Worker.all(connection=client)] == ["alice"], "bob has taken his leave"


def holder(client):
    """The processes that hold a job: the one that runs it and its worker."""
    _, line = client.blpop("holders", timeout=180)
    return [int(number) for number in line.split()]


@step
def workers_share_a_queue(servers):
    client = servers.client()
    queue = Queue("orders", connection=client)
    for name in ("alice", "bob"):
        servers.worker(name, "orders")
    for number in range(40):
        queue.enqueue(add, number)
    wait_until("all is done", lambda: len(runs(client)) >= 40 and queue.finished_job_registry.count == 40)
    assert sorted(runs(client)) == list(range(40))


if __name__ == "__main__":
    run_steps(Servers)
