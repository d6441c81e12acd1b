import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSocket } from '../fakes/socket.js';
import { settle } from '../fakes/install.js';
import { FakeMediaStream, FakeTrack } from '../fakes/media.js';
import { ServerConnection } from '../../lib/classic.js';

/** @param {import('node:test').TestContext} t */
async function connected(t) {
  const sc = new ServerConnection();
  /** @type {unknown[][]} */
  const calls = [];
  for (const name of ['onconnected', 'onclose', 'onjoined', 'onuser', 'onchat', 'onusermessage']) {
    Object(sc)[name] = (/** @type {unknown[]} */ ...args) => calls.push([name, ...args]);
  }
  const done = sc.connect('wss://x/ws');
  const socket = FakeSocket.latest();
  socket.open();
  assert.equal(await done, sc);
  t.after(() => sc.close());
  return { sc, socket, calls };
}

test('callbacks get what they have always got', async (t) => {
  const { sc, socket, calls } = await connected(t);
  assert.equal(Object(socket.sent[0]).tryAgain, undefined);
  await sc.join('lab', 'ada', 'secret', { raisehand: true });
  assert.deepEqual(socket.sent.at(-1), { type: 'join', kind: 'join', group: 'lab', username: 'ada', data: { raisehand: true }, password: 'secret' });
  const permissions = ['op', 'present'];
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'ada', permissions, status: { name: 'lab' }, data: { x: 1 } });
  socket.receive({ type: 'user', kind: 'add', id: sc.id, username: 'ada', permissions });
  socket.receive({ type: 'user', kind: 'add', id: 'b', username: 'bob' });
  socket.receive({ type: 'user', kind: 'change', id: 'b', username: 'bob', data: { raisehand: true } });
  assert.deepEqual(sc.users['b'], { username: 'bob', permissions: [], data: { raisehand: true }, streams: {} });
  socket.receive({ type: 'chathistory', id: '1', source: 'b', username: 'bob', time: '2030-01-02T09:00:00Z', value: 'hi' });
  socket.receive({ type: 'chat', id: '2', source: 'b', dest: 'a', username: 'bob', privileged: true, kind: 'me', value: 'waves' });
  socket.receive({ type: 'usermessage', kind: 'error', privileged: true, dest: sc.id, error: 'x', value: 'no' });
  socket.receive({ type: 'user', kind: 'delete', id: 'b', username: 'bob' });
  assert.deepEqual(calls, [
    ['onconnected'],
    ['onjoined', 'join', 'lab', permissions, { name: 'lab' }, { x: 1 }, '', null],
    ['onuser', sc.id, 'add'], ['onuser', 'b', 'add'], ['onuser', 'b', 'change'],
    ['onchat', '1', 'b', '', 'bob', new Date('2030-01-02T09:00:00Z'), false, true, '', 'hi'],
    ['onchat', '2', 'b', 'a', 'bob', null, true, false, 'me', 'waves'],
    ['onusermessage', '', sc.id, '', null, true, 'error', 'x', 'no'],
    ['onuser', 'b', 'delete'],
  ]);
  assert.equal(sc.group, 'lab');
  assert.deepEqual(sc.permissions, permissions);
  socket.drop();
  assert.deepEqual(calls.slice(-2), [['onuser', sc.id, 'delete'], ['onclose', 1006, '']]);
});

test('actions and messages are sent as the protocol has them', async (t) => {
  const { sc, socket } = await connected(t);
  await sc.join('lab', '', { type: 'token', token: 'T' });
  assert.deepEqual(socket.sent.at(-1), { type: 'join', kind: 'join', group: 'lab', username: '', token: 'T' });
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'ada' });
  sc.chat('me', 'b', 'waves');
  sc.userAction('kick', 'b', 'bye');
  sc.userMessage('mute', '', null, true);
  sc.groupAction('lock', 'later');
  sc.request({ '': ['audio'] });
  sc.leave('lab');
  assert.deepEqual(socket.sent.slice(-6), [
    { type: 'chat', kind: 'me', source: sc.id, dest: 'b', username: 'ada', value: 'waves' },
    { type: 'useraction', kind: 'kick', source: sc.id, dest: 'b', value: 'bye' },
    { type: 'usermessage', kind: 'mute', source: sc.id, dest: '', username: 'ada', value: null, noecho: true },
    { type: 'groupaction', kind: 'lock', source: sc.id, value: 'later' },
    { type: 'request', request: { '': ['audio'] } },
    { type: 'join', kind: 'leave', group: 'lab' },
  ]);
});

