import { settle } from '../fakes/install.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked as askedAtFirst, enter, open } from '../fakes/room.js';
import { askFor, followVisibility, needOf, needOfNew, placement } from '../../app/subscribe.js';
import { changeSettings } from '../../app/settings.js';
import { grid } from '../../layout/grid.js';
import { leave } from '../../app/session.js';
import { hidden, mostTiles } from '../../app/viewport.js';
import { shownTiles } from '../../app/tiles.js';
import { speakers, streams } from '../../app/store.js';
import { wanted } from '../../app/receive.js';

/** @typedef {import('../../app/subscribe.js').Need} Need */

/** @param {number} w @param {number} h */
const tile = (w, h) => ({ place: { w, h }, enlarged: false });

const PAGE = { density: 1, visible: 3 };

/** @param {number} hardwareConcurrency that the page believes to have */
function processors(hardwareConcurrency) {
  Object.defineProperty(globalThis, 'navigator', { value: { ...globalThis.navigator, hardwareConcurrency }, configurable: true });
}

test('small tiles get pictures of low quality, and large ones the best', () => {
  const cases = /** @type {const} */ ([
    [tile(320, 240), 1, 'video-low', 'video-low'], [tile(391, 220), 1, 'video-low', 'video'], [tile(216, 121), 1, 'video', 'video-low'],
    [tile(168, 188), 2, 'video', 'video'], [tile(168, 188), 2, 'video-low', 'video-low'], [tile(300, 180), 2, 'video-low', 'video'],
    [{ place: undefined, enlarged: false }, 1, 'video', 'audio'], [{ place: undefined, enlarged: true }, 1, 'audio', 'video'],
  ]);
  for (const [place, density, before, want] of cases) assert.equal(needOf(place, { density, visible: 3 }, before), want, JSON.stringify([place, density, before]));
});

test('with many in sight small pictures need half of the frames, and large ones all', () => {
  const many = { density: 1, visible: 13 };
  assert.equal(needOf(tile(320, 240), { ...many, visible: 12 }, 'half-rate'), 'video-low');
  assert.equal(needOf(tile(320, 240), many, 'video-low'), 'half-rate');
  assert.equal(needOf(tile(640, 480), many, 'half-rate'), 'half-rate');
  assert.equal(needOf(tile(641, 480), many, 'half-rate'), 'video');
});

test('in a crowd a quarter of the frames does, but of those who have spoken half of them', () => {
  const crowd = { density: 1, visible: 25 };
  assert.equal(needOf(tile(190, 110), { ...crowd, visible: 24 }, 'quarter-rate'), 'half-rate');
  assert.equal(needOf(tile(190, 110), crowd, 'half-rate'), 'quarter-rate');
  assert.equal(needOf({ ...tile(190, 110), spoke: true }, crowd, 'quarter-rate'), 'half-rate');
  assert.equal(needOf(tile(641, 480), crowd, 'quarter-rate'), 'video');
});

test('a tile that wavers about the limit changes nothing', () => {
  let need = /** @type {Need} */ ('video');
  for (const w of [340, 330, 320, 310, 330, 340]) {
    need = needOf(tile(w, 240), PAGE, need);
    assert.equal(need, 'video');
  }
  need = needOf(tile(240, 240), PAGE, need);
  assert.equal(need, 'video-low');
  assert.equal(needOf(tile(310, 240), PAGE, need), 'video-low');
});

test('the setting of the person is the ceiling', () => {
  /** @type {[Parameters<typeof wanted>[0], string, Need, boolean, string[] | null][]} */
  const cases = [
    ['everything', '', 'video', true, null], ['everything', '', 'video-low', true, ['audio', 'video-low']], ['everything', '', 'audio', true, ['audio']],
    ['everything-low', '', 'video', true, null], ['everything-low', '', 'video-low', true, null], ['everything-low', '', 'audio', true, ['audio']],
    ['audio', '', 'video', true, null], ['audio', '', 'audio', true, null], ['', '', 'video', true, null],
    ['screenshare', '', 'video', true, null], ['screenshare', 'screenshare', 'video', false, null],
    // A stream without sound would end if only sound were asked for, and could not be had back.
    ['everything', '', 'audio', false, ['audio', 'video-low', 'quarter-rate']], ['everything-low', '', 'audio', false, ['audio', 'video-low', 'quarter-rate']],
    ['everything', '', 'quarter-rate', true, ['audio', 'video-low', 'quarter-rate']],
    ['everything', '', 'half-rate', true, ['audio', 'video-low', 'half-rate']], ['everything-low', '', 'half-rate', true, ['audio', 'video-low', 'half-rate']],
    ['audio', '', 'half-rate', true, null],
  ];
  for (const [setting, label, need, sound, want] of cases) {
    const rule = wanted(setting);
    assert.deepEqual(askFor(rule[label] ?? rule[''] ?? [], need, sound), want, JSON.stringify([setting, label, need, sound]));
  }
});

