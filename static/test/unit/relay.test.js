import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { FakeTrack } from '../fakes/media.js';
import { FakePeer } from '../fakes/peer.js';
import { enter, open } from '../fakes/room.js';
import { gotConfiguration, noPath, noRelay, relayImposed, watchPaths } from '../../app/relay.js';
import { currentConnection, leave } from '../../app/session.js';
import { say } from '../../app/actions.js';
import { changeSettings } from '../../app/settings.js';
import { camera, cameraTrack, chat, streams } from '../../app/store.js';
import { tiles } from '../../app/tiles.js';

const TURN = { iceServers: [{ urls: ['stun:x:3478', 'turn:x:3478?transport=udp'], username: 'u', credential: 'c' }] };

// A call that goes on would keep the process.
afterEach(leave);

beforeEach(() => {
  cameraTrack.value = null;
  changeSettings({ forceRelay: false });
});

/** @returns {import('../../lib/index.js').ServerConnection} with one stream of ours, whose state is the one given */
function waiting(/** @type {string} */ state) {
  return /** @type {any} */ ({ rtcConfiguration: {}, up: new Map([['a', { pc: { iceConnectionState: state } }]]), down: new Map() });
}

test('relays alone are of no use where there are none', () => {
  const c = waiting('new');
  for (const [configuration, forceRelay, want, imposed] of /** @type {[RTCConfiguration, boolean, boolean, boolean][]} */ ([
    [{}, false, false, false], [{}, true, true, false], [{ iceServers: [] }, true, true, false],
    [{ iceServers: [{ urls: 'stun:x' }] }, true, true, false], [TURN, true, false, false], [{ iceServers: [{ urls: 'turns:x:443' }] }, true, false, false],
    [{ iceTransportPolicy: 'relay' }, false, true, true], [{ ...TURN, iceTransportPolicy: 'relay' }, false, false, true],
  ])) {
    changeSettings({ forceRelay });
    gotConfiguration(c, configuration);
    assert.deepEqual([noRelay.value, relayImposed.value, c.rtcConfiguration.iceTransportPolicy], [want, imposed, forceRelay || imposed ? 'relay' : undefined], JSON.stringify([configuration, forceRelay]));
  }
});

test('a relay through which nothing comes for a while is as good as none, until something does', () => {
  const [c, through] = [waiting('checking'), waiting('connected')];
  changeSettings({ forceRelay: true });
  gotConfiguration(c, TURN);
  for (let i = 0; i < 5; i++) watchPaths(c);
  assert.equal(noRelay.value, false);
  watchPaths(c);
  assert.equal(noRelay.value, true);
  through.rtcConfiguration = c.rtcConfiguration;
  watchPaths(through);
  assert.equal(noRelay.value, false);
});

test('where no stream finds a way for a while, a firewall is blamed, until one does', () => {
  const [checking, never, through] = ['checking', 'disconnected', 'connected'].map(waiting);
  const mixed = waiting('checking');
  mixed.down = /** @type {any} */ (new Map([['b', { pc: { iceConnectionState: 'connected' } }]]));
  gotConfiguration(checking, {});
  for (const c of [checking, never]) {
    for (let i = 0; i < 5; i++) watchPaths(c);
    assert.equal(noPath.value, false);
    watchPaths(c);
    assert.deepEqual([noPath.value, noRelay.value], [true, false]);
    watchPaths(through);
    assert.equal(noPath.value, false);
  }
  for (let i = 0; i < 10; i++) watchPaths(mixed);
  assert.equal(noPath.value, false, 'others get through');
  for (let i = 0; i < 10; i++) watchPaths(/** @type {any} */ ({ rtcConfiguration: {}, up: new Map(), down: new Map() }));
  assert.equal(noPath.value, false, 'there are none');
});

test('the wish for relays acts at once, and what waits for one says so on its tile', async () => {
  await open();
  const socket = await enter();
  camera.value = { on: true, busy: false, error: '' };
  cameraTrack.value = /** @type {any} */ (new FakeTrack('video'));
  const { startPublishing, republish } = await import('../../app/publish.js');
  startPublishing();
  republish();
  await settle();
  socket.receive({ type: 'answer', id: socket.of('offer')[0].id, sdp: 'answer' });
  socket.receive({ type: 'offer', id: 's', label: 'camera', source: 'alice', username: 'alice', sdp: 'audio video' });
  await settle();
  const [ours, theirs] = /** @type {[FakePeer, FakePeer]} */ (FakePeer.made.slice(-2));
  const states = () => Object.fromEntries(tiles.value.map((tile) => [tile.name, tile.state]));
  socket.receive({ type: 'user', kind: 'add', id: 'alice', username: 'alice', permissions: ['present'] });
  assert.deepEqual(states(), { bob: 'connecting', alice: 'connecting' });
  ours.become('connected');
  theirs.become('connected');
  assert.deepEqual(states(), { bob: 'ok', alice: 'ok' });
  changeSettings({ forceRelay: true });
  await settle();
  assert.deepEqual([ours, theirs].map((pc) => pc.configuration.iceTransportPolicy), ['relay', 'relay']);
  assert.equal(ours.restarts, 1);
  assert.deepEqual(socket.of('renegotiate').map((m) => m.id), ['s']);
  ours.become('checking');
  theirs.become('checking');
  assert.deepEqual(states(), { bob: 'failed', alice: 'failed' });
  changeSettings({ forceRelay: false });
  assert.deepEqual([ours, theirs].map((pc) => pc.configuration.iceTransportPolicy), [undefined, undefined]);
  assert.equal(streams.value.size, 1);
  assert.deepEqual(states(), { bob: 'connecting', alice: 'connecting' });
});

/** A peer connection for whom no relay does anything. */
class Deaf {
  /** @type {any} */ onicecandidateerror = null;
  createDataChannel() { return {}; }
  async createOffer() { return {}; }
  async createAnswer() { return {}; }
  async setLocalDescription() {
    const fault = { url: 'turn:nosuch.example:3478', errorCode: 701, errorText: 'TURN host lookup received error.' };
    for (const e of [fault, fault, { ...fault, url: 'turn:x:3478', errorCode: 401, errorText: 'Unauthorized' }]) this.onicecandidateerror?.(e);
  }
  close() {}
}

test('the test of relays says what is wrong with each of them', async (t) => {
  await open();
  await enter(['op', 'present', 'message']);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.RTCPeerConnection = /** @type {any} */ (Deaf);
  t.after(() => { globalThis.RTCPeerConnection = /** @type {any} */ (FakePeer); });
  for (const [configuration, want] of /** @type {[RTCConfiguration, RegExp][]} */ ([
    [TURN, /^Nothing came through a relay within 5 s\.\nturn:nosuch\.example:3478: 701 TURN host lookup received error\.\nturn:x:3478: 401 Unauthorized$/],
    [{ iceServers: [{ urls: ['turn:x:3478', 'turns:mute.example:443?transport=tcp'] }] }, /\nturn:x:3478: 401 Unauthorized\nturns:mute\.example:443\?transport=tcp: 701 no answer$/],
    [{ iceServers: [{ urls: 'stun:x' }] }, /^This server names no relay \(TURN server\)\./],
  ])) {
    gotConfiguration(/** @type {any} */ (currentConnection()), configuration);
    let over = false;
    const said = say('/relay-test').then(() => { over = true; });
    // The commands are loaded when the first is given.
    while (!over) {
      await new Promise((resolve) => { setImmediate(resolve); });
      t.mock.timers.tick(5000);
    }
    await said;
    assert.match(chat.value.at(-1)?.text ?? '', want);
  }
});
