import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeMediaStream, FakeTrack } from '../fakes/media.js';
import { FakePeer } from '../fakes/peer.js';
import { settle } from '../fakes/install.js';
import { connected } from '../fakes/connection.js';
import { request, UpStream } from '../../lib/index.js';

/** @param {('audio' | 'video')[]} kinds */
const media = (...kinds) => /** @type {any} */ (new FakeMediaStream(kinds.map((k) => new FakeTrack(k))));
const peer = () => /** @type {FakePeer} */ (FakePeer.made.at(-1));

const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };

test('a stream of ours offers, takes the answer, and then the candidates that came before it', async (t) => {
  const { c, socket } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio', 'video'), maxVideoBitrate: 700_000 });
  await settle();
  const [offer] = socket.of('offer');
  assert.deepEqual([offer.id, offer.label, offer.sdp, offer.source, offer.replace], [up.id, 'camera', 'audio video', c.id, undefined]);
  assert.deepEqual(peer().getTransceivers().map((x) => x.init.sendEncodings), [[{}], [{ maxBitrate: 700_000 }]]);
  socket.receive({ type: 'ice', id: up.id, candidate });
  await settle();
  assert.equal(peer().candidates.length, 0);
  socket.receive({ type: 'answer', id: up.id, sdp: 'answer' });
  await settle();
  assert.deepEqual(peer().candidates, [candidate]);
});

test('one offer at a time: what is asked for meanwhile becomes one more', async (t) => {
  const { c, socket } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio') });
  await settle();
  socket.receive({ type: 'renegotiate', id: up.id });
  peer().become('failed');
  await settle();
  assert.equal(socket.of('offer').length, 1);
  socket.receive({ type: 'answer', id: up.id, sdp: 'answer' });
  await settle();
  assert.equal(socket.of('offer').length, 2);
  assert.equal(peer().restarts, 1);
});

test('a replacement that ends before its offer is sent closes what it should have replaced', async (t) => {
  const { c, socket } = await connected(t);
  const old = new UpStream(c, { label: 'camera', media: media('audio') });
  await settle();
  new UpStream(c, { label: 'camera', media: media('audio'), replace: old.id }).close();
  await settle();
  assert.deepEqual([c.up.size, socket.of('offer').length], [0, 1]);
  assert.ok(socket.of('close').some((m) => m.id === old.id));
});

test('a replacement names what it replaces, once, and ends it without a message', async (t) => {
  const { c, socket } = await connected(t);
  const old = new UpStream(c, { label: 'camera', media: media('audio') });
  await settle();
  const reasons = [];
  old.on('close', (r) => reasons.push(r));
  const up = new UpStream(c, { label: 'camera', media: media('audio', 'video'), replace: old.id });
  await settle();
  assert.equal(socket.of('offer')[1].replace, old.id);
  assert.deepEqual(reasons, ['replaced']);
  assert.equal(socket.of('close').length, 0);
  assert.deepEqual([...c.up.keys()], [up.id]);
  socket.receive({ type: 'answer', id: up.id, sdp: 'answer' });
  await settle();
  void up.negotiate();
  await settle();
  assert.equal(socket.of('offer')[2].replace, undefined);
});

test('a stream that the server aborts is closed', async (t) => {
  const { c, socket } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio') });
  await settle();
  const reasons = [];
  up.on('close', (r) => reasons.push(r));
  socket.receive({ type: 'abort', id: up.id });
  assert.deepEqual([reasons, socket.of('close').length, peer().closed, c.up.size], [['aborted'], 1, true, 0]);
});

test('an answer that does not apply closes the stream', async (t) => {
  const { c, socket } = await connected(t);
  c.on('error', () => {});
  const up = new UpStream(c, { label: 'camera', media: media('audio') });
  await settle();
  socket.receive({ type: 'answer', id: up.id, sdp: 'bad' });
  await settle();
  assert.deepEqual([socket.of('close').length, c.up.size], [1, 0]);
});

test('a stream of somebody else is answered, and its tracks follow the offers', async (t) => {
  const { c, socket } = await connected(t);
  /** @type {import('../../lib/index.js').DownStream[]} */
  const streams = [];
  c.on('downstream', (s) => streams.push(s));
  socket.receive({ type: 'ice', id: 'unknown', candidate });
  socket.receive({ type: 'offer', id: 's', label: 'camera', source: 'b', username: 'bob', sdp: 'audio video' });
  await settle();
  const [down] = streams;
  assert.ok(down);
  assert.deepEqual([down.label, down.source, down.username, down.media.getTracks().length], ['camera', 'b', 'bob', 2]);
  assert.deepEqual(socket.of('answer').map((m) => m.id), ['s']);
  socket.receive({ type: 'offer', id: 's', sdp: 'audio' });
  await settle();
  assert.deepEqual(down.media.getTracks().map((track) => track.kind), ['audio']);
  assert.equal(streams.length, 1);
});

