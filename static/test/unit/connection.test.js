import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSocket } from '../fakes/socket.js';
import { settle } from '../fakes/install.js';
import { connected } from '../fakes/connection.js';
import { ClosedError, join, JoinError, RedirectError, request, sendChat, ServerConnection } from '../../lib/index.js';

test('the first message is a handshake with a fresh id', async (t) => {
  const { c, socket } = await connected(t);
  assert.deepEqual(socket.sent, [{ type: 'handshake', version: ['2'], id: c.id, resume: {}, encodings: { bitrate: true }, tryAgain: {}, server: {} }]);
  assert.match(c.id, /^[0-9a-f]{32}$/);
  assert.notEqual(c.id, new ServerConnection().id);
});

test('a server that speaks something else is refused', async () => {
  for (const first of [{ type: 'joined' }, { type: 'handshake', version: ['1'] }, null]) {
    const c = new ServerConnection();
    const done = c.connect('wss://x/ws');
    const socket = FakeSocket.latest();
    socket.readyState = 1;
    socket.onmessage?.({ data: JSON.stringify(first) });
    await assert.rejects(done, ClosedError);
    assert.equal(socket.readyState, 3);
  }
});

test('a server that says nothing is given up after ten seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const done = new ServerConnection().connect('wss://x/ws');
  t.mock.timers.tick(10_000);
  await assert.rejects(done, { name: 'ClosedError', message: 'timeout' });
});

test('silence is answered with a ping, and with the end after 65 seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const { c, socket } = await connected(t);
  const ends = [];
  c.on('close', (e) => ends.push(e));
  t.mock.timers.tick(10_000);
  assert.equal(socket.of('ping').length, 0);
  t.mock.timers.tick(10_000);
  assert.equal(socket.of('ping').length, 1);
  socket.receive({ type: 'pong' });
  t.mock.timers.tick(60_000);
  assert.equal(ends.length, 0);
  t.mock.timers.tick(10_000);
  assert.equal(ends.length, 1);
  assert.equal(socket.readyState, 3);
});

test('a ping is answered', async (t) => {
  const { socket } = await connected(t);
  socket.receive({ type: 'ping' });
  assert.equal(socket.of('pong').length, 1);
});

test('an unknown type is reported and ignored, what is not JSON ends the connection', async (t) => {
  const { c, socket } = await connected(t);
  const seen = [];
  c.on('error', (e) => seen.push(e.message));
  c.on('close', (e) => seen.push(e.code));
  socket.receive({ type: 'constructor' });
  assert.deepEqual(seen, ['unknown message type "constructor"']);
  socket.onmessage?.({ data: '{' });
  assert.equal(seen[1], 1002);
});

test('joining sends the credentials and gives what the server answered', async (t) => {
  const { c, socket } = await connected(t);
  const done = join(c, { group: 'lab', username: 'ada', password: 'x', data: { muted: true } });
  assert.deepEqual(socket.sent[1], { type: 'join', kind: 'join', group: 'lab', username: 'ada', password: 'x', data: { muted: true } });
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'Ada', permissions: ['present'], rtcConfiguration: { iceServers: [] } });
  const joined = await done;
  assert.deepEqual([joined.permissions, c.username, c.group, c.rtcConfiguration], [['present'], 'Ada', 'lab', { iceServers: [] }]);
  request(c, { '': ['audio'] });
  sendChat(c, 'hello');
  assert.deepEqual(socket.sent.slice(2), [
    { type: 'request', request: { '': ['audio'] } },
    { type: 'chat', kind: '', source: c.id, username: 'Ada', dest: '', value: 'hello' },
  ]);
});

test('who is asked to try again does, a few times', async (t) => {
  const { c, socket } = await connected(t);
  const busy = { type: 'joined', kind: 'fail', value: 'too many logins', error: 'try-again' };
  const done = join(c, { group: 'lab', username: 'ada', password: 'x' });
  socket.receive(busy);
  assert.deepEqual(socket.of('join'), [socket.sent[1], socket.sent[1]]);
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'ada' });
  await done;
  const refused = join(c, { group: 'lab', username: 'ada', password: 'x' });
  for (let i = 0; i < 10; i++) socket.receive(busy);
  await assert.rejects(refused, { name: 'JoinError', message: 'too many logins', code: 'try-again' });
  assert.equal(socket.of('join').length, 12);
});

test('a refused join tells the text and the name of the error', async (t) => {
  const { c, socket } = await connected(t);
  const refused = join(c, { group: 'lab', username: '', password: '' });
  socket.receive({ type: 'joined', kind: 'fail', value: 'username required', error: 'need-username' });
  await assert.rejects(refused, (e) => e instanceof JoinError && e.code === 'need-username' && e.message === 'username required');
  const elsewhere = join(c, { group: 'lab', username: '', password: '' });
  socket.receive({ type: 'joined', kind: 'redirect', value: 'https://other/' });
  await assert.rejects(elsewhere, (e) => e instanceof RedirectError && e.url === 'https://other/');
  const dropped = join(c, { group: 'lab', username: '', password: '' });
  socket.drop();
  await assert.rejects(dropped, ClosedError);
});

test('the end is reported once, whoever makes it', async (t) => {
  const { c, socket } = await connected(t);
  let ends = 0;
  c.on('close', () => ends++);
  c.close();
  c.close();
  socket.drop();
  await settle();
  assert.equal(ends, 1);
  c.send({ type: 'ping' });
  assert.equal(socket.of('ping').length, 0);
});
