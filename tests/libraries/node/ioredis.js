// What applications do with ioredis.
'use strict';

const assert = require('node:assert/strict');
const Redis = require('ioredis');
const { refuses, run, waitUntil } = require('./steps.js');

function servers(primary, replica, protocol) {
  const clients = [];
  return {
    primary,
    replica,
    protocol,
    client(options = {}) {
      clients.push(new Redis({ port: primary, host: '127.0.0.1', protocol, ...options }));
      return clients.at(-1);
    },
    async close() {
      clients.forEach((client) => client.disconnect());
    },
  };
}

async function theConnection({ client, protocol }) {
  const redis = client({ connectionName: 'shop', db: 3, keyPrefix: 'app:' });
  assert.equal(await redis.ping(), 'PONG');
  const facts = await redis.client('INFO');
  assert.match(facts, / name=shop /);
  assert.match(facts, / db=3 /);
  assert.match(facts, new RegExp(` resp=${protocol}`));
  assert.match(facts, / lib-name=ioredis/);
  await redis.set('k', 'v');
  assert.deepEqual(await client({ db: 3 }).keys('*'), ['app:k']);
}

async function everyType({ client }) {
  const redis = client();
  assert.equal(await redis.set('s', '10', 'EX', 100, 'NX'), 'OK');
  assert.equal(await redis.set('s', '11', 'NX'), null);
  assert.equal(await redis.incrbyfloat('s', 0.5), '10.5');
  assert.equal(await redis.rpush('l', 'a', 'b', 'c'), 3);
  assert.deepEqual(await redis.lmpop(1, 'l', 'LEFT', 'COUNT', 2), ['l', ['a', 'b']]);
  assert.equal(await redis.hset('h', { a: 1, b: 2 }), 2);
  assert.deepEqual(await redis.hgetall('h'), { a: '1', b: '2' });
  assert.equal(await redis.sadd('x', 'a', 'b'), 2);
  assert.deepEqual(await redis.smismember('x', 'a', 'z'), [1, 0]);
  assert.equal(await redis.zadd('z', 1, 'one', 2.5, 'two'), 2);
  assert.deepEqual(await redis.zrange('z', 0, -1, 'WITHSCORES').then((all) => all.flat().map(String)), ['one', '1', 'two', '2.5']);
  assert.equal(await redis.zscore('z', 'two').then(String), '2.5');
  assert.equal(await redis.geoadd('g', 13.361389, 38.115556, 'Palermo'), 1);
  assert.deepEqual(await redis.geosearch('g', 'FROMLONLAT', 13, 38, 'BYRADIUS', 100, 'km'), ['Palermo']);
  assert.equal(await redis.pfadd('p', 'a', 'b'), 1);
  assert.equal(await redis.setbit('b', 7, 1), 0);
  assert.equal(await redis.bitcount('b'), 1);
}

async function pipelines({ client }) {
  const redis = client();
  const pipeline = redis.pipeline();
  for (let number = 0; number < 5000; number++) pipeline.set(`key:${number}`, number);
  const replies = await pipeline.exec();
  assert.ok(replies.length === 5000 && replies.every(([error, reply]) => error === null && reply === 'OK'));
  const [first, second, third] = await redis.pipeline().get('key:1').lpush('key:1', 'x').incr('key:1').exec();
  assert.deepEqual([first, third], [[null, '1'], [null, 2]]);
  assert.match(second[0].message, /^WRONGTYPE/);
  const automatic = client({ enableAutoPipelining: true });
  const values = await Promise.all(Array.from({ length: 1000 }, (_, number) => automatic.get(`key:${number + 2}`)));
  assert.deepEqual(values, Array.from({ length: 1000 }, (_, number) => String(number + 2)));
}

async function transactions({ client }) {
  const redis = client();
  assert.deepEqual(await redis.multi().set('stock', 5).decr('stock').get('stock').exec(), [[null, 'OK'], [null, 4], [null, '4']]);
  await redis.watch('stock');
  await client().set('stock', 9);
  assert.equal(await redis.multi().set('stock', 1).exec(), null);
  const replies = await redis.multi().set('a', 1).lpush('a', 'x').set('b', 1).exec();
  assert.match(replies[1][0].message, /^WRONGTYPE/);
  assert.equal(await redis.get('b'), '1');
  await refuses(redis.multi().set('c', 1).call('NOSUCH').exec(), 'EXECABORT');
  assert.equal(await redis.get('c'), null);
}