test('candidates wait for the end of the negotiation', async (t) => {
  const { socket } = await connected(t);
  socket.receive({ type: 'offer', id: 's', sdp: 'audio' });
  socket.receive({ type: 'ice', id: 's', candidate });
  assert.equal(peer().candidates.length, 0);
  await settle();
  assert.deepEqual(peer().candidates, [candidate]);
});

test('a stream that fails is asked for again, one that is closed goes', async (t) => {
  const { c, socket } = await connected(t);
  socket.receive({ type: 'offer', id: 's', sdp: 'audio' });
  await settle();
  peer().become('failed');
  assert.deepEqual(socket.of('renegotiate'), [{ type: 'renegotiate', id: 's' }]);
  const ends = [];
  c.down.get('s')?.on('close', () => ends.push('closed'));
  socket.receive({ type: 'close', id: 's' });
  socket.receive({ type: 'close', id: 's' });
  assert.deepEqual([ends, c.down.size, peer().closed], [['closed'], 0, true]);
});

test('a stream that can only receive after a failure is given up for another one of the same id', async (t) => {
  const { c, socket } = await connected(t);
  request(c, { '': ['audio'] });
  socket.receive({ type: 'offer', id: 's', label: 'camera', sdp: 'audio' });
  await settle();
  const first = c.down.get('s');
  peer().failAltogether();
  assert.deepEqual(socket.of('abort'), []);
  peer().become('connected');
  assert.deepEqual([socket.of('abort'), socket.of('request').length, c.down.size, peer().closed], [[{ type: 'abort', id: 's' }], 2, 0, true]);
  assert.deepEqual(socket.of('request')[1], socket.of('request')[0]);
  socket.receive({ type: 'close', id: 's' });
  socket.receive({ type: 'offer', id: 's', label: 'camera', sdp: 'audio' });
  await settle();
  assert.notEqual(c.down.get('s'), first);
  assert.equal(c.down.get('s')?.media.getTracks().length, 1);
});

test('a stream whose DTLS outlives a failure goes on where there is a path again', async (t) => {
  const { c, socket } = await connected(t);
  request(c, { '': ['audio'] });
  socket.receive({ type: 'offer', id: 's', sdp: 'audio' });
  await settle();
  peer().transport.state = 'connected';
  peer().become('failed');
  peer().become('connected');
  assert.deepEqual([socket.of('abort').length, socket.of('request').length, c.down.size], [0, 1, 1]);
});

test('a stream of ours that sends nothing after a failure says so, once, when there is a path again', async (t) => {
  const { c } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio') });
  await settle();
  let spent = 0;
  up.on('spent', () => spent++);
  peer().become('connected');
  peer().failAltogether();
  assert.equal(spent, 0);
  for (const state of ['checking', 'connected', 'completed']) peer().become(state);
  assert.equal(spent, 1);
});

test('a replacing offer hands its predecessor the successor', async (t) => {
  const { c, socket } = await connected(t);
  socket.receive({ type: 'offer', id: 'old', sdp: 'audio' });
  await settle();
  const log = [];
  c.down.get('old')?.on('replaced', (s) => log.push(s.id));
  c.down.get('old')?.on('close', () => log.push('close'));
  socket.receive({ type: 'offer', id: 'new', replace: 'old', sdp: 'audio' });
  await settle();
  assert.deepEqual([log, [...c.down.keys()]], [['new', 'close'], ['new']]);
});

test('offers for a stream of ours and offers that do not apply are aborted', async (t) => {
  const { c, socket } = await connected(t);
  c.on('error', () => {});
  const up = new UpStream(c, { label: 'camera', media: media('audio') });
  socket.receive({ type: 'offer', id: up.id, sdp: 'audio' });
  socket.receive({ type: 'offer', id: 's', sdp: 'bad' });
  await settle();
  assert.deepEqual(socket.of('abort').map((m) => m.id), [up.id, 's']);
});

