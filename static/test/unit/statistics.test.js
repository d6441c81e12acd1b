import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { history, rooms, SLOTS, summary, take, totals, tracksOfMember } from '../../app/statistics.js';
import { spark } from '../../layout/spark.js';

/** @param {number} bitrate @param {number} [loss] @returns {import('../../app/statistics.js').Track} */
const track = (bitrate, loss = 0) => ({ kind: 'video', bitrate, loss });

/** @param {number} bitrate @returns {import('../../app/statistics.js').Room[]} */
const call = (bitrate) => [
  { name: 'a', clients: [
    { id: '1', username: 'ada', up: [{ id: 's', label: 'camera', tracks: [track(bitrate, 0.1), track(1000)] }] },
    { id: '2', down: [{ id: 's', tracks: [track(3000)] }] },
  ] },
  { name: 'b' },
];

beforeEach(() => take([]));

test('totals count both directions and weigh losses by rate', () => {
  assert.deepEqual(totals(call(4000)), { people: 2, streamsIn: 1, streamsOut: 1, received: 5000, sent: 3000, loss: 0.1 * 4000 / 8000 });
  assert.deepEqual(totals([]), { people: 0, streamsIn: 0, streamsOut: 0, received: 0, sent: 0, loss: 0 });
});

test('the past of a track is a minute long, and goes with the track', () => {
  for (let i = 1; i <= SLOTS + 5; i++) take(call(i));
  const room = rooms.value?.[0];
  assert.ok(room?.clients?.[0]);
  const [first, second] = tracksOfMember(room.name, room.clients[0]);
  assert.ok(first && second && first.key !== second.key);
  assert.equal(history(first.key).length, SLOTS);
  assert.equal(history(first.key).at(-1), SLOTS + 5);
  take([{ name: 'a' }]);
  assert.deepEqual(history(first.key), []);
});

test('plots begin at the right and stay in their box', () => {
  assert.deepEqual(spark([1], 30, 96, 20), { line: '', area: '' });
  assert.deepEqual(spark([0, 10], 3, 96, 20), { line: 'M48.0,19.0 96.0,1.0', area: 'M48.0,19.0 96.0,1.0 L96,20 L48.0,20Z' });
  assert.match(spark([0, 0, 0], 3, 96, 20).line, /^M0\.0,19\.0 48\.0,19\.0 96\.0,19\.0$/);
});

test('several tracks as one have the sum of their rates, and the worst of everything else', () => {
  /** @param {number} bitrate @returns {import('../../app/statistics.js').Member} */
  const member = (bitrate) => ({
    id: '1',
    up: [{ id: 'u', tracks: [{ kind: 'audio', codec: 'opus', bitrate: 10, loss: 0.2, jitter: 7 }, { kind: 'video', codec: 'vp9', bitrate, loss: 0, rtt: 20 }] }],
    down: [{ id: 'd', tracks: [{ kind: 'video', codec: 'vp9', bitrate: 5, loss: 0, rtt: 300, jitter: 0, sid: 2, maxSid: 2, tid: 0, maxTid: 2 }] }],
  });
  take([{ name: 'a', clients: [member(100)] }]);
  const late = { id: 'e', tracks: [{ kind: /** @type {const} */ ('video'), codec: 'av1', bitrate: 1000, loss: 0, sid: 1, maxSid: 2, tid: 2, maxTid: 2 }] };
  const now = { ...member(200), down: [...member(200).down ?? [], late] };
  take([{ name: 'a', clients: [now] }]);
  const { codecs, lowest, figures, past } = summary(tracksOfMember('a', now));
  assert.deepEqual(codecs, ['vp9', 'av1', 'opus']);
  assert.equal(lowest, late.tracks[0]);
  assert.deepEqual(figures, { bitrate: 1215, loss: 0.2, rtt: 300, jitter: 7 });
  assert.deepEqual(past, [115, 1215], 'what has come later has no past');
  const silent = summary(tracksOfMember('a', { id: '2', up: [{ id: 'u', tracks: [track(3)] }] }));
  assert.deepEqual([silent.codecs, silent.figures.rtt, silent.lowest.sid, silent.past], [[], undefined, undefined, []]);
});