test('the forty-eight others of a full grid are no more to decode than twelve pictures', () => {
  // A camera of 640 by 480 whose low encoding has half the width and height.
  const pixels = { video: 640 * 480, 'video-low': 320 * 240, 'half-rate': 320 * 240 / 2, 'quarter-rate': 320 * 240 / 4, audio: 0 };
  for (const density of [1, 2]) {
    for (const [w, h] of /** @type {const} */ ([[1248, 676], [1888, 956], [2528, 1316]])) {
      const g = grid({ w, h, n: 49 });
      const others = Math.min(49, g.perPage) - 1;
      const cost = others * pixels[needOf(tile(g.tileW, g.tileH), { density, visible: others }, 'video-low')];
      assert.ok(cost <= 12 * pixels['video-low'], `${w} by ${h}, ${density}: ${cost}`);
    }
  }
});

test('a picture that has no tile yet is of as much use as those of its tile will be', () => {
  for (const [cores, want] of /** @type {const} */ ([[8, 'quarter-rate'], [4, 'half-rate']])) {
    processors(cores);
    assert.deepEqual([1, 2, 9, 12, 13, 14, 20, 49, 300].map((n) => needOfNew(n)), ['video', 'video', 'video', 'video-low', 'video-low', 'half-rate', 'half-rate', want, want]);
  }
});

test('a page has no more tiles than its machine and its window are good for', (t) => {
  t.after(() => Object.assign(globalThis, { innerWidth: undefined, innerHeight: undefined, devicePixelRatio: undefined }));
  for (const [cores, innerWidth, innerHeight, devicePixelRatio, want] of /** @type {const} */ ([
    [8, 1440, 900, 1, 30], [8, 1536, 864, 1.25, 49], [8, 1440, 900, 2, 49], [8, 1920, 1080, 1, 49], [4, 1920, 1080, 1, 20],
  ])) {
    processors(cores);
    Object.assign(globalThis, { innerWidth, innerHeight, devicePixelRatio });
    assert.equal(mostTiles(), want, `${cores}: ${innerWidth} × ${innerHeight}, ${devicePixelRatio}`);
  }
});

test('in a large room pictures come small from the start, and only what is large is asked for; in a small one they come at their best', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  await open();
  processors(8);
  const socket = await enter(undefined, 30);
  const best = ['audio', 'video'];
  const small = ['audio', 'video-low', 'quarter-rate'];
  assert.deepEqual(askedAtFirst.value, { screenshare: best, video: best, '': small });
  followVisibility();
  const ids = Array.from({ length: 29 }, (_, i) => `p${i}`);
  for (const id of ids) {
    socket.receive({ type: 'user', kind: 'add', id, username: id, permissions: ['present'] });
    socket.receive({ type: 'offer', id: `s${id}`, label: 'camera', source: id, username: id, sdp: 'audio video' });
  }
  await settle();
  streams.value = new Map([...streams.value].map(([id, s]) => [id, { ...s, audio: true, video: true }]));
  placement.value = new Map(ids.map((id) => [`user:${id}`, { w: 200, h: 112 }]));
  t.mock.timers.tick(1000);
  assert.deepEqual(socket.sent.filter((m) => m.type.startsWith('request')), [], 'nothing has to be asked for');
  placement.value = new Map(ids.map((id, i) => [`user:${id}`, i === 3 ? { w: 900, h: 500 } : { w: 200, h: 112 }]));
  t.mock.timers.tick(1000);
  assert.deepEqual(socket.of('requestStream').map((m) => [m.id, m.request]), [['sp3', best]]);
  const smoother = ['audio', 'video-low', 'half-rate'];
  speakers.value = new Set(['p5']);
  t.mock.timers.tick(1000);
  speakers.value = new Set();
  t.mock.timers.tick(8000);
  assert.deepEqual(socket.of('requestStream').slice(1).map((m) => [m.id, m.request]), [['sp5', smoother]], 'who speaks is smoother for a while');
  t.mock.timers.tick(2000);
  assert.deepEqual(socket.of('requestStream').slice(2).map((m) => [m.id, m.request]), [['sp5', null]]);
  for (const id of ids.slice(2)) {
    socket.receive({ type: 'close', id: `s${id}` });
    socket.receive({ type: 'user', kind: 'delete', id });
  }
  placement.value = new Map(['p0', 'p1'].map((id) => [`user:${id}`, { w: 900, h: 500 }]));
  t.mock.timers.tick(1000);
  assert.deepEqual(socket.of('request').map((m) => m.request), [{ '': best }]);
  assert.equal(socket.of('requestStream').length, 3, 'what comes at its best is not asked for');
  leave();
});

