import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { connected } from '../fakes/connection.js';
import { FakeMediaStream, FakeTrack } from '../fakes/media.js';
import { FakePeer } from '../fakes/peer.js';
import { setCamera, setMic } from '../../app/capture.js';
import { gotJoined } from '../../app/members.js';
import { publishOn, republish, startPublishing, unpublish } from '../../app/publish.js';
import { changeSettings } from '../../app/settings.js';
import { camera, cameraTrack, me, mic, micTrack, sentStates, shares, users } from '../../app/store.js';

const on = { on: true, busy: false, error: '' };

/** @param {string} id @returns {[string, import('../../app/store.js').User]} */
const person = (id) => [id, { id, username: id, permissions: [], data: {}, since: 0, handSince: 0 }];

beforeEach(() => {
  unpublish();
  startPublishing();
  micTrack.value = cameraTrack.value = null;
  users.value = new Map([person('me')]);
  sentStates.value = new Map();
  FakePeer.codec = 'VP8';
  changeSettings({ send: 'normal', simulcast: 'auto' });
  me.value = { id: 'me', username: 'bob', permissions: ['present'] };
});

/** @param {import('node:test').TestContext} t */
async function publishing(t) {
  const { c, socket } = await connected(t);
  publishOn(c);
  await settle();
  return { c, socket };
}

/** @param {'audio' | 'video'} kind */
function opened(kind) {
  const track = new FakeTrack(kind);
  (kind === 'audio' ? micTrack : cameraTrack).value = /** @type {any} */ (track);
  (kind === 'audio' ? mic : camera).value = on;
  return track;
}

/** @returns {FakePeer} */
const latest = () => /** @type {FakePeer} */ (FakePeer.made.at(-1));

/** The server answers the latest offer. @param {import('../fakes/socket.js').FakeSocket} socket */
async function answer(socket) {
  socket.receive({ type: 'answer', id: socket.of('offer').at(-1).id, sdp: 'answer' });
  await settle();
}

test('microphone and camera go into one stream', async (t) => {
  opened('audio');
  opened('video');
  const { socket } = await publishing(t);
  assert.deepEqual(socket.of('offer').map((m) => [m.label, m.sdp]), [['camera', 'audio video']]);
});

test('a shared screen goes on while the connection is away, and is sent again on the next one', async (t) => {
  const screen = new FakeTrack('video');
  shares.value = [{ id: 'screen', label: 'screenshare', media: /** @type {any} */ (new FakeMediaStream([screen])) }];
  t.after(() => { shares.value = []; });
  const { c } = await publishing(t);
  c.close();
  unpublish();
  assert.equal(screen.readyState, 'live');
  assert.deepEqual((await publishing(t)).socket.of('offer').map((m) => [m.label, m.sdp]), [['screenshare', 'video']]);
});

test('nothing is sent without devices or without the right', async (t) => {
  assert.equal((await publishing(t)).socket.of('offer').length, 0);
  opened('audio');
  me.value = { id: 'me', username: 'bob', permissions: ['message'] };
  assert.equal((await publishing(t)).socket.of('offer').length, 0);
});

test('a camera that is switched off leaves a stream of sound in its place, and the last track ends it', async (t) => {
  opened('audio');
  opened('video');
  const { c, socket } = await publishing(t);
  await answer(socket);
  await setCamera(false);
  await settle();
  const [first, second] = socket.of('offer');
  assert.deepEqual([second.replace, second.sdp, c.up.size], [first.id, 'audio', 1]);
  await answer(socket);
  await setMic(false, { keepOpen: false });
  assert.deepEqual(socket.of('close').map((m) => m.id), [second.id]);
});

test('another device of the same kind takes the place of the old one without a new stream', async (t) => {
  opened('audio');
  const { socket } = await publishing(t);
  await answer(socket);
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true, value: { mediaDevices: { getUserMedia: async () => ({ getTracks: () => [new FakeTrack('audio')] }), enumerateDevices: async () => [] } },
  });
  const { chooseDevice } = await import('../../app/capture.js');
  await chooseDevice('audio', 'other');
  await settle();
  assert.equal(socket.of('offer').length, 1);
  assert.equal(FakePeer.made.at(-1)?.getSenders()[0].track, micTrack.value);
});

