"""What applications do with redis-py."""

import threading

import redis
from redis.backoff import ConstantBackoff
from redis.cache import CacheConfig
from redis.retry import Retry

from steps import raises, run_steps, skip, step, wait_until


class Servers:
    """A primary and its replica, and the clients that a step made."""

    def __init__(self, primary, replica, protocol):
        self.primary, self.replica, self.protocol, self.clients = primary, replica, protocol, []

    def client(self, port=None, **options):
        options = {"protocol": self.protocol, "decode_responses": True, **options}
        self.clients.append(redis.Redis(port=port or self.primary, **options))
        return self.clients[-1]

    def close(self):
        for client in self.clients:
            client.close()


@step
def the_connection(servers):
    client = servers.client(client_name="shop", db=3)
    assert client.ping() is True
    facts = client.client_info()
    assert (facts["name"], int(facts["db"]), int(facts["resp"])) == ("shop", 3, servers.protocol), facts
    assert facts["lib-name"].startswith("redis-py") and facts["lib-ver"] == redis.__version__, facts
    assert client.client_id() == int(facts["id"])
    assert client.info("server")["tcp_port"] == servers.primary
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.command()["get"]["arity"] == 2 and client.command_count() > 200
    assert client.command_getkeys("mset", "a", 1, "b", 2) == ["a", "b"]