test('what is out of sight is asked for without its picture, once, and asked for again when it is seen; what takes the place of a stream is asked for anew', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  await open();
  const socket = await enter();
  followVisibility();
  socket.receive({ type: 'user', kind: 'add', id: 'ada', username: 'ada', permissions: ['present'] });
  socket.receive({ type: 'offer', id: 's1', label: 'camera', source: 'ada', username: 'ada', sdp: 'audio video' });
  await settle();
  const stream = streams.value.get('s1');
  assert.ok(stream);
  streams.value = new Map(streams.value).set('s1', { ...stream, audio: true, video: true });
  const asked = () => socket.of('requestStream').map((m) => m.request);
  placement.value = new Map([['user:ada', { w: 200, h: 120 }]]);
  t.mock.timers.tick(250);
  placement.value = new Map([['user:ada', { w: 210, h: 120 }]]);
  t.mock.timers.tick(250);
  assert.deepEqual(asked(), [], 'the layout has not come to rest');
  t.mock.timers.tick(100);
  assert.deepEqual(asked(), [['audio', 'video-low']]);
  placement.value = new Map();
  t.mock.timers.tick(1000);
  placement.value = new Map([['user:ada', { w: 210, h: 120 }]]);
  t.mock.timers.tick(5000);
  assert.equal(asked().length, 1, 'turning a page and back costs nothing');
  placement.value = new Map();
  t.mock.timers.tick(5000);
  assert.deepEqual(asked().slice(1), [['audio']]);
  placement.value = new Map([['user:ada', { w: 800, h: 450 }]]);
  t.mock.timers.tick(300);
  assert.deepEqual(asked().slice(2), [null]);

  // Somebody comes or goes all the time.
  for (let w = 200; w < 208; w++) {
    placement.value = new Map([['user:ada', { w, h: 120 }]]);
    t.mock.timers.tick(150);
  }
  assert.deepEqual(asked().slice(3), [['audio', 'video-low']], 'a layout that does not come to rest is asked about all the same');
  placement.value = new Map([['user:ada', { w: 800, h: 450 }]]);
  t.mock.timers.tick(300);
  assert.deepEqual(asked().slice(4), [null]);

  hidden.value = true;
  t.mock.timers.tick(20_000);
  assert.equal(asked().length, 5, 'who looks at another page for a moment comes back to pictures');
  t.mock.timers.tick(20_000);
  assert.deepEqual(asked().slice(5), [['audio']]);
  hidden.value = false;
  t.mock.timers.tick(300);
  assert.deepEqual(asked().slice(6), [null]);

  changeSettings({ request: 'audio' });
  assert.deepEqual(socket.of('request').at(-1)?.request, { '': ['audio'] });
  placement.value = new Map();
  t.mock.timers.tick(5000);
  assert.equal(asked().length, 7, 'less than what the setting gives cannot be asked for');
  placement.value = new Map([['user:ada', { w: 200, h: 120 }]]);
  changeSettings({ request: 'everything' });

  // The server forgets what was asked of the one before.
  t.mock.timers.tick(400);
  assert.deepEqual(asked().slice(7), [['audio', 'video-low']]);
  placement.value = new Map([['user:ada', { w: 800, h: 450 }]]);
  socket.receive({ type: 'offer', id: 's2', replace: 's1', label: 'camera', source: 'ada', username: 'ada', sdp: 'audio video' });
  await settle();
  t.mock.timers.tick(400);
  assert.deepEqual(socket.of('requestStream').slice(8).map((m) => [m.id, m.request]), [['s2', null]]);
  leave();
});

test('the tile of a picture that is asked for again stays until it comes, however long that takes, and goes if there is none any more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  await open();
  const socket = await enter();
  followVisibility();
  socket.receive({ type: 'user', kind: 'add', id: 'ada', username: 'ada', permissions: ['present'] });
  const offer = async (/** @type {string} */ sdp) => {
    socket.receive({ type: 'offer', id: 's1', label: 'camera', source: 'ada', username: 'ada', sdp });
    await settle();
  };
  await offer('audio video');
  const isShown = () => shownTiles.value.some((shown) => shown.name === 'ada');
  const sight = new Map([['user:ada', { w: 800, h: 450 }]]);
  const turnPage = (/** @type {typeof sight} */ to) => {
    placement.value = to;
    t.mock.timers.tick(5000);
  };
  turnPage(sight);
  assert.ok(isShown());
  turnPage(new Map());
  turnPage(sight);
  assert.deepEqual(socket.of('requestStream').map((m) => m.request), [['audio'], null]);
  await offer('audio');
  assert.ok(isShown(), 'what the server was asked for before comes late');
  turnPage(new Map());
  turnPage(sight);
  assert.ok(isShown(), 'the picture is on its way');
  await offer('audio video');
  t.mock.timers.tick(60_000);
  assert.ok(isShown());
  await offer('audio');
  assert.ok(!isShown(), 'the camera was switched off');

  await offer('audio video');
  turnPage(new Map());
  await offer('audio');
  turnPage(sight);
  assert.ok(isShown());
  t.mock.timers.tick(60_000);
  assert.ok(!isShown(), 'the camera was switched off meanwhile');
  leave();
});
