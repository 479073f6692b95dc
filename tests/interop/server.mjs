// The reference server from npm, that understands the words of `words.py`.
//
// node server.mjs PORT PING_INTERVAL_MS PING_TIMEOUT_MS   prints "listening PORT" when it can be reached.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.INTEROP_HOME}/package.json`);
const { Server } = require("engine.io");

const [port, pingInterval, pingTimeout] = process.argv.slice(2).map(Number);
const http = createServer();
const engine = new Server({ pingInterval, pingTimeout, maxHttpBufferSize: 1_000_000 });

const pad = (text, size) => text.padEnd(size, ".");

const words = {
  close: (socket) => socket.close(),
  transport: (socket) => socket.send(`transport ${socket.transport.name}`),
  count: (socket) => socket.send(`count ${engine.clientsCount}`),
  send: (socket, [many, size]) => {
    for (let number = 0; number < many; number++) socket.send(pad(`${number} `, size));
  },
  bytes: (socket, [size]) => socket.send(Buffer.alloc(size, 7)),
  ticks: (socket, [many, everyMs]) => {
    let number = 0;
    const timer = setInterval(() => {
      socket.send(`tick ${number++}`);
      if (number === many) clearInterval(timer);
    }, everyMs);
  },
  all: (_socket, [mark]) => {
    const message = pad(`all ${mark} `, 270);
    for (const one of Object.values(engine.clients)) one.send(message);
  },
};

engine.on("connection", (socket) => {
  socket.on("message", (data) => {
    if (typeof data !== "string" || !data.startsWith("!")) return socket.send(data);
    const [word, ...numbers] = data.slice(1).split(" ");
    words[word](socket, numbers.map(Number));
  });
});

engine.attach(http);
http.listen(port, "127.0.0.1", 4096, () => console.log(`listening ${http.address().port}`));
process.on("SIGTERM", () => {
  engine.close();
  setImmediate(() => process.exit(0));
});