test('a stream of ours is offered once it has tracks, and replaced by one of the same local id', async (t) => {
  const { sc, socket } = await connected(t);
  const media = Object(new FakeMediaStream([Object(new FakeTrack('video'))]));
  const first = sc.newUpStream('mine');
  first.label = 'camera';
  assert.equal(socket.of('offer').length, 0);
  first.setStream(media);
  first.pc.onnegotiationneeded?.(Object({}));
  await settle();
  assert.equal(socket.of('offer')[0].label, 'camera');
  assert.equal(socket.of('offer')[0].id, first.id);
  assert.equal(sc.up[first.id], first);
  /** @type {boolean[]} */
  const closed = [];
  first.onclose = (replaced) => closed.push(replaced);
  const second = sc.newUpStream('mine');
  second.setStream(media);
  second.pc.onnegotiationneeded?.(Object({}));
  await settle();
  assert.equal(socket.of('offer')[1].replace, first.id);
  assert.deepEqual(closed, [true]);
  second.close();
  assert.deepEqual(socket.sent.at(-1), { type: 'close', id: second.id });
});

test('a stream of somebody else announces itself, its tracks and its end', async (t) => {
  const { sc, socket } = await connected(t);
  /** @type {import('../../lib/classic.js').Stream[]} */
  const streams = [];
  /** @type {string[]} */
  const said = [];
  sc.ondownstream = (s) => {
    streams.push(s);
    s.onclose = (replaced) => said.push(`closed ${replaced}`);
  };
  socket.receive({ type: 'offer', id: 's', label: 'camera', source: 'b', username: 'bob', sdp: 'v=0' });
  const [stream] = streams;
  assert.ok(stream && !stream.up);
  assert.equal(stream.source, 'b');
  await settle();
  stream.request(['audio']);
  assert.deepEqual(socket.sent.at(-1), { type: 'requestStream', id: 's', request: ['audio'] });
  stream.restartIce();
  assert.deepEqual(socket.sent.at(-1), { type: 'renegotiate', id: 's' });
  socket.receive({ type: 'offer', id: 't', replace: 's', label: 'camera', source: 'b', username: 'bob', sdp: 'v=0' });
  assert.deepEqual(said, ['closed true']);
  assert.equal(streams[1]?.localId, stream.localId);
  socket.receive({ type: 'close', id: 't' });
  assert.deepEqual(said, ['closed true', 'closed false']);
  assert.deepEqual(sc.down, {});
});

test('a member is said to share a screen until the last of two is over', async (t) => {
  const { sc, socket } = await connected(t);
  socket.receive({ type: 'user', kind: 'add', id: 'b', username: 'bob', permissions: [] });
  for (const id of ['s', 't']) socket.receive({ type: 'offer', id, label: 'screenshare', source: 'b', username: 'bob', sdp: 'v=0' });
  socket.receive({ type: 'close', id: 's' });
  assert.deepEqual(sc.users['b']?.streams, { screenshare: true });
  socket.receive({ type: 'close', id: 't' });
  assert.deepEqual(sc.users['b']?.streams, {});
});

test('a stream of ours is found by its local id', async (t) => {
  const { sc } = await connected(t);
  assert.equal(sc.findByLocalId('camera'), null);
  assert.equal(sc.findByLocalId(), null);
  const first = sc.newUpStream('camera');
  assert.equal(sc.findByLocalId('camera'), first);
  assert.equal(sc.findByLocalId('screen'), null);
  const second = sc.newUpStream('camera');
  assert.equal(sc.findByLocalId('camera'), second, 'the successor, though it has no tracks yet');
});