async function messages({ client }) {
  const [subscriber, publisher, heard] = [client(), client(), []];
  subscriber.on('message', (channel, text) => heard.push([channel, text]));
  subscriber.on('pmessage', (pattern, channel, text) => heard.push([pattern, channel, text]));
  subscriber.on('smessage', (channel, text) => heard.push(['shard', channel, text]));
  assert.equal(await subscriber.subscribe('news', 'sport'), 2);
  assert.equal(await subscriber.psubscribe('n?ws'), 3);
  assert.equal(await subscriber.ssubscribe('orders'), 1);
  assert.equal(await publisher.publish('news', 'hello'), 2);
  assert.equal(await publisher.spublish('orders', 'one'), 1);
  await waitUntil('all messages have come', () => heard.length === 3);
  assert.deepEqual(heard, [['news', 'hello'], ['n?ws', 'news', 'hello'], ['shard', 'orders', 'one']]);
  assert.equal(await subscriber.unsubscribe('news', 'sport'), 1);
  assert.equal(await subscriber.punsubscribe('n?ws'), 0);
  assert.equal(await publisher.publish('news', 'nobody'), 0);
}

async function blockingPops({ client }) {
  const [waiting, other] = [client(), client()];
  const waits = [
    [() => waiting.blpop('q1', 'q2', 50), () => other.rpush('q2', 'job'), ['q2', 'job']],
    [() => waiting.blmove('q1', 'q2', 'LEFT', 'RIGHT', 50), () => other.rpush('q1', 'job'), 'job'],
    [() => waiting.bzpopmin('z', 50), () => other.zadd('z', 1.5, 'm'), ['z', 'm', '1.5']],
    [() => waiting.xread('BLOCK', 50000, 'STREAMS', 'x', '$'), () => other.xadd('x', '1-1', 'f', 'v'), undefined],
  ];
  for (const [wait, give, expected] of waits) {
    const result = wait();
    await waitUntil('the client waits', async () => /^blocked_clients:1\r$/m.test(await other.info('clients')));
    await give();
    const found = await result;
    if (expected) assert.deepEqual(Array.isArray(found) ? found.map(String) : found, expected);
    else assert.deepEqual(found.flat(9), ['x', '1-1', 'f', 'v']);
  }
  assert.equal(await waiting.blpop('empty', 0.01), null);
}

async function streamsWithGroups({ client }) {
  const redis = client();
  assert.equal(await redis.xgroup('CREATE', 'orders', 'workers', '0', 'MKSTREAM'), 'OK');
  await refuses(redis.xgroup('CREATE', 'orders', 'workers', '0'), 'BUSYGROUP');
  for (let number = 1; number <= 5; number++) await redis.xadd('orders', `${number}-1`, 'number', number);
  const fresh = await redis.xreadgroup('GROUP', 'workers', 'alice', 'COUNT', 3, 'STREAMS', 'orders', '>');
  assert.deepEqual(fresh.flat(9), ['orders', '1-1', 'number', '1', '2-1', 'number', '2', '3-1', 'number', '3']);
  assert.equal(await redis.xack('orders', 'workers', '1-1'), 1);
  assert.deepEqual(await redis.xpending('orders', 'workers'), [2, '2-1', '3-1', [['alice', '2']]]);
  assert.deepEqual(await redis.xautoclaim('orders', 'workers', 'bob', 0, '0', 'COUNT', 1), ['3-1', [['2-1', ['number', '2']]], []]);
  assert.equal(await redis.xlen('orders'), 5);
  assert.equal(await redis.xtrim('orders', 'MAXLEN', 2), 3);
}

async function scanStreams({ client }) {
  const redis = client();
  const pipeline = redis.pipeline();
  for (let number = 0; number < 1000; number++) pipeline.set(`user:${number}`, 1).hset('h', `f${number}`, number);
  await pipeline.exec();
  const keys = new Set();
  for await (const batch of redis.scanStream({ match: 'user:*', count: 100 })) batch.forEach((key) => keys.add(key));
  assert.equal(keys.size, 1000);
  const fields = new Map();
  for await (const batch of redis.hscanStream('h')) {
    for (let at = 0; at < batch.length; at += 2) fields.set(batch[at], batch[at + 1]);
  }
  assert.ok(fields.size === 1000 && fields.get('f999') === '999');
}

