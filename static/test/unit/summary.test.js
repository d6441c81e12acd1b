import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comeback, sampler, summary } from '../network/summary.js';

/**
 * Samples that come a little later than each half second, as those of a busy machine do.
 * @param {number} count
 * @param {(at: number, i: number) => object} what
 */
const samples = (count, what) => Array.from({ length: count }, (_, i) => {
  const at = 100 + 0.52 * i;
  return { at, frames: 0, freezes: 0, frozen: 0, samples: 0, concealed: 0, width: 320, bytes: 0, ...what(at - 100, i) };
});

test('rates of a call are by the time that has passed', () => {
  const seen = summary(samples(41, (at) => ({ frames: 30 * at, bytes: 1000 * at, samples: 48_000 * at, concealed: 480 * at })));
  for (const rate of [seen.rate, ...seen.rates]) assert.ok(Math.abs(rate - 30) < 1e-6, String(rate));
  assert.equal(Math.round(seen.bitrate), 8000);
  assert.equal(seen.concealed.toFixed(3), '0.010');
  assert.equal(seen.still, 0);
});

test('freezes of a call are those that have ended, and the time without a picture that of all samples', () => {
  const seen = summary(samples(6, (_, i) => ({ frames: [0, 15, 15, 15, 30, 45][i], freezes: [0, 0, 0, 0, 1, 3][i], frozen: [0, 0, 0, 0, 1.1, 1.5][i] })));
  assert.equal(seen.still.toFixed(2), '1.04');
  assert.deepEqual([seen.freezes, seen.frozen, seen.longest], [3, 1.5, 1.1]);
});

test('a rate has come back when it has been there for a second', () => {
  const rates = [50, 50, 50, 10, 10, 10, 10, 60, 10, 45, 46, 50];
  let bytes = 0;
  const all = samples(13, (_, i) => {
    bytes += i > 0 ? (rates[i - 1] ?? 0) * 0.52 / 8 : 0;
    return { bytes };
  });
  assert.equal(Math.round(comeback(all, 4).before), 50);
  assert.equal(comeback(all, 4).after.toFixed(2), '0.00');
  assert.equal(comeback(all, 3).after.toFixed(2), '0.52');
  assert.equal(comeback(all.slice(0, 8), 1).after, 0);
  assert.equal(comeback(samples(9, (_, i) => ({ bytes: Math.min(i, 3) })), 2).after, Infinity);
});

test('what a connection has received counts after it is closed, too, but not how wide its picture was', () => {
  const sample = sampler();
  const of = (/** @type {number} */ frames, /** @type {number} */ width) => ({ frames, freezes: 1, frozen: 0.5, samples: 9, concealed: 2, width, bytes: 10 * frames });
  assert.deepEqual(sample({ at: 1, connections: [of(30, 640)] }), { at: 1, ...of(30, 640) });
  sample({ at: 2, connections: [of(60, 640), null] });
  assert.deepEqual(sample({ at: 3, connections: [null, null, of(5, 320)] }), { at: 3, frames: 65, freezes: 2, frozen: 1, samples: 18, concealed: 4, width: 320, bytes: 650 });
});
