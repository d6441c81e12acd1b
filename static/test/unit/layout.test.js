import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, nearestCorner, pageOf } from '../../layout/arrange.js';
import { grid, gridRects } from '../../layout/grid.js';
import { facesFirst, mainSpeaker, promotion, rank } from '../../layout/rank.js';
import { stage } from '../../layout/stage.js';

/** @typedef {{x: number, y: number, w: number, h: number}} Rect */

/**
 * @param {Iterable<Rect>} rects
 * @param {{w: number, h: number}} area
 */
function assertInside(rects, { w, h }) {
  const list = [...rects];
  for (const r of list) assert.ok(r.x >= 0 && r.y >= 0 && r.x + r.w <= w && r.y + r.h <= h, JSON.stringify({ r, w, h }));
  for (const [i, a] of list.entries()) {
    for (const b of list.slice(i + 1)) {
      assert.ok(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, `overlap ${JSON.stringify([a, b])}`);
    }
  }
}

test('the grid has the columns that make tiles largest', () => {
  const cases = [
    { n: 1, w: 1248, h: 676, cols: 1 }, { n: 2, w: 1248, h: 676, cols: 2 }, { n: 4, w: 1248, h: 676, cols: 2 }, { n: 5, w: 1248, h: 676, cols: 3 },
    { n: 9, w: 1248, h: 676, cols: 3 }, { n: 16, w: 1920, h: 960, cols: 4 }, { n: 2, w: 400, h: 800, cols: 1 }, { n: 25, w: 1920, h: 960, cols: 5 },
  ];
  for (const c of cases) assert.equal(grid(c).cols, c.cols, JSON.stringify(c));
});

test('tiles of a grid keep their shape, lie inside and do not overlap', () => {
  for (const [w, h] of /** @type {const} */ ([[1248, 676], [880, 676], [344, 616], [740, 250]])) {
    for (let n = 1; n <= 30; n++) {
      const g = grid({ w, h, n });
      assert.ok(g.tileW / g.tileH > 1.7 && g.tileW / g.tileH < 1.85, JSON.stringify(g));
      assertInside(gridRects(g, { w, h, n: Math.min(n, g.perPage) }), { w, h });
    }
  }
});

test('when tiles would become too small there are fewer on a page', () => {
  const g = grid({ w: 800, h: 400, n: 40, minTile: 180 });
  assert.ok(g.perPage < 40 && g.tileW >= 180, JSON.stringify(g));
  assert.equal(grid({ w: 4000, h: 3000, n: 60 }).perPage <= 49, true);
  const many = { w: 4000, h: 3000, phone: false, page: 0, tiles: tilesOf(...Array.from({ length: 49 }, (_, i) => `p${i}`)) };
  assert.deepEqual([arrange(many).pages, arrange({ ...many, most: 25 }).pages, arrange({ ...many, most: 25 }).rects.size], [1, 2, 25]);
});

test('the last row is centred', () => {
  const area = { w: 1248, h: 676, n: 3 };
  const [a, b, c] = gridRects(grid(area), area);
  assert.ok(a && b && c);
  assert.ok(Math.abs(c.x + c.w / 2 - (a.x + b.x + b.w) / 2) <= 1);
});

test('the strip is beside a landscape stage and below a portrait one', () => {
  const wide = stage({ w: 1248, h: 676, n: 4 });
  assert.equal(wide.strip.length, 4);
  assertInside([...wide.mains, ...wide.strip], { w: 1248, h: 676 });
  assert.ok(wide.strip.every((r) => r.x > (wide.mains[0]?.w ?? 0)));
  const tall = stage({ w: 344, h: 616, n: 4 });
  assert.ok(tall.strip.every((r) => r.y > (tall.mains[0]?.y ?? 0) + (tall.mains[0]?.h ?? 0)));
  assertInside([...tall.mains, ...tall.strip], { w: 344, h: 616 });
  for (const [mains, n, shown] of /** @type {const} */ ([[1, 1, 1], [1, 3, 3], [1, 9, 8], [2, 9, 4]])) {
    const s = stage({ w: 344, h: 616, n, mains });
    assert.equal(s.strip.length, shown, `${n} below ${mains}`);
    assert.ok(s.mains.every((r) => r.w === 344), 'a shared screen is as wide as the stage');
    assertInside([...s.mains, ...s.strip], { w: 344, h: 616 });
  }
  assert.deepEqual(stage({ w: 200, h: 90, n: 0 }), { mains: [{ x: 20, y: 0, w: 160, h: 90 }], strip: [] });
});

/** @param {string[]} keys `me` is ourselves, a leading `s` is a share */
const tilesOf = (...keys) => keys.map((key) => ({ key, self: key === 'me', share: key.startsWith('s') }));

