// The client from npm goes through one scene with a server that understands the words of `words.py`.
//
// node client.mjs SCENE URL [TRANSPORT...]   ends with 0 if all went as it must, else says what did not.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.INTEROP_HOME}/package.json`);
const { Socket } = require("engine.io-client");

const MOST_BYTES = 1_000_000;
const SCENE_MAY_TAKE_MS = 30_000;

const [scene, url, ...transports] = process.argv.slice(2);

// One session, and all that came of it, in order.
class Visit {
  constructor(ways = transports) {
    this.got = [];
    this.pings = 0;
    this.waiting = [];
    this.opened = new Promise((resolve, reject) => {
      this.socket = new Socket(url, { transports: ways });
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    this.upgraded = new Promise((resolve) => this.socket.once("upgrade", resolve));
    this.closed = new Promise((resolve) =>
      this.socket.once("close", (reason, detail) => resolve({ reason, detail })),
    );
    this.socket.binaryType = "arraybuffer";
    this.socket.on("ping", () => this.pings++);
    this.socket.on("message", (data) => this.hear(data));
  }

  hear(data) {
    if (data === undefined) this.got.push(""); // so the client calls a message that is empty
    else this.got.push(typeof data === "string" ? data : Buffer.from(data));
    this.waiting = this.waiting.filter(({ many, resolve }) => this.got.length < many || resolve());
  }

  // Wait until so many messages have come in all, and give them.
  async heard(many) {
    if (this.got.length < many) await new Promise((resolve) => this.waiting.push({ many, resolve }));
    return this.got;
  }

  send(...messages) {
    for (const message of messages) this.socket.send(message);
  }

  // Ask how many sessions the server has.
  async count() {
    this.send("!count");
    const got = await this.heard(this.got.length + 1);
    return Number(got.at(-1).split(" ")[1]);
  }

  get transport() {
    return this.socket.transport.name;
  }
}

// Open a session, and one beside it that sees what becomes of it.
async function two() {
  const both = [new Visit(), new Visit(["websocket"])];
  await Promise.all(both.map((one) => one.opened));
  return both;
}

// Say something to the server and hear it back: whatever came before is there by then.
async function settle(visit) {
  const before = visit.got.length;
  visit.send("settled?");
  await visit.heard(before + 1);
  while (visit.got.at(-1) !== "settled?") await visit.heard(visit.got.length + 1);
  return visit.got.slice(0, -1);
}

const numbered = (what, many) => Array.from({ length: many }, (_, number) => `${what} ${number}`);
const starting = (got, what) => got.filter((one) => typeof one === "string" && one.startsWith(what));
const same = (bytes, size) => Buffer.isBuffer(bytes) && bytes.length === size && bytes.every((one) => one === 7);

const scenes = {
  async echo() {
    const visit = new Visit();
    await visit.opened;
    const all = ["hello", "", "€ 𝄞 \u0000\r\n", Buffer.from([0, 1, 2, 255]), "6", Buffer.alloc(0), ...numbered("line", 50)];
    visit.send(...all);
    assert.deepEqual(await visit.heard(all.length), all);
    assert.equal(visit.transport, transports[0]);
  },

  async upgrade() {
    const visit = new Visit();
    await visit.opened;
    assert.equal(visit.transport, "polling");
    visit.send("!ticks 60 5");
    const said = [];
    const saying = setInterval(() => visit.send(said[said.push(`said ${said.length}`) - 1]), 3);
    await visit.upgraded;
    assert.equal(visit.transport, "websocket");
    while (starting(visit.got, "tick").length < 60) await visit.heard(visit.got.length + 1);
    clearInterval(saying);
    visit.send("!transport");
    const got = await settle(visit);
    assert.deepEqual(starting(got, "tick"), numbered("tick", 60));
    assert.deepEqual(starting(got, "said"), said);
    assert.deepEqual(starting(got, "transport"), ["transport websocket"]);
  },

  async bursts() {
    for (let turn = 0; turn < 20; turn++) {
      const visit = new Visit();
      await visit.opened;
      visit.send("!send 100 20", ...numbered("burst", 100));
      await visit.upgraded;
      visit.send(...numbered("after", 20), "!send 20 20");
      const got = await settle(visit);
      const sent = [...starting(got, "burst"), ...starting(got, "after")];
      assert.deepEqual(sent, [...numbered("burst", 100), ...numbered("after", 20)]);
      const from = got.filter((one) => /^\d+ \.+$/.test(one)).map((one) => parseInt(one));
      assert.deepEqual(from, [...Array(100).keys(), ...Array(20).keys()]);
      assert.equal(got.length, 240);
      visit.socket.close();
      await visit.closed;
    }
  },

  // A message's type is one character more; bytes are four characters for three in a poll, after a "b".
  async limit() {
    const visit = new Visit();
    await visit.opened;
    const most = transports[0] === "polling" ? Math.floor((MOST_BYTES - 1) / 4) * 3 : MOST_BYTES;
    const text = "x".repeat(MOST_BYTES - 1);
    const bytes = Buffer.alloc(most, 7);
    const got = visit.got;
    for (const message of [text, bytes, `!bytes ${MOST_BYTES}`, `!send 1 ${MOST_BYTES}`]) {
      visit.send(message);
      await visit.heard(got.length + 1);
    }
    assert.equal(got[0], text);
    assert.ok(same(got[1], most) && same(got[2], MOST_BYTES));
    assert.equal(got[3].length, MOST_BYTES);
  },

  async over() {
    const [visit, watcher] = await two();
    const before = await watcher.count();
    visit.send("x".repeat(MOST_BYTES));
    const { reason, detail } = await visit.closed;
    assert.equal(reason, transports[0] === "polling" ? "transport error" : "transport close");
    if (transports[0] === "polling") assert.equal(detail.description, 413);
    else assert.equal(detail.context.code, 1009);
    while ((await watcher.count()) >= before);
  },

  // By each transport at once.
  async idle() {
    const visits = [["polling"], ["websocket"], ["polling", "websocket"]].map((ways) => new Visit(ways));
    await Promise.all(visits.map((visit) => visit.opened));
    await new Promise((resolve) => setTimeout(resolve, 5000));
    for (const visit of visits) {
      assert.ok(visit.pings >= 5, `${visit.pings} pings in 5 s`);
      visit.send("still here");
      assert.deepEqual(await visit.heard(1), ["still here"]);
    }
  },

  async leave() {
    const [visit, watcher] = await two();
    const before = await watcher.count();
    visit.socket.close();
    assert.equal((await visit.closed).reason, "forced close");
    while ((await watcher.count()) >= before);
  },

  async dismissed() {
    const visit = new Visit();
    await visit.opened;
    visit.send("!close");
    assert.equal((await visit.closed).reason, "transport close");
  },

  // Says "here", waits until the server has gone, says "gone", and comes back when a line is written to it.
  async restart() {
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const visit = new Visit();
    await visit.opened;
    visit.send("first");
    await visit.heard(1);
    console.log("here");
    await visit.closed;
    console.log("gone");
    await lines.next();
    const next = new Visit();
    await next.opened;
    assert.notEqual(next.socket.id, visit.socket.id);
    next.send("second");
    assert.deepEqual(await next.heard(1), ["second"]);
  },
};

setTimeout(() => {
  console.error(`the scene was not over within ${SCENE_MAY_TAKE_MS} ms`);
  process.exit(3);
}, SCENE_MAY_TAKE_MS);
await scenes[scene]();
process.exit(0);
