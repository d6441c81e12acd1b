import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forget, play, turnOnSound } from '../../app/sound.js';
import { soundBlocked } from '../../app/store.js';

/** A browser that plays sound only after a gesture. */
function element() {
  return /** @type {any} */ ({
    muted: false, plays: 0, allowed: false,
    async play() {
      if (!this.muted && !this.allowed) throw new DOMException('', 'NotAllowedError');
      this.plays++;
    },
  });
}

test('a picture whose sound is refused plays without, until the person allows it', async () => {
  const video = element();
  await play(video);
  assert.deepEqual([video.muted, video.plays, soundBlocked.value], [true, 1, true]);
  video.allowed = true;
  turnOnSound();
  await Promise.resolve();
  assert.deepEqual([video.muted, soundBlocked.value], [false, false]);
});

test('an element that has left is not given its sound back', async () => {
  const video = element();
  await play(video);
  forget(video);
  turnOnSound();
  assert.equal(video.muted, true);
});

test('other errors of an element are none of ours', async () => {
  const video = element();
  video.play = async () => { throw new DOMException('', 'AbortError'); };
  await play(video);
  assert.deepEqual([video.muted, soundBlocked.value], [false, false]);
});