test('with two people our own picture floats over the other', () => {
  const { rects } = arrange({ w: 1248, h: 676, phone: false, page: 0, tiles: tilesOf('me', 'ada') });
  assert.equal(rects.get('me')?.floating, true);
  assert.equal(rects.get('ada')?.floating, false);
  assertInside([/** @type {Rect} */ (rects.get('ada'))], { w: 1248, h: 676 });
  const tall = arrange({ w: 700, h: 676, phone: false, page: 0, tiles: tilesOf('me', 'ada') }).rects;
  const [mine, other] = [tall.get('me'), tall.get('ada')];
  assert.ok(mine && other && mine.y + mine.h < other.y + other.h, 'it lies on the picture, not beside it');
});

test('on a phone our own picture has a cell of its own, and covers nobody', () => {
  const area = { w: 344, h: 616, phone: true, page: 0 };
  for (const size of [{ w: 344, h: 616 }, { w: 676, h: 312 }]) {
    for (const others of [3, 4, 5, 6, 7, 8, 9, 30]) {
      const { rects, pages } = arrange({ ...area, ...size, tiles: tilesOf('me', ...Array.from({ length: others }, (_, i) => `p${i}`)) });
      assert.ok(rects.get('me')?.floating);
      if (size.h > size.w) assert.deepEqual([rects.size - 1, pages], others > 8 ? [7, Math.ceil(others / 7)] : [others, 1], `${others} others`);
      assertInside(rects.values(), size);
    }
  }
  const chosen = arrange({ ...area, corner: 'start-top', tiles: tilesOf('me', 'a', 'b', 'c') }).rects.get('me');
  assert.deepEqual([chosen?.x, chosen?.y], [8, 8], 'the corner that the person has chosen counts');
});

test('alone we fill the stage, among others we are in the grid, on a phone among two we float', () => {
  assert.equal(arrange({ w: 1248, h: 676, phone: false, page: 0, tiles: tilesOf('me') }).rects.get('me')?.floating, false);
  assert.equal(arrange({ w: 1248, h: 676, phone: false, page: 0, tiles: tilesOf('me', 'a', 'b') }).rects.get('me')?.floating, false);
  assert.equal(arrange({ w: 344, h: 616, phone: true, page: 0, tiles: tilesOf('me', 'a', 'b') }).rects.get('me')?.floating, true);
});

test('a shared screen gets the stage', () => {
  const { rects, pages } = arrange({ w: 1248, h: 676, phone: false, page: 0, tiles: tilesOf('s1', 'ada', 'me') });
  assert.equal(pages, 1);
  assert.ok((rects.get('s1')?.w ?? 0) > 900);
  assertInside(rects.values(), { w: 1248, h: 676 });
});

test('what turns the pages of a strip takes room from the strip, not from the screen beside it', () => {
  const area = { w: 1248, h: 676, phone: false, page: 0 };
  const few = arrange({ ...area, tiles: tilesOf('s1', 'ada') }).rects.get('s1');
  const { rects, pages } = arrange({ ...area, tiles: tilesOf('s1', ...Array.from({ length: 12 }, (_, i) => `p${i}`)) });
  assert.ok(pages > 1);
  assert.deepEqual(rects.get('s1'), few);
  for (const [key, r] of rects) if (key !== 's1') assert.ok(r.y + r.h <= area.h - 36, key);
});

test('every tile is on exactly one page', () => {
  const tiles = tilesOf('me', ...Array.from({ length: 70 }, (_, i) => `u${i}`));
  for (const phone of [true, false]) {
    const area = phone ? { w: 344, h: 616 } : { w: 900, h: 500 };
    const seen = [];
    const { pages } = arrange({ ...area, phone, page: 0, tiles });
    for (let page = 0; page < pages; page++) {
      const { rects } = arrange({ ...area, phone, page, tiles });
      seen.push(...[...rects].filter(([, r]) => !r.floating).map(([key]) => key));
      assertInside([...rects.values()].filter((r) => !r.floating), area);
    }
    // On a phone our own picture floats over every page.
    assert.deepEqual(seen.sort(), tiles.map((t) => t.key).filter((key) => !phone || key !== 'me').sort());
  }
});

test('where lines begin on the right, so do rows and strips', () => {
  for (const area of [{ w: 1248, h: 676, phone: false, page: 0 }, { w: 344, h: 616, phone: true, page: 0 }]) {
    for (const tiles of [tilesOf('me', 'a', 'b', 'c', 'd'), tilesOf('s1', 'me', 'a', 'b'), tilesOf('me', 'a')]) {
      const [there, here] = [arrange({ ...area, tiles, rtl: true }).rects, arrange({ ...area, tiles }).rects];
      for (const [key, r] of here) assert.ok(Math.abs((there.get(key)?.x ?? 0) - (area.w - r.x - r.w)) <= 1, key);
    }
  }
});

