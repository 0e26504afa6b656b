// What applications do with node-redis, the package `redis`.
'use strict';

const assert = require('node:assert/strict');
const { createClient, createClientPool, BasicClientSideCache, ErrorReply, WatchError } = require('redis');
const { refuses, run, waitUntil } = require('./steps.js');

function servers(primary, replica, protocol) {
  const clients = [];
  return {
    primary,
    replica,
    protocol,
    async client(options = {}) {
      const { port = primary, ...others } = options;
      const socket = { host: '127.0.0.1', port, reconnectStrategy: () => 1 };
      const client = createClient({ socket, RESP: protocol, ...others });
      client.on('error', () => {}); // a lost connection is told here, and mended by itself
      client.flushall = () => client.flushAll();
      clients.push(client);
      return client.connect();
    },
    async close() {
      clients.forEach((client) => client.isOpen && client.destroy());
    },
  };
}

async function theConnection({ client, protocol }) {
  const redis = await client({ name: 'shop', database: 3 });
  assert.equal(await redis.ping(), 'PONG');
  const facts = await redis.clientInfo();
  assert.deepEqual([facts.name, facts.db, facts.resp], ['shop', 3, protocol]);
  assert.match(facts.libName, /^node-redis/);
}

async function everyType({ client }) {
  const redis = await client();
  assert.equal(await redis.set('s', '10', { EX: 100, NX: true }), 'OK');
  assert.equal(await redis.set('s', '11', { NX: true }), null);
  assert.equal(await redis.rPush('l', ['a', 'b', 'c']), 3);
  assert.deepEqual(await redis.lRange('l', 0, -1), ['a', 'b', 'c']);
  assert.equal(await redis.hSet('h', { a: 1, b: 2 }), 2);
  assert.deepEqual({ ...(await redis.hGetAll('h')) }, { a: '1', b: '2' });
  assert.equal(await redis.sAdd('x', ['a', 'b']), 2);
  assert.equal(await redis.zAdd('z', [{ score: 1, value: 'one' }, { score: 2.5, value: 'two' }]), 2);
  assert.deepEqual(await redis.zRangeWithScores('z', 0, -1), [{ value: 'one', score: 1 }, { value: 'two', score: 2.5 }]);
  assert.equal(await redis.zScore('z', 'two'), 2.5);
  assert.equal(await redis.geoAdd('g', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }), 1);
  const [place] = await redis.geoPos('g', 'Palermo');
  assert.ok(Math.abs(Number(place.longitude) - 13.361389) < 1e-5);
  assert.ok(await redis.pfAdd('p', ['a', 'b']));
  assert.equal(await redis.pfCount('p'), 2);
  assert.equal(await redis.setBit('b', 7, 1), 0);
  assert.equal(await redis.bitCount('b'), 1);
  assert.deepEqual(await redis.configGet('maxmemory-policy').then((all) => all['maxmemory-policy']), 'noeviction');
}

async function pipelines({ client }) {
  const redis = await client();
  await Promise.all(Array.from({ length: 5000 }, (_, number) => redis.set(`key:${number}`, number.toString())));
  const values = await redis.mGet(Array.from({ length: 5000 }, (_, number) => `key:${number}`));
  assert.ok(values.every((value, number) => value === String(number)));
  assert.deepEqual(await redis.multi().get('key:1').incr('key:1').execAsPipeline(), ['1', 2]);
}

async function transactions({ client }) {
  const redis = await client();
  assert.deepEqual(await redis.multi().set('stock', '5').decr('stock').get('stock').exec(), ['OK', 4, '4']);
  await redis.watch('stock');
  await (await client()).set('stock', '9');
  await assert.rejects(redis.multi().set('stock', '1').exec(), WatchError);
  assert.equal(await redis.get('stock'), '9');
}

async function messages({ client }) {
  const [subscriber, publisher, heard] = [await client(), await client(), []];
  await subscriber.subscribe('news', (text, channel) => heard.push(['news', channel, text]));
  await subscriber.pSubscribe('n?ws', (text, channel) => heard.push(['n?ws', channel, text]));
  await subscriber.sSubscribe('orders', (text, channel) => heard.push(['shard', channel, text]));
  assert.equal(await publisher.publish('news', 'hello'), 2);
  assert.equal(await publisher.sPublish('orders', 'one'), 1);
  await waitUntil('all messages have come', () => heard.length === 3);
  assert.deepEqual(heard, [['news', 'news', 'hello'], ['n?ws', 'news', 'hello'], ['shard', 'orders', 'one']]);
  await subscriber.unsubscribe('news');
  await subscriber.pUnsubscribe();
  assert.equal(await publisher.publish('news', 'nobody'), 0);
}

async function blockingPops({ client }) {
  const [waiting, other] = [await client(), await client()];
  const waits = [
    [() => waiting.blPop(['q1', 'q2'], 50), () => other.rPush('q2', 'job'), { key: 'q2', element: 'job' }],
    [() => waiting.bzPopMin('z', 50), () => other.zAdd('z', { score: 1.5, value: 'm' }), { key: 'z', value: 'm', score: 1.5 }],
    [() => waiting.blMove('q1', 'q2', 'LEFT', 'RIGHT', 50), () => other.rPush('q1', 'job'), 'job'],
  ];
  for (const [wait, give, expected] of waits) {
    const result = wait();
    await waitUntil('the client waits', async () => /^blocked_clients:1\r$/m.test(await other.info('clients')));
    await give();
    const found = await result;
    assert.deepEqual(typeof found === 'string' ? found : { ...found }, expected);
  }
  assert.equal(await waiting.blPop('empty', 0.01), null);
}