async function expiryOfHashFields({ client }) {
  const redis = client();
  await redis.hset('h', { a: 1, b: 2 });
  assert.deepEqual(await redis.hexpire('h', 100, 'FIELDS', 2, 'a', 'none'), [1, -2]);
  assert.deepEqual(await redis.httl('h', 'FIELDS', 2, 'a', 'b'), [100, -1]);
  assert.deepEqual(await redis.hpexpire('h', 1, 'FIELDS', 1, 'b'), [1]);
  await waitUntil('the field is gone', async () => (await redis.hexists('h', 'b')) === 0);
}

async function tracking({ client, protocol }) {
  const [reader, writer, listener, heard] = [client(), client(), client(), []];
  if (protocol === 2) {
    listener.on('message', (channel, keys) => heard.push([channel, keys].flat()));
    const target = await listener.client('ID');
    await listener.subscribe('__redis__:invalidate');
    assert.equal(await reader.client('TRACKING', 'ON', 'REDIRECT', target), 'OK');
  } else {
    assert.equal(await reader.client('TRACKING', 'ON'), 'OK');
  }
  assert.equal(await reader.get('k'), null);
  assert.equal(await writer.set('k', 'v'), 'OK');
  // Over RESP3 the message comes between replies, and must not be taken for one.
  assert.equal(await reader.get('k'), 'v');
  if (protocol === 2) await waitUntil('the invalidation has come', () => heard.length === 1);
}

async function bigAndBinaryValues({ client }) {
  const redis = client();
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const big = Buffer.concat(Array.from({ length: 65536 }, () => everyByte));
  await redis.set(everyByte, big);
  assert.ok((await redis.getBuffer(everyByte)).equals(big));
  await redis.set('text', 'Grüße, 世界 🌍');
  assert.equal(await redis.get('text'), 'Grüße, 世界 🌍');
}

async function reconnecting({ client }) {
  const [redis, other] = [client({ retryStrategy: () => 1 }), client()];
  await redis.set('k', 'v');
  const events = [];
  redis.on('close', () => events.push('close'));
  redis.on('ready', () => events.push('ready'));
  assert.equal(await other.client('KILL', 'ID', await redis.client('ID')), 1);
  await waitUntil('it is back', () => events.includes('ready'));
  assert.equal(await redis.get('k'), 'v');
  const subscriber = client({ retryStrategy: () => 1 });
  const heard = [];
  subscriber.on('message', (channel, text) => heard.push(text));
  await subscriber.subscribe('news');
  assert.equal(await other.client('KILL', 'TYPE', 'pubsub'), 1);
  await waitUntil('it has subscribed again', async () => (await other.publish('news', 'again')) >= 0 && heard[0] === 'again');
}

async function aReplica({ client, replica }) {
  const [redis, reader] = [client(), client({ port: replica })];
  await redis.set('k', 'v');
  assert.equal(await redis.wait(1, 60000), 1);
  assert.equal(await reader.get('k'), 'v');
  await refuses(reader.set('k', 'w'), "READONLY You can't write against a read only replica.");
  assert.equal((await reader.role())[0], 'slave');
}

async function errors({ client }) {
  const redis = client();
  await redis.set('s', 'text');
  await refuses(redis.lpush('s', 1), 'WRONGTYPE Operation against a key');
  await refuses(redis.incr('s'), 'ERR value is not an integer or out of range');
  await refuses(redis.call('GET'), "ERR wrong number of arguments for 'get' command");
  await refuses(redis.call('NOSUCH', 'a'), "ERR unknown command 'NOSUCH', with args beginning with: 'a'");
  await assert.rejects(redis.incr('s'), (error) => error.name === 'ReplyError' && error.command.name === 'incr');
}

run(servers, {
  theConnection, everyType, pipelines, transactions, messages, blockingPops, streamsWithGroups, scanStreams,
  expiryOfHashFields, tracking, bigAndBinaryValues, reconnecting, aReplica, errors,
});
