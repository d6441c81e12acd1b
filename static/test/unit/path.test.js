import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeMediaStream, FakeTrack } from '../fakes/media.js';
import { FakePeer } from '../fakes/peer.js';
import { FakeSocket } from '../fakes/socket.js';
import { settle } from '../fakes/install.js';
import { ServerConnection, UpStream } from '../../lib/index.js';
import { isDead, Silence, wasPlaying } from '../../lib/silence.js';

test('silence is doubted once, and again when it lasts', () => {
  const silence = new Silence(0);
  /** @type {string[]} */
  const news = [];
  for (let now = 200; now <= 8000; now += 200) {
    const word = silence.look(now, now <= 1000 || now === 7000);
    if (word) news.push(`${word} ${now}`);
  }
  assert.deepEqual(news, ['doubt 1600', 'doubt 6600', 'returned 7000', 'doubt 7600']);
});

test('a page that was held up has not heard silence', () => {
  const silence = new Silence(0);
  assert.equal(silence.look(10_000, false), '');
  assert.equal(silence.look(10_200, false), 'doubt');
});

test('a path is dead if nothing comes by it although something should', () => {
  const before = { received: 1000, sent: 50 };
  /** @type {[string, import('../../lib/silence.js').Traffic, boolean, boolean][]} */
  const cases = [
    ['media come', { received: 1001, sent: 50 }, true, false],
    ['it played, and is silent', { received: 1000, sent: 50 }, true, true],
    ['nothing was to be expected', { received: 1000, sent: 50 }, false, false],
    ['what is sent is not heard of', { received: 1000, sent: 60 }, false, true],
    ['what is sent is reported on', { received: 1100, sent: 60 }, false, false],
  ];
  for (const [name, after, playing, dead] of cases) assert.equal(isDead(before, after, playing), dead, name);
});

test('what brought media shortly before the last of them was playing', () => {
  assert.equal(wasPlaying(undefined, 5000), false);
  assert.equal(wasPlaying(5000, 5000), true);
  assert.equal(wasPlaying(1000, 5000), false);
});

/**
 * A seat with a stream of ours and one of somebody else, in both of which something arrives at first.
 * @param {import('node:test').TestContext} t
 */
async function inCall(t) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
  const c = new ServerConnection();
  const done = c.connect('wss://x/ws');
  const socket = FakeSocket.latest();
  socket.open({ secret: 'first', grace: 30 });
  await done;
  t.after(() => c.close());
  const up = new UpStream(c, { label: 'camera', media: /** @type {any} */ (new FakeMediaStream([new FakeTrack('audio')])) });
  const upPeer = /** @type {FakePeer} */ (FakePeer.made.at(-1));
  await settle();
  await up.gotAnswer('answer');
  socket.receive({ type: 'offer', id: 'theirs', source: 'a', username: 'ada', sdp: 'audio' });
  const downPeer = /** @type {FakePeer} */ (FakePeer.made.at(-1));
  await settle();
  for (const peer of [upPeer, downPeer]) peer.become('connected');
  /** Lets time pass, in which these connections hear something. @param {number} ms @param {FakePeer[]} alive */
  const pass = async (ms, alive) => {
    for (let i = 0; i < ms; i += 100) {
      for (const peer of alive) peer.hear(Date.now());
      upPeer.traffic.sent += 5;
      t.mock.timers.tick(100);
      await settle();
    }
  };
  await pass(1000, [upPeer, downPeer]);
  return { c, socket, upPeer, downPeer, pass };
}

test('on a path that is silent the server is asked, and without an answer we come back over another socket', async (t) => {
  const { c, socket, upPeer, downPeer, pass } = await inCall(t);
  assert.equal(socket.of('ping').length, 0);
  await pass(1500, []);
  assert.equal(socket.of('ping').length, 1);
  assert.equal(socket.closedWith, 4000);
  const next = FakeSocket.latest();
  assert.notEqual(next, socket);
  next.open({ secret: 'second', grace: 30, received: 0, resumed: true });
  assert.equal(c.suspended, false);
  await pass(600, []);
  assert.equal(upPeer.restarts, 1);
  assert.deepEqual(next.of('renegotiate'), [{ type: 'renegotiate', id: 'theirs' }]);
  // It is not done again while nothing has come of it.
  await pass(20_000, []);
  assert.equal(upPeer.restarts, 1);
  assert.equal(downPeer.restarts, 0);
});

