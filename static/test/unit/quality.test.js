import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, progress } from '../../app/quality.js';

/** @typedef {import('../../app/quality.js').Progress} Progress */
/** @typedef {import('../../lib/stats.js').Received} Received */

/** @type {Progress} */
const GOOD = {
  seconds: 2, received: 100, loss: 0, lineLoss: 0, jitter: 0.01, concealed: 0, frames: 25, stood: 0, nacks: 0, roundTrip: 0.03, down: 700_000, up: 0,
};

/** @param {string} id @param {Partial<Progress>} [change] @param {boolean} [moving] */
const stream = (id, change = {}, moving = true) => ({ id, source: id, moving, progress: { ...GOOD, ...change } });

/** @param {ReturnType<typeof stream>[]} streams @returns {Record<string, string>} */
const told = (streams) => Object.fromEntries([...judge(streams)].map(([id, q]) => [id, `${q.level} ${q.cause}${q.frozen ? ' frozen' : ''}`]));

test('what arrives well has no mark', () => {
  assert.deepEqual(told([stream('a'), stream('b', { loss: 0.01, jitter: 0.03 })]), {});
  assert.deepEqual(told([stream('screen', { frames: 0 }, false), stream('sound', { frames: null })]), {}, 'a screen may rest, and sound has no pictures');
});

test('the cause is told: their line, ours, or the server', () => {
  /** @type {[string, ReturnType<typeof stream>[], Record<string, string>][]} */
  const cases = [
    ['nobody says what was sent, among others', [stream('a', { loss: 0.1, lineLoss: null }), stream('b')], { a: 'poor theirs' }],
    ['lost before the server, among others', [stream('a', { loss: 0.1 }), stream('b'), stream('c')], { a: 'poor theirs' }],
    ['lost before the server, the only one', [stream('a', { loss: 0.1, lineLoss: 0.005 })], { a: 'poor theirs' }],
    ['lost behind the server, the only one', [stream('a', { loss: 0.05, lineLoss: 0.05 })], { a: 'fair yours' }],
    ['lost behind the server, all', [stream('a', { loss: 0.1, lineLoss: 0.1 }), stream('b', { loss: 0.09, lineLoss: 0.09 })], { a: 'poor yours', b: 'poor yours' }],
    ['lost on both lines, mostly theirs', [stream('a', { loss: 0.2, lineLoss: 0.03 }), stream('b', { loss: 0.03, lineLoss: 0.03 }), stream('c')],
      { a: 'poor theirs', b: 'fair yours' }],
    ['the server does not say what it sent: all', [stream('a', { loss: 0.1, lineLoss: null }), stream('b', { loss: 0.1, lineLoss: null })], { a: 'poor yours', b: 'poor yours' }],
    ['a long way', [stream('a', { roundTrip: 0.5 }), stream('b')], { a: 'fair yours' }],
    ['few pictures of one', [stream('a', { frames: 3 }), stream('b'), stream('c')], { a: 'poor theirs' }],
    ['few pictures of all, nothing lost', [stream('a', { frames: 3 }), stream('b', { frames: 6 })], { a: 'poor server', b: 'fair server' }],
    ['few pictures of all, as few as were asked for', [{ ...stream('a', { frames: 7 }), thin: true }, { ...stream('b', { frames: 6 }), thin: true }], {}],
    ['sound of one is torn', [stream('a', { concealed: 0.2 }), stream('b'), stream('c')], { a: 'poor theirs' }],
    ['one stands still', [stream('a', { frames: 0 }), stream('b')], { a: 'poor theirs frozen' }],
    ['a picture that is sent anew stands still at times', [stream('a', { stood: 0.2 }), stream('b')], { a: 'fair theirs' }],
  ];
  for (const [name, streams, want] of cases) assert.deepEqual(told(streams), want, name);
});

/** @type {Received} */
const TRACK = {
  kind: 'video', packets: 0, lost: 0, bytes: 0, jitter: 0, nacks: 0, frames: 0, frozen: 0, samples: 0, concealed: 0, width: 640, height: 360, energy: 0,
  sent: null, sentAt: 0, codec: 'VP8',
};

/** @param {number} time @param {Partial<Received>[]} tracks @returns {import('../../lib/stats.js').Sample} */
const sample = (time, tracks) => ({ time, roundTrip: 0.05, protocol: 'udp', relayed: false, sent: [], received: tracks.map((t) => ({ ...TRACK, ...t })) });

test('what happened between two samples', () => {
  const p = progress(
    sample(1000, [{ packets: 1000, lost: 10, bytes: 1000, frames: 50, sent: 990, sentAt: 900 }, { kind: 'audio', packets: 500, samples: 96_000, concealed: 0 }]),
    sample(3000, [{ packets: 1180, lost: 30, bytes: 126_000, frames: 90, nacks: 12, sent: 1190, sentAt: 2900 }, { kind: 'audio', packets: 600, samples: 192_000, concealed: 9600 }]));
  assert.deepEqual([p.seconds, p.received, p.frames, p.down, p.concealed, p.nacks], [2, 140, 20, 500_000, 0.1, 6]);
  assert.ok(Math.abs(p.loss - 20 / 300) < 1e-9, String(p.loss));
  // 100 packets a second were sent, 90 came.
  assert.ok(p.lineLoss !== null && Math.abs(p.lineLoss - 0.1) < 1e-9, String(p.lineLoss));
});

test('a track that begins anew, one more track, and a report that has not come', () => {
  assert.equal(progress(sample(0, [{ packets: 900, frames: 10 }]), sample(2000, [{ packets: 10, frames: 1 }])).received, 0);
  assert.equal(progress(sample(0, []), sample(2000, [{ packets: 10, frames: 1 }])).frames, null);
  assert.equal(progress(sample(0, [{ sent: 10, sentAt: 5 }]), sample(2000, [{ packets: 100, sent: 10, sentAt: 5 }])).lineLoss, null);
  assert.equal(progress(sample(0, [{ packets: 10, lost: 5, frames: 1 }]), sample(2000, [{ packets: 20, lost: 2, frames: 9 }])).loss, 0, 'late packets are not lost any more');
});