async function aPoolOfConnections({ primary, protocol }) {
  const pool = createClientPool({ socket: { host: '127.0.0.1', port: primary }, RESP: protocol }, { minimum: 2, maximum: 5 });
  await pool.connect();
  const waits = Array.from({ length: 4 }, () => pool.execute((redis) => redis.blPop('queue', 0)));
  await pool.execute((redis) => redis.rPush('queue', ['1', '2', '3', '4']));
  assert.deepEqual((await Promise.all(waits)).map(({ element }) => element).sort(), ['1', '2', '3', '4']);
  pool.destroy();
}

async function streamsWithGroups({ client }) {
  const redis = await client();
  assert.equal(await redis.xGroupCreate('orders', 'workers', '0', { MKSTREAM: true }), 'OK');
  await refuses(redis.xGroupCreate('orders', 'workers', '0'), 'BUSYGROUP');
  for (let number = 1; number <= 5; number++) await redis.xAdd('orders', `${number}-1`, { number: String(number) });
  const fresh = await redis.xReadGroup('workers', 'alice', { key: 'orders', id: '>' }, { COUNT: 3 });
  assert.match(JSON.stringify(fresh), /"1-1".*"2-1".*"3-1"/);
  assert.equal(await redis.xAck('orders', 'workers', '1-1'), 1);
  assert.equal((await redis.xPending('orders', 'workers')).pending, 2);
  const taken = await redis.xAutoClaim('orders', 'workers', 'bob', 0, '0', { COUNT: 1 });
  assert.deepEqual([taken.nextId, taken.messages.map(({ id }) => id)], ['3-1', ['2-1']]);
  assert.equal((await redis.xInfoGroups('orders'))[0].pending, 2);
}

async function scanIterators({ client }) {
  const redis = await client();
  await redis.mSet(Array.from({ length: 1000 }, (_, number) => [`user:${number}`, 'v']));
  const keys = new Set();
  for await (const batch of redis.scanIterator({ MATCH: 'user:*', COUNT: 100 })) batch.forEach((key) => keys.add(key));
  assert.equal(keys.size, 1000);
}

async function expiryOfHashFields({ client }) {
  const redis = await client();
  await redis.hSet('h', { a: 1, b: 2 });
  assert.deepEqual(await redis.hExpire('h', ['a', 'none'], 100), [1, -2]);
  assert.deepEqual(await redis.hTTL('h', ['a', 'b']), [100, -1]);
  assert.deepEqual(await redis.hpExpire('h', 'b', 1), [1]);
  await waitUntil('the field is gone', async () => (await redis.hExists('h', 'b')) === 0);
}

async function theCacheOfTheClient({ client, protocol }) {
  if (protocol === 2) return;
  const cache = new BasicClientSideCache();
  const [redis, writer] = [await client({ clientSideCache: cache }), await client()];
  await writer.set('k', 'old');
  assert.equal(await redis.get('k'), 'old');
  assert.equal(await redis.get('k'), 'old');
  assert.equal(cache.stats().hitCount, 1);
  await writer.set('k', 'new');
  await waitUntil('the invalidation has come', async () => (await redis.get('k')) === 'new');
  await writer.flushAll();
  await waitUntil('the cache is empty', async () => (await redis.get('k')) === null);
}

async function bigValues({ client }) {
  const redis = await client();
  const big = 'Grüße, 世界 🌍\r\n'.repeat(500_000);
  await redis.set('big', big);
  assert.ok((await redis.get('big')) === big);
}

async function reconnecting({ client }) {
  const [redis, other] = [await client(), await client()];
  await redis.set('k', 'v');
  let isBack = false;
  redis.on('ready', () => (isBack = true));
  assert.equal(Number(await other.sendCommand(['CLIENT', 'KILL', 'ID', String(await redis.clientId())])), 1);
  await waitUntil('it is back', () => isBack);
  assert.equal(await redis.get('k'), 'v');
  const [subscriber, heard] = [await client(), []];
  await subscriber.subscribe('news', (text) => heard.push(text));
  assert.equal(Number(await other.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])), 1);
  await waitUntil('it has subscribed again', async () => (await other.publish('news', 'again')) >= 0 && heard[0] === 'again');
}

async function aReplica({ client, replica }) {
  const [redis, reader] = [await client(), await client({ port: replica })];
  await redis.set('k', 'v');
  assert.equal(await redis.wait(1, 60000), 1);
  assert.equal(await reader.get('k'), 'v');
  await refuses(reader.set('k', 'w'), "READONLY You can't write against a read only replica.");
}

async function errors({ client }) {
  const redis = await client();
  await redis.set('s', 'text');
  await assert.rejects(redis.lPush('s', '1'), ErrorReply);
  await refuses(redis.lPush('s', '1'), 'WRONGTYPE Operation against a key');
  await refuses(redis.incr('s'), 'ERR value is not an integer or out of range');
  await refuses(redis.sendCommand(['NOSUCH', 'a']), "ERR unknown command 'NOSUCH', with args beginning with: 'a'");
}

run(servers, {
  theConnection, everyType, pipelines, transactions, messages, blockingPops, aPoolOfConnections, streamsWithGroups,
  scanIterators, expiryOfHashFields, theCacheOfTheClient, bigValues, reconnecting, aReplica, errors,
});