test('a path that comes back is left alone, and the socket is tried again at once', async (t) => {
  const { socket, upPeer, downPeer, pass } = await inCall(t);
  await pass(3000, []);
  const attempt = FakeSocket.latest();
  assert.notEqual(attempt, socket);
  await pass(400, [upPeer, downPeer]);
  assert.equal(attempt.closedWith, 4000);
  const next = FakeSocket.latest();
  assert.notEqual(next, attempt);
  next.open({ secret: 'second', grace: 30, received: 0, resumed: true });
  await pass(3000, [upPeer, downPeer]);
  assert.equal(upPeer.restarts, 0);
  assert.equal(next.of('renegotiate').length, 0);
});

test('a socket that is replaced changes nothing for streams that go on', async (t) => {
  const { socket, upPeer, downPeer, pass } = await inCall(t);
  socket.drop();
  await pass(200, [upPeer, downPeer]);
  const next = FakeSocket.latest();
  next.open({ secret: 'second', grace: 30, received: 0, resumed: true });
  await pass(3000, [upPeer, downPeer]);
  assert.equal(upPeer.restarts, 0);
  assert.deepEqual(next.of('renegotiate'), []);
});

test('only the streams that stay silent are restarted', async (t) => {
  const { socket, upPeer, downPeer, pass } = await inCall(t);
  socket.drop();
  await pass(200, [upPeer]);
  const next = FakeSocket.latest();
  next.open({ secret: 'second', grace: 30, received: 0, resumed: true });
  await pass(3000, [upPeer]);
  assert.equal(upPeer.restarts, 0);
  assert.equal(next.of('renegotiate').length, 1);
  assert.equal(downPeer.restarts, 0);
});

test('of many streams few are asked as long as media come, and silence is noticed as soon', async (t) => {
  const { socket, downPeer, pass } = await inCall(t);
  const peers = [downPeer];
  for (let i = 0; i < 48; i++) {
    socket.receive({ type: 'offer', id: `more ${i}`, source: `b${i}`, username: 'bea', sdp: 'audio' });
    peers.push(/** @type {FakePeer} */ (FakePeer.made.at(-1)));
  }
  await settle();
  for (const peer of peers) peer.become('connected');
  let asked = 0;
  for (const peer of peers) for (const receiver of peer.getReceivers()) {
    receiver.getSynchronizationSources = () => {
      asked++;
      return receiver.sources;
    };
  }
  await pass(2000, peers);
  asked = 0;
  await pass(2000, peers);
  assert.ok(asked <= 60, `${asked} in 10 looks`);
  // One that still brings something is found, wherever it is.
  await pass(3000, peers.slice(30, 31));
  assert.equal(socket.of('ping').length, 0);
  await pass(1000, peers);
  await pass(800, []);
  assert.equal(socket.of('ping').length, 1);
});

test('a server that answers while media are silent keeps its socket, and ICE is restarted if its checks change nothing', async (t) => {
  const { c, socket, upPeer, downPeer, pass } = await inCall(t);
  const ask = async () => {
    await pass(1000, []);
    socket.receive({ type: 'pong' });
  };
  await ask();
  assert.equal(socket.of('ping').length, 1);
  await pass(1900, []);
  await pass(2000, [upPeer, downPeer]);
  assert.equal(upPeer.restarts, 0);
  await ask();
  await pass(2500, []);
  assert.equal(c.suspended, false);
  assert.equal(upPeer.restarts, 1);
  assert.equal(socket.of('renegotiate').length, 1);
});