test('nothing to show and no room to show it are no errors', () => {
  assert.equal(arrange({ w: 0, h: 0, phone: false, page: 3, tiles: [] }).rects.size, 0);
  assert.equal(arrange({ w: 0, h: 0, phone: true, page: 0, tiles: tilesOf('me', 'a', 's') }).rects.size, 2);
});

test('a page beyond the last is the last', () => {
  assert.deepEqual(pageOf([1, 2, 3], 2, 9), { items: [3], page: 1, pages: 2 });
  assert.deepEqual(pageOf([], 2, 1), { items: [], page: 0, pages: 1 });
});

test('screens come first, then who presents, then ourselves, then by arrival', () => {
  /** @param {Partial<import('../../layout/rank.js').Ranked> & {key: string}} t */
  const tile = (t) => ({ self: false, share: false, local: false, presenting: false, since: 0, ...t });
  const order = rank([
    tile({ key: 'late', since: 9 }), tile({ key: 'me', self: true, local: true, since: 5 }), tile({ key: 'early', since: 1 }),
    tile({ key: 'presenter', presenting: true, since: 7 }), tile({ key: 'my screen', share: true, local: true }), tile({ key: 'screen', share: true, since: 8 }),
  ]);
  assert.deepEqual(order.map((t) => t.key), ['screen', 'my screen', 'presenter', 'me', 'early', 'late']);
});

const WIDE = { w: 1248, h: 676, phone: false, page: 0 };
/** Keys of the tiles that are wider than half the stage. @param {Map<string, Rect>} rects */
const large = (rects) => [...rects].filter(([, r]) => r.w > 624).map(([key]) => key);

test('a layout makes large what is pinned, else what is shared, else who spoke', () => {
  const tiles = tilesOf('s1', 'me', 'ada', 'bob');
  const people = tilesOf('me', 'ada', 'bob', 'eve');
  const cases = /** @type {const} */ ([
    { mode: 'auto', tiles, want: ['s1'] }, { mode: 'auto', tiles, pinned: 'bob', want: ['bob'] }, { mode: 'auto', tiles: people, want: [] },
    { mode: 'auto', tiles: people, pinned: 'ada', want: ['ada'] }, { mode: 'grid', tiles, pinned: 'bob', want: [] },
    { mode: 'sidebar', tiles: people, speaker: 'bob', want: ['bob'] }, { mode: 'sidebar', tiles: people, speaker: 'gone', want: ['ada'] },
    { mode: 'spotlight', tiles: people, speaker: 'bob', want: ['bob'] }, { mode: 'spotlight', tiles, speaker: 'bob', want: ['s1'] },
    { mode: 'sidebar', tiles: tilesOf('me'), want: ['me'] },
  ]);
  for (const c of cases) assert.deepEqual(large(arrange({ ...WIDE, ...c, tiles: c.tiles }).rects), c.want, JSON.stringify(c));
});

test('two shared screens are as large as each other, and who presents is beside them', () => {
  const { rects } = arrange({ ...WIDE, tiles: tilesOf('s1', 's2', 's3', 'ada', 'me') });
  const [a, b, c, ada] = ['s1', 's2', 's3', 'ada'].map((key) => rects.get(key));
  assert.ok(a && b && c && ada);
  assert.deepEqual([a.w, a.h], [b.w, b.h]);
  assert.ok(a.w > 2 * c.w && c.w === ada.w, 'the third is in the strip');
  assertInside(rects.values(), WIDE);
});

test('the spotlight shows one picture and our own over it', () => {
  const { rects, pages } = arrange({ ...WIDE, mode: 'spotlight', speaker: 'bob', tiles: tilesOf('me', 'ada', 'bob') });
  assert.deepEqual([[...rects.keys()].sort(), pages], [['bob', 'me'], 1]);
  assert.equal(rects.get('me')?.floating, true);
});

test('beside a wide spotlight on an upright phone our own picture covers nobody', () => {
  const { rects } = arrange({ w: 344, h: 616, phone: true, page: 0, mode: 'spotlight', speaker: 'bob', tiles: tilesOf('me', 'ada', 'bob') });
  const [bob, me] = [rects.get('bob'), rects.get('me')];
  assert.ok(bob && me && me.floating);
  assert.ok(me.y >= bob.y + bob.h && me.y + me.h <= 616, `${JSON.stringify(me)} over ${JSON.stringify(bob)}`);
  const turned = arrange({ w: 640, h: 300, phone: true, page: 0, mode: 'spotlight', speaker: 'bob', tiles: tilesOf('me', 'ada', 'bob') }).rects;
  assert.ok(Number(turned.get('me')?.x) > Number(turned.get('bob')?.x), 'over it where there is no room');
});