test('without the right the stream ends and the devices are released', async (t) => {
  const tracks = [opened('audio'), opened('video')];
  const { c, socket } = await publishing(t);
  await answer(socket);
  gotJoined('me', { type: 'joined', kind: 'change', permissions: ['message'] });
  assert.deepEqual([c.up.size, socket.of('close').length, tracks.map((track) => track.readyState)], [0, 1, ['ended', 'ended']]);
  assert.equal(socket.of('offer').length, 1);
});

test('a stream that the server does not want is not captured either', async (t) => {
  opened('audio');
  opened('video');
  const { c, socket } = await publishing(t);
  socket.receive({ type: 'abort', id: socket.of('offer')[0].id });
  await settle();
  assert.deepEqual([c.up.size, mic.value.on, camera.value.on, cameraTrack.value], [0, false, false, null]);
  assert.equal(socket.of('offer').length, 1);
});

test('the others are told that we are muted, once', async (t) => {
  opened('audio');
  const { socket } = await publishing(t);
  await setMic(false);
  await setMic(false);
  await setMic(true);
  assert.deepEqual(socket.of('useraction').map((m) => m.value), [{ muted: true }, { muted: null }]);
});

/** @param {import('../../lib/index.js').ServerConnection} c */
const encodings = (c) => [...c.up.values()].map((up) => up.pc.getSenders().find((x) => x.track?.kind === 'video')?.getParameters().encodings.map((e) => e.maxBitrate)).flat();

test('two people need one encoding, three several, and a while later two need one again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  opened('video');
  const { c, socket } = await publishing(t);
  await answer(socket);
  assert.deepEqual(encodings(c), [700_000]);
  users.value = new Map(['me', 'b', 'c'].map(person));
  await settle();
  await answer(socket);
  assert.deepEqual([encodings(c).length, c.up.size, socket.of('offer')[1].replace], [3, 1, socket.of('offer')[0].id]);
  users.value = new Map(['me', 'b'].map(person));
  t.mock.timers.tick(9_999);
  await settle();
  assert.equal(encodings(c).length, 3);
  t.mock.timers.tick(10_002);
  await settle();
  assert.equal(encodings(c).length, 1);
});

test('a stream that takes the place of another does not look as if it were the first, until it has a way or finds none', async (t) => {
  const track = opened('video');
  const { socket } = await publishing(t);
  await answer(socket);
  const state = () => sentStates.value.get('self');
  assert.equal(state(), 'new');
  latest().become('checking');
  assert.equal(state(), 'checking');
  latest().become('connected');
  const first = latest();
  republish();
  await settle();
  assert.notEqual(latest(), first);
  latest().become('checking');
  assert.equal(state(), 'connected');
  latest().become('failed');
  assert.equal(state(), 'failed');
  latest().become('checking');
  assert.equal(state(), 'checking');
  track.stop();
});

test('the throughput changes in place, the number of encodings does not', async (t) => {
  opened('video');
  const { c, socket } = await publishing(t);
  await answer(socket);
  changeSettings({ send: 'low' });
  await settle();
  assert.deepEqual([encodings(c), socket.of('offer').length], [[300_000], 1]);
  changeSettings({ simulcast: 'on' });
  await settle();
  assert.deepEqual([encodings(c), socket.of('offer').length], [[300_000, 100_000], 2]);
});

test('where the room chooses VP9, one encoding with layers takes the place of several', async (t) => {
  FakePeer.codec = 'VP9';
  changeSettings({ simulcast: 'on' });
  opened('video');
  const { c, socket } = await publishing(t);
  assert.equal(encodings(c).length, 3);
  await answer(socket);
  await answer(socket);
  const [up] = c.up.values();
  assert.deepEqual(up?.pc.getSenders()[0]?.getParameters().encodings, [{ maxBitrate: 700_000, scalabilityMode: 'L3T3_KEY' }]);
  assert.equal(socket.of('offer').length, 2);
});
