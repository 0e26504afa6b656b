// The steps of a program: functions that use the library and assert, run one after another on empty databases.
'use strict';

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');

const DEADLINE_MS = 180_000;

/** Asks again and again until the condition holds. */
async function waitUntil(what, condition) {
  const end = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited in vain until ${what}`);
    await pause(5);
  }
}

/** Asserts that a call fails with an error whose text begins so. */
async function refuses(promise, beginning) {
  await assert.rejects(promise, (error) => {
    assert.ok(error.message.startsWith(beginning), error.message);
    return true;
  });
}

/**
 * Runs every step over RESP2 and RESP3, each after FLUSHALL. `connect` makes the servers for a protocol version; the program's
 * arguments are the ports of a primary and of its replica.
 */
async function runSteps(connect, steps) {
  const [primary, replica] = process.argv.slice(2).map(Number);
  for (const protocol of [2, 3]) {
    for (const [name, step] of Object.entries(steps)) {
      console.log(`${name} over RESP${protocol}`);
      const servers = connect(primary, replica, protocol);
      await (await servers.client()).flushall();
      await step(servers);
      await servers.close();
    }
  }
  console.log('all steps done');
}

function run(connect, steps) {
  runSteps(connect, steps).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { pause, refuses, run, waitUntil };