test('every layout fits every stage', () => {
  for (const [w, h, phone] of /** @type {const} */ ([[1248, 676, false], [880, 676, false], [344, 616, true], [640, 300, true]])) {
    for (const mode of /** @type {const} */ (['auto', 'grid', 'sidebar', 'spotlight'])) {
      for (const keys of [['me'], ['me', 'a'], ['s1', 's2', 'me', 'a', 'b'], ['me', ...Array.from({ length: 40 }, (_, i) => `u${i}`)]]) {
        const { rects } = arrange({ w, h, phone, page: 0, mode, tiles: tilesOf(...keys) });
        assert.ok(rects.size > 0);
        assertInside([...rects.values()].filter((r) => !r.floating), { w, h });
      }
    }
  }
});

test('our own picture floats in the corner where it was let go', () => {
  const at = (/** @type {import('../../layout/arrange.js').Corner} */ corner, rtl = false) =>
    arrange({ w: 400, h: 700, phone: true, page: 0, corner, rtl, tiles: tilesOf('me', 'a', 'b') }).rects.get('me');
  assert.deepEqual([at('end-bottom')?.x, at('end-bottom')?.y], [296, 564]);
  assert.deepEqual([at('start-top')?.x, at('start-top')?.y], [8, 8]);
  assert.equal(at('end-bottom', true)?.x, 8, 'lines end on the left');
  for (const corner of /** @type {const} */ (['end-bottom', 'start-bottom', 'end-top', 'start-top'])) {
    for (const rtl of [false, true]) {
      const r = at(corner, rtl);
      assert.ok(r);
      assert.equal(nearestCorner({ x: r.x + r.w / 2, y: r.y + r.h / 2, w: 400, h: 700, rtl }), corner);
    }
  }
});

/** The moment at which these calls are looked at, ms. */
const NOW = 60_000;

/** Three people who are seen, and two who are not. @param {{faces?: string[], speaking?: string[], heard?: [string, number][]}} call */
function fivePeople({ faces = [], speaking = [], heard = [] }) {
  const all = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, face: faces.includes(key) }));
  return { seen: all.slice(0, 3), unseen: all.slice(3), speaking: new Set(speaking), heard: new Map(heard), now: NOW };
}

test('who speaks out of sight changes places with who has been silent for longest, rather without a picture', () => {
  const heard = /** @type {[string, number][]} */ ([['a', 5], ['b', 3], ['c', 9]]);
  const change = (/** @type {string[]} */ ...speaking) => promotion(fivePeople({ speaking, heard }));
  assert.deepEqual(change('e'), [['e', 'b']]);
  assert.deepEqual(change('e', 'b'), [['e', 'a']]);
  assert.deepEqual(change('a'), [], 'who is seen stays');
  assert.deepEqual(change(), []);
  assert.deepEqual(change('a', 'b', 'c', 'd'), [], 'everybody in sight speaks');
  assert.deepEqual(promotion(fivePeople({ speaking: ['d'] })), [['d', 'c']]);
  assert.deepEqual(promotion(fivePeople({ speaking: ['d'], faces: ['b', 'c'] })), [['d', 'a']]);
  assert.deepEqual(promotion(fivePeople({ speaking: ['d'], faces: ['b', 'c'], heard: [['a', NOW - 5000], ['c', 9]] })), [['d', 'b']], 'who has just spoken stays');
});

test('who can be seen is on the first page, and only places with people without a picture are exchanged for that', () => {
  const cases = /** @type {{faces: string[], speaking?: string[], heard?: [string, number][], want: [string, string][]}[]} */ ([
    { faces: ['e'], want: [['e', 'c']] },
    { faces: ['c', 'd', 'e'], want: [['d', 'b'], ['e', 'a']] },
    { faces: ['a', 'b', 'c', 'd', 'e'], want: [] },
    { faces: ['a', 'b', 'd', 'e'], want: [['d', 'c']] },
    { faces: ['a', 'b', 'c'], want: [] },
    { faces: ['d'], speaking: ['c'], want: [['d', 'b']] },
    { faces: ['d'], heard: [['c', NOW - 9000], ['b', NOW - 20_000]], want: [['d', 'b']] },
  ]);
  for (const { want, ...call } of cases) assert.deepEqual(facesFirst(fivePeople(call)), want, JSON.stringify(call));
});

test('who is large stays so while speaking, and afterwards until somebody else speaks', () => {
  assert.equal(mainSpeaker('a', new Set(['b', 'a'])), 'a');
  assert.equal(mainSpeaker('a', new Set()), 'a');
  assert.equal(mainSpeaker('a', new Set(['b'])), 'b');
  assert.equal(mainSpeaker('', new Set(['b'])), 'b');
});
