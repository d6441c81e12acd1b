import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSocket } from '../fakes/socket.js';
import '../fakes/install.js';
import { sendChat, ServerConnection } from '../../lib/index.js';

/** @param {import('node:test').TestContext} t */
async function seated(t) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const c = new ServerConnection();
  const done = c.connect('wss://x/ws');
  const socket = FakeSocket.latest();
  socket.open({ secret: 'first', grace: 30 });
  await done;
  const events = [];
  for (const name of ['suspended', 'resumed', 'close']) c.on(/** @type {'close'} */ (name), () => events.push(name));
  t.after(() => c.close());
  return { c, socket, events };
}

test('a lost socket is replaced, and what the server has missed is sent again', async (t) => {
  const { c, socket, events } = await seated(t);
  sendChat(c, 'one');
  sendChat(c, 'two');
  socket.receive({ type: 'chat', value: 'x' });
  socket.receive({ type: 'ping' });
  socket.drop();
  assert.equal(c.suspended, true);
  sendChat(c, 'three');
  t.mock.timers.tick(0);
  const next = FakeSocket.latest();
  assert.notEqual(next, socket);
  next.open({ secret: 'second', grace: 30, received: 1, resumed: true });
  assert.deepEqual(next.sent[0], { type: 'handshake', version: ['2'], id: c.id, resume: { secret: 'first', received: 1 }, encodings: { bitrate: true }, tryAgain: {}, server: {} });
  assert.deepEqual(next.of('chat').map((m) => m.value), ['two', 'three']);
  assert.deepEqual(events, ['suspended', 'resumed']);
  sendChat(c, 'four');
  assert.equal(next.of('chat').length, 3);
  next.receive({ type: 'ack', received: 4 });
  next.drop();
  t.mock.timers.tick(0);
  const last = FakeSocket.latest();
  last.open({ secret: 'third', grace: 30, received: 4, resumed: true });
  assert.deepEqual(last.sent[0].resume, { secret: 'second', received: 1 });
  assert.equal(last.of('chat').length, 0);
});

test('streams live on while the connection is suspended', async (t) => {
  const { c, socket } = await seated(t);
  socket.receive({ type: 'offer', id: 's', source: 'a', username: 'ada', sdp: 'v=0' });
  socket.drop();
  assert.equal(c.down.size, 1);
});

test('attempts are repeated until the seat is given up', async (t) => {
  const { socket, events } = await seated(t);
  const before = FakeSocket.made.length;
  socket.drop();
  // Half a minute's grace, after 45 s in which the server may not have noticed anything.
  for (let i = 0; i < 76; i++) {
    t.mock.timers.tick(1000);
    const latest = FakeSocket.latest();
    if (latest.readyState === 0) latest.drop();
  }
  assert.ok(FakeSocket.made.length - before > 5);
  t.mock.timers.tick(3000);
  assert.deepEqual(events, ['suspended', 'close']);
});

test('a socket that hangs is closed without giving up the seat', async (t) => {
  const { socket, events } = await seated(t);
  t.mock.timers.tick(70_000);
  assert.equal(socket.closedWith, 4000);
  t.mock.timers.tick(0);
  const second = FakeSocket.latest();
  t.mock.timers.tick(5000);
  assert.equal(second.closedWith, 4000);
  assert.deepEqual(events, ['suspended']);
});

test('when the seat is gone, so is the connection', async (t) => {
  const { socket, events } = await seated(t);
  socket.drop();
  t.mock.timers.tick(0);
  FakeSocket.latest().open({ secret: 'another', grace: 30 });
  assert.deepEqual(events, ['suspended', 'close']);
});

test('a close that was wanted is the end', async (t) => {
  for (const code of [1000, 1001, 1005]) {
    const { socket, events } = await seated(t);
    socket.drop(code);
    assert.deepEqual(events, ['close']);
    t.mock.timers.reset();
  }
});

test('messages are acknowledged now and then', async (t) => {
  const { c, socket } = await seated(t);
  for (let i = 0; i < 40; i++) socket.receive({ type: 'chat', value: 'x' });
  assert.deepEqual(socket.of('ack'), [{ type: 'ack', received: 32 }]);
  t.mock.timers.tick(10_000);
  assert.deepEqual(socket.of('ack')[1], { type: 'ack', received: 40 });
  t.mock.timers.tick(10_000);
  assert.equal(socket.of('ack').length, 2);
  socket.receive({ type: 'chat', value: 'x'.repeat(300_000) });
  assert.equal(socket.of('ack').length, 3);
  c.close();
});

test('too much said meanwhile is the end', async (t) => {
  const { c, socket, events } = await seated(t);
  socket.drop();
  for (let i = 0; i < 1001; i++) sendChat(c, String(i));
  assert.deepEqual(events, ['suspended', 'close']);
});