test('when the connection is lost our streams end, those of the others stay until it is closed', async (t) => {
  const { c, socket } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio') });
  socket.receive({ type: 'offer', id: 's', sdp: 'audio' });
  await settle();
  const reasons = [];
  up.on('close', (r) => reasons.push(r));
  c.down.get('s')?.on('close', () => reasons.push('closed'));
  socket.drop();
  assert.deepEqual([reasons, peer().closed], [['lost'], false]);
  c.close();
  assert.deepEqual([reasons, peer().closed], [['lost', 'closed'], true]);
});

test('encodings that nobody has use for are left out, and come back when they are named', async (t) => {
  const { c, socket } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio', 'video'), encodings: { video: [{ rid: 'h', maxBitrate: 7 }, { rid: 'l' }] } });
  const active = () => peer().getSenders().map((s) => s.getParameters().encodings.map((/** @type {any} */ e) => e.active));
  await settle();
  socket.receive({ type: 'encodings', id: up.id, value: ['l'] });
  socket.receive({ type: 'encodings', id: 'another', value: ['l'] });
  await settle();
  assert.deepEqual(active(), [[undefined], [false, true]]);
  await up.changeEncodings({ video: [{ maxBitrate: 3 }, {}] });
  assert.deepEqual(peer().getSenders()[1].getParameters().encodings, [{ rid: 'h', maxBitrate: 3, active: false }, { rid: 'l', active: true }]);
  socket.receive({ type: 'encodings', id: up.id, value: ['h', 'l'] });
  await settle();
  assert.deepEqual(active(), [[undefined], [true, true]]);
});

test('what the uplink does not take is not sent, until it is for us to find out again', async (t) => {
  const { c, socket } = await connected(t);
  const limit = async (/** @type {string} */ id, /** @type {number} */ bitrate) => {
    socket.receive({ type: 'encodings', id, bitrate });
    await settle();
    return peer().getSenders().map((s) => s.getParameters().encodings);
  };
  const camera = new UpStream(c, { label: 'camera', media: media('audio', 'video'), encodings: { video: [{ maxBitrate: 700000, maxFramerate: 10 }] } });
  await settle();
  const thin = [[{}], [{ maxBitrate: 200000, maxFramerate: 10 }]];
  assert.deepEqual(await limit(camera.id, 200000), thin);
  assert.deepEqual(await limit('another', 100000), thin);
  await camera.changeEncodings({ video: [{ maxBitrate: 150000 }] });
  assert.deepEqual(await limit(camera.id, 200000), [[{}], [{ maxBitrate: 150000, maxFramerate: 15 }]]);
  await camera.changeEncodings({ video: [{ maxBitrate: 800000 }] });
  assert.deepEqual(await limit(camera.id, 100000), [[{}], [{ maxBitrate: 100000, maxFramerate: 15 }]]);
  assert.deepEqual(await limit(camera.id, 0), [[{}], [{ maxBitrate: 800000 }]]);

  const own = new UpStream(c, { label: 'camera', media: media('video') });
  await settle();
  const [sender] = peer().getSenders();
  await sender.setParameters({ encodings: [{ maxBitrate: 300000, scaleResolutionDownBy: 2 }] });
  assert.deepEqual(await limit(own.id, 200000), [[{ maxBitrate: 200000, maxFramerate: 15, scaleResolutionDownBy: 2 }]]);
  assert.deepEqual(await limit(own.id, 0), [[{ maxBitrate: 300000, scaleResolutionDownBy: 2 }]]);
});

test('a sender that cannot be changed is told, and goes on', async (t) => {
  const { c } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('video'), encodings: { video: [{ rid: 'h' }, { rid: 'l' }] } });
  /** @type {string[]} */
  const errors = [];
  c.on('error', (e) => errors.push(e.message));
  peer().getSenders()[0].setParameters = async () => { throw new Error('no'); };
  await up.gotEncodings({ value: ['l'] });
  assert.deepEqual([errors, c.up.size], [['no'], 1]);
});

test('a sender that cannot be changed because its stream has ended is not told of, nor are those behind it changed', async (t) => {
  const { c } = await connected(t);
  const up = new UpStream(c, { label: 'camera', media: media('audio', 'video'), encodings: { video: [{ rid: 'h' }, { rid: 'l' }] } });
  /** @type {string[]} */
  const told = [];
  c.on('error', (e) => told.push(e.message));
  const [first, second] = peer().getSenders();
  first.setParameters = async () => {
    up.close();
    throw new Error('stopped');
  };
  second.setParameters = async () => { told.push('changed'); };
  await up.gotEncodings({ value: ['l'] });
  assert.deepEqual(told, []);
});
