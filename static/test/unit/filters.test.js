import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Slowness } from '../../app/filters/slowness.js';
import { withInputMetadata } from '../../vendor-model.mjs';

test('a filter is slow when it goes on taking long, not when it starts', () => {
  const answers = (/** @type {number[]} */ durations) => {
    const s = new Slowness();
    return durations.map((d) => s.took(d)).filter(Boolean).length;
  };
  const times = (/** @type {number} */ n, /** @type {number} */ duration) => Array(n).fill(duration);
  assert.equal(answers([...times(10, 5000), ...times(40, 30)]), 0);
  assert.equal(answers(times(50, 130)), 1);
  assert.equal(answers([...times(10, 30), ...times(20, 30), ...times(20, 200)]), 0);
});

test('a filter that is slow leaves half of the time to the rest of the call, until it is fast again', () => {
  const s = new Slowness();
  let now = 0;
  const draw = (/** @type {number} */ duration, /** @type {number} */ count) => {
    for (let i = 0; i < count; i++) {
      now += duration;
      s.took(duration, now);
    }
  };
  draw(200, 49);
  assert.equal(s.rests(now), false, 'not before it is known');
  draw(200, 2);
  assert.deepEqual([s.rests(now + 199), s.rests(now + 200)], [true, false]);
  draw(30, 80);
  assert.equal(s.rests(now), false);
});

test('the model says what it expects, and is otherwise what it was', async () => {
  const model = new Uint8Array(await readFile(new URL('../../node_modules/@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite', import.meta.url)));
  const made = Buffer.from(withInputMetadata(model));
  assert.equal(made.subarray(4, 8).toString(), 'TFL3');
  assert.ok(made.subarray(-model.length).equals(model));
  assert.equal((made.length - model.length) % 16, 0);
  assert.ok(made.includes('TFLITE_METADATA') && made.includes('M001'));
  assert.throws(() => withInputMetadata(made), /another model/);
});

test('nothing of the library reports its use to anybody', async () => {
  const bundle = await readFile(new URL('../../third-party/tasks-vision/vision_bundle.js', import.meta.url), 'utf8');
  assert.deepEqual(bundle.match(/https?:\/\/[^"'`\s]+/g) ?? [], []);
});