@step
def every_type(servers):
    client = servers.client()
    assert client.set("s", "1", ex=100, nx=True) is True and client.set("s", "2", nx=True) is None
    assert 0 < client.ttl("s") <= 100 and client.incrbyfloat("s", 0.5) == 1.5 and client.getdel("s") == "1.5"
    assert client.rpush("l", *range(5)) == 5 and client.lpop("l", 2) == ["0", "1"] and client.lpos("l", "4") == 2
    assert client.lmpop(2, "nothing", "l", direction="RIGHT", count=2) == ["l", ["4", "3"]]
    assert client.hset("h", mapping={"a": 1, "b": 2}) == 2 and client.hgetall("h") == {"a": "1", "b": "2"}
    assert set(client.hrandfield("h", 2, withvalues=True) and client.hkeys("h")) == {"a", "b"}
    assert client.sadd("x", *"abc") == 3 and client.sadd("y", *"bcd") == 3 and client.sinter("x", "y") == {"b", "c"}
    assert client.smismember("x", ["a", "z"]) == [1, 0] and client.sintercard(2, ["x", "y"], limit=1) == 1
    assert client.zadd("z", {"one": 1, "two": 2.5}) == 2 and client.zscore("z", "two") == 2.5
    assert flat(client.zrange("z", 0, -1, withscores=True)) == ["one", 1.0, "two", 2.5]
    assert client.zadd("z", {"one": 4}, xx=True, gt=True, ch=True) == 1 and client.zpopmax("z")[0] is not None
    assert client.geoadd("g", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")) == 2
    assert round(client.geodist("g", "Palermo", "Catania", unit="km")) == 166
    assert client.geosearch("g", longitude=15, latitude=37, radius=100, unit="km") == ["Catania"]
    assert client.pfadd("p", *"abcde") == 1 and client.pfcount("p") == 5
    assert client.setbit("b", 7, 1) == 0 and client.bitcount("b") == 1 and client.bitpos("b", 1) == 7
    assert client.bitfield("b").set("u8", 0, 200).incrby("u8", 0, 100, overflow="SAT").execute() == [1, 255]
    assert client.type("z") == "zset" and client.object("encoding", "h") == "listpack"
    assert client.copy("h", "h2") and client.rename("h2", "h3") and client.exists("h", "h2", "h3") == 2
    assert client.restore("s2", 0, servers.client(decode_responses=False).dump("h")) and client.hget("s2", "b") == "2"
    assert client.lcs("none", "none") == "" and client.dbsize() == len(client.keys())


@step
def pipelines(servers):
    client = servers.client()
    with client.pipeline(transaction=False) as pipe:
        for number in range(5000):
            pipe.set(f"key:{number}", number)
        assert pipe.execute() == [True] * 5000
    with client.pipeline(transaction=False) as pipe:
        pipe.get("key:1").incr("key:1").lpush("key:1", "x").get("key:1")
        replies = pipe.execute(raise_on_error=False)
    assert replies[:2] == ["1", 2] and replies[3] == "2" and isinstance(replies[2], redis.ResponseError), replies
    assert client.mget([f"key:{number}" for number in range(2, 1000)]) == [str(number) for number in range(2, 1000)]


@step
def transactions(servers):
    client = servers.client()
    with client.pipeline() as pipe:
        pipe.set("stock", 5).decr("stock").get("stock")
        assert pipe.execute() == [True, 4, "4"]
    with client.pipeline() as pipe:
        pipe.watch("stock")
        count = int(pipe.get("stock"))
        servers.client().set("stock", 9)
        pipe.multi()
        pipe.set("stock", count - 1)
        raises(redis.WatchError, "", pipe.execute)
    attempts = []

    def take_one(pipe):
        count = int(pipe.get("stock"))
        if not attempts:
            servers.client().incr("stock")
        attempts.append(count)
        pipe.multi()
        pipe.set("stock", count - 1)

    assert client.transaction(take_one, "stock") == [True]
    assert attempts == [9, 10] and client.get("stock") == "9"
    with client.pipeline() as pipe:
        pipe.set("a", 1).lpush("a", "x").set("b", 1)
        raises(redis.ResponseError, "WRONGTYPE", pipe.execute)
    assert client.get("b") == "1"
    with client.pipeline() as pipe:
        pipe.set("c", 1).execute_command("NOSUCH")
        raises(redis.ResponseError, "unknown command 'NOSUCH'", pipe.execute)
    assert client.get("c") is None


def next_message(subscriber):
    found = []
    wait_until("a message has come", lambda: found.append(subscriber.get_message(timeout=1)) or found[-1])
    return {name: found[-1][name] for name in ("type", "pattern", "channel", "data")}


def message(kind, pattern, channel, data):
    return {"type": kind, "pattern": pattern, "channel": channel, "data": data}


@step
def messages(servers):
    client = servers.client()
    subscriber = client.pubsub()
    subscriber.subscribe("news", "sport")
    subscriber.psubscribe("n?ws*")
    assert next_message(subscriber) == message("subscribe", None, "news", 1)
    assert next_message(subscriber) == message("subscribe", None, "sport", 2)
    assert next_message(subscriber) == message("psubscribe", None, "n?ws*", 3)
    assert client.publish("news", "hello") == 2 and client.publish("nobody", "x") == 0
    assert next_message(subscriber) == message("message", None, "news", "hello")
    assert next_message(subscriber) == message("pmessage", "n?ws*", "news", "hello")
    assert sorted(client.pubsub_channels()) == ["news", "sport"] and client.pubsub_numpat() == 1
    assert client.pubsub_numsub("news", "none") == [("news", 1), ("none", 0)]
    if servers.protocol == 2:
        subscriber.ping("still there")
        assert next_message(subscriber) == message("pong", None, None, "still there")
    subscriber.unsubscribe()
    assert {next_message(subscriber)["channel"] for _ in range(2)} == {"news", "sport"}
    subscriber.punsubscribe()
    assert next_message(subscriber) == message("punsubscribe", None, "n?ws*", 0)
    subscriber.close()


@step
def sharded_messages(servers):
    client = servers.client()
    subscriber = client.pubsub()
    subscriber.ssubscribe("orders")
    assert next_message(subscriber) == message("ssubscribe", None, "orders", 1)
    assert client.spublish("orders", "one") == 1 and client.publish("orders", "other kind") == 0
    assert next_message(subscriber) == message("smessage", None, "orders", "one")
    assert client.pubsub_shardchannels() == ["orders"] and client.pubsub_shardnumsub("orders") == [("orders", 1)]
    subscriber.sunsubscribe("orders")
    assert next_message(subscriber) == message("sunsubscribe", None, "orders", 0)
    subscriber.close()


@step
def handlers_and_keyspace_events(servers):
    client = servers.client()
    assert client.config_set("notify-keyspace-events", "KEA") is True
    heard = []
    subscriber = client.pubsub(ignore_subscribe_messages=True)
    subscriber.psubscribe(**{"__keyevent@0__:*": lambda message: heard.append((message["channel"], message["data"]))})
    listener = subscriber.run_in_thread(sleep_time=0.01, daemon=True)
    wait_until("the subscription is there", lambda: client.pubsub_numpat() == 1)
    client.set("k", "v", px=1)
    wait_until("the key is gone", lambda: ("__keyevent@0__:expired", "k") in heard)
    assert heard[:2] == [("__keyevent@0__:set", "k"), ("__keyevent@0__:expire", "k")], heard
    listener.stop()
    listener.join()
    client.config_set("notify-keyspace-events", "")


def in_thread(function, *arguments, **options):
    """Runs a call in a thread; the list that is returned gets its result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments, **options)), daemon=True)
    thread.start()
    return thread, results


@step
def blocking_pops(servers):
    client, other = servers.client(), servers.client()
    waits = [
        (lambda: client.blpop(["q1", "q2"], timeout=50), lambda: other.rpush("q2", "job"), ["q2", "job"]),
        (lambda: client.blmove("q1", "q2", 50), lambda: other.rpush("q1", "job"), "job"),
        (lambda: client.blmpop(50, 1, "q1", direction="LEFT"), lambda: other.rpush("q1", "a"), ["q1", ["a"]]),
        (lambda: client.bzpopmin("z", timeout=50), lambda: other.zadd("z", {"m": 1.5}), ["z", "m", 1.5]),
        (lambda: client.bzmpop(50, 1, ["z"], max=True), lambda: other.zadd("z", {"m": 2}), None),
        (lambda: client.xread({"x": "$"}, block=50_000), lambda: other.xadd("x", {"f": "v"}), None),
    ]
    blocked = lambda: int(other.info("clients")["blocked_clients"])
    for wait, give, expected in waits:
        thread, results = in_thread(wait)
        wait_until("the client waits", lambda: blocked() == 1)
        give()
        thread.join()
        assert results and (expected is None or flat(results[0]) == flat(expected)), results
    assert client.blpop("empty", timeout=0.01) is None
    thread, results = in_thread(client.brpop, "empty", timeout=50)
    wait_until("the client waits", lambda: blocked() == 1)
    (waiting,) = [entry for entry in other.client_list() if "b" in entry["flags"]]
    assert other.client_unblock(int(waiting["id"])) == 1
    thread.join()
    assert results == [None], results


def flat(value):
    """Lists and tuples alike, their items in one list."""
    return [item for part in value for item in flat(part)] if isinstance(value, (list, tuple)) else [value]


@step
def streams_with_groups(servers):
    client = servers.client()
    assert client.xgroup_create("orders", "workers", id="0", mkstream=True) is True
    raises(redis.ResponseError, "Consumer Group name already exists", client.xgroup_create, "orders", "workers")
    names = [client.xadd("orders", {"number": number}) for number in range(10)]
    assert client.xlen("orders") == 10
    raises(redis.ResponseError, "equal or smaller", client.xadd, "orders", {"a": 1}, id="1-1")
    assert client.xadd("orders", {"last": 1}, nomkstream=True, maxlen=100)
    fresh = entries(client.xreadgroup("workers", "alice", {"orders": ">"}, count=4))
    assert [name for name, _ in fresh] == names[:4] and fresh[0][1] == {"number": "0"}, fresh
    assert client.xack("orders", "workers", *names[:2]) == 2
    summary = client.xpending("orders", "workers")
    assert (summary["pending"], summary["min"], summary["max"]) == (2, names[2], names[3]), summary
    (first, _) = client.xpending_range("orders", "workers", "-", "+", 10)
    assert (first["message_id"], first["consumer"], first["times_delivered"]) == (names[2], "alice", 1), first
    claimed = client.xclaim("orders", "workers", "bob", 0, [names[2]])
    assert [name for name, _ in claimed] == [names[2]]
    cursor, taken, deleted = client.xautoclaim("orders", "workers", "bob", 0, "0-0")
    assert (cursor, [name for name, _ in taken], deleted) == ("0-0", names[2:4], []), (cursor, taken, deleted)
    assert [name for name, _ in entries(client.xreadgroup("workers", "bob", {"orders": "0"}))] == names[2:4]
    (group,) = client.xinfo_groups("orders")
    assert (group["name"], group["consumers"], group["pending"], group["entries-read"]) == ("workers", 2, 2, 4), group
    assert {consumer["name"] for consumer in client.xinfo_consumers("orders", "workers")} == {"alice", "bob"}
    assert client.xinfo_stream("orders")["length"] == 11
    assert client.xinfo_stream("orders", full=True)["groups"]
    assert [name for name, _ in client.xrevrange("orders", count=1)] > names[-1:]
    assert client.xtrim("orders", maxlen=5, approximate=False) == 6 and client.xdel("orders", names[8]) == 1
    assert client.xgroup_delconsumer("orders", "workers", "bob") == 2 and client.xgroup_destroy("orders", "workers") == 1


def entries(reply):
    """The entries of the only stream of a reply: a list of pairs over RESP2, a dictionary over RESP3."""
    ((_, found),) = reply.items() if isinstance(reply, dict) else reply
    return found[0] if found and isinstance(found[0], list) else found


@step
def scan_iterators(servers):
    client = servers.client()
    with client.pipeline(transaction=False) as pipe:
        for number in range(3000):
            pipe.set(f"user:{number}", number)
            pipe.hset("h", f"f{number}", number)
            pipe.sadd("s", number)
            pipe.zadd("z", {f"m{number}": number})
        pipe.execute()
    assert set(client.scan_iter(match="user:*", count=100)) == {f"user:{number}" for number in range(3000)}
    assert set(client.scan_iter(_type="hash")) == {"h"}
    assert dict(client.hscan_iter("h", count=50)) == {f"f{number}": str(number) for number in range(3000)}
    assert set(client.hscan_iter("h", no_values=True)) == {f"f{number}" for number in range(3000)}
    assert set(client.sscan_iter("s", match="1*")) == {str(n) for n in range(3000) if str(n).startswith("1")}
    assert dict(client.zscan_iter("z")) == {f"m{number}": float(number) for number in range(3000)}


@step
def expiry_of_hash_fields(servers):
    client = servers.client()
    client.hset("h", mapping={"a": 1, "b": 2, "c": 3})
    assert client.hexpire("h", 100, "a", "none") == [1, -2] and client.httl("h", "a", "b") == [100, -1]
    assert client.hpersist("h", "a", "b") == [1, -1] and client.hpexpire("h", 1, "b") == [1]
    wait_until("the field is gone", lambda: client.hexists("h", "b") is False)
    assert client.hgetall("h") == {"a": "1", "c": "3"}
    assert client.hsetex("h", mapping={"d": 4}, ex=50) == 1 and client.hgetex("h", "d", persist=True) == ["4"]
    assert client.hgetdel("h", "d", "none") == ["4", None] and client.hexpire("h", 5, "a", nx=True) == [1]


@step
def the_cache_of_the_client(servers):
    if servers.protocol == 2:
        return raises(redis.RedisError, "RESP version 3", servers.client, cache_config=CacheConfig())
    plain = servers.client()
    version = tuple(int(part) for part in plain.info("server")["redis_version"].split("."))
    if version < (7, 4, 0):
        return skip("redis-py caches only what servers send that call themselves 7.4.0 or later")
    client = servers.client(cache_config=CacheConfig())
    plain.set("k", "old")
    assert client.get("k") == "old" and client.get_cache().size == 1
    reads = plain.info("commandstats")["cmdstat_get"]["calls"]
    assert client.get("k") == "old" and plain.info("commandstats")["cmdstat_get"]["calls"] == reads
    plain.set("k", "new")
    wait_until("the invalidation has come", lambda: client.get("k") == "new")
    plain.flushall()
    wait_until("the cache is empty", lambda: client.get("k") is None)


@step
def tracking(servers):
    other = servers.client()
    if servers.protocol == 2:
        listener = servers.client().pubsub()
        listener.subscribe("__redis__:invalidate")
        next_message(listener)
        (target,) = [entry["id"] for entry in other.client_list(_type="pubsub")]
        reader = servers.client(single_connection_client=True)
        assert reader.client_tracking_on(clientid=int(target), optin=False)
        assert reader.get("k") is None and reader.client_trackinginfo()[3] == int(target)
        other.set("k", 1)
        assert flat(next_message(listener)["data"]) == ["k"]
    else:
        reader = servers.client(single_connection_client=True)
        heard = []
        reader.connection._parser.set_invalidation_push_handler(lambda message: heard.append(message))
        assert reader.client_tracking_on(prefix=["user:", "order:"], bcast=True)
        assert reader.client_getredir() == 0 and reader.client_trackinginfo()["flags"] == ["on", "bcast"]
        other.mset({"user:1": 1, "else": 1})
        wait_until("the invalidation has come", lambda: reader.ping() and heard)
        assert flat(heard[0])[-1] in ("user:1", b"user:1"), heard
    assert reader.client_tracking_off()


@step
def big_and_binary_values(servers):
    client = servers.client(decode_responses=False)
    every_byte = bytes(range(256))
    assert client.set(every_byte, every_byte[::-1]) and client.get(every_byte) == every_byte[::-1]
    big = every_byte * (16 * 1024 * 4)
    assert client.set(b"big", big) and client.strlen(b"big") == len(big) and client.get(b"big") == big
    assert client.append(b"big", b"\r\n$-1\r\n") == len(big) + 7 and client.getrange(b"big", -7, -1) == b"\r\n$-1\r\n"
    assert client.hset(b"h", mapping={b"": b"", every_byte: big}) == 2 and client.hget(b"h", every_byte) == big
    assert client.rpush(b"l", *[every_byte] * 20_000) == 20_000 and client.lrange(b"l", 0, -1) == [every_byte] * 20_000
    text = "Grüße, 世界 🌍"
    assert servers.client().set(text, text) and servers.client().get(text) == text


@step
def reconnecting(servers):
    client, other = servers.client(retry=Retry(ConstantBackoff(0.01), 3)), servers.client()
    client.set("k", "v")
    assert other.client_kill_filter(_id=client.client_id()) == 1 and client.get("k") == "v"
    once = servers.client(retry=Retry(ConstantBackoff(0), 0))
    number = once.client_id()
    assert other.client_kill_filter(_id=number) == 1
    wait_until("the connection is gone", lambda: all(int(entry["id"]) != number for entry in other.client_list()))
    assert once.ping() and once.client_id() != number
    subscriber = client.pubsub()
    subscriber.subscribe("news")
    next_message(subscriber)
    assert other.client_kill_filter(_type="pubsub") == 1
    wait_until("the subscription is there again", lambda: subscriber.get_message(timeout=0.01) or other.publish("news", 1))
    other.publish("news", "again")
    wait_until("the message has come", lambda: (subscriber.get_message(timeout=1) or {}).get("data") == "again")
    subscriber.close()


@step
def a_replica(servers):
    client, replica = servers.client(), servers.client(servers.replica)
    assert client.set("k", "v") and client.wait(1, 60_000) == 1 and replica.get("k") == "v"
    assert client.role()[0] == "master" and replica.role()[:3] == ["slave", "127.0.0.1", servers.primary]
    assert replica.info("replication")["master_link_status"] == "up"
    raises(redis.ReadOnlyError, "against a read only replica", replica.set, "k", "w")
    assert client.hset("h", mapping={"f": 1}) and client.hexpire("h", 1000, "f") and client.wait(1, 60_000) == 1
    assert replica.hgetall("h") == {"f": "1"} and 0 < replica.httl("h", "f")[0] <= 1000
    thread, results = in_thread(replica.xread, {"x": "0"}, block=50_000)
    client.xadd("x", {"f": "v"})
    thread.join()
    assert entries(results[0])[0][1] == {"f": "v"}, results


@step
def classes_of_errors(servers):
    client = servers.client()
    client.set("s", "text")
    raises(redis.ResponseError, "WRONGTYPE Operation against a key", client.lpush, "s", 1)
    raises(redis.ResponseError, "value is not an integer or out of range", client.incr, "s")
    raises(redis.ResponseError, "wrong number of arguments for 'get' command", client.execute_command, "GET")
    raises(redis.ResponseError, "unknown command 'NOSUCH'", client.execute_command, "NOSUCH", "a")
    raises(redis.ResponseError, "DB index is out of range", servers.client(db=99).ping)
    raises(redis.ResponseError, "NOGROUP", client.xreadgroup, "g", "c", {"x": ">"})
    raises(redis.ResponseError, "no such key", client.rename, "none", "other")
    raises(redis.exceptions.OutOfMemoryError, "maxmemory", with_option(client, "maxmemory", "1", "0"), "SET", "a", "b")
    raises(redis.ResponseError, "NOREPLICAS", with_option(client, "min-replicas-to-write", "3", "0"), "SET", "a", "b")
    client.config_set("requirepass", "secret")
    refusal = "Authentication required" if servers.protocol == 2 else "HELLO must be called with the client already auth"
    raises(redis.AuthenticationError, refusal, servers.client().get, "s")
    raises(redis.AuthenticationError, "invalid username-password pair", servers.client(password="wrong").get, "s")
    assert servers.client(password="secret", username="default").get("s") == "text"
    client.config_set("requirepass", "")
    raises(redis.ConnectionError, "Connection refused", servers.client(port=1, retry=None).ping)
    raises(redis.TimeoutError, "Timeout", servers.client(socket_timeout=0.05, retry=None).blpop, "none", 0)


def with_option(client, name, value, usual):
    """A call of a command while an option is set."""

    def call(*words):
        client.config_set(name, value)
        try:
            return client.execute_command(*words)
        finally:
            client.config_set(name, usual)

    return call


if __name__ == "__main__":
    run_steps(Servers)
