import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingsFor, wantsSimulcast } from '../../app/encodings.js';

/** @type {import('../../app/encodings.js').Circumstances} */
const NORMAL = { label: 'camera', send: 'normal', simulcast: true, hqaudio: false, codec: '', describes: true, width: 1280, height: 720 };
/** @param {Partial<import('../../app/encodings.js').Circumstances>} change */
const video = (change) => (encodingsFor({ ...NORMAL, ...change }).video ?? [])
  .map((/** @type {any} */ e) => [e.rid ?? '', e.scaleResolutionDownBy ?? 1, e.maxBitrate, e.scalabilityMode ?? ''].join(' '));

const cases = /** @type {const} */ ([
  ['a camera in three sizes', {}, ['h 1 700000 L1T3', 'm 2 350000 L1T3', 'l 4 100000 L1T3']],
  ['as it is upright, too', { width: 720, height: 1280 }, ['h 1 700000 L1T3', 'm 2 350000 L1T3', 'l 4 100000 L1T3']],
  ['a small camera in two', { width: 640, height: 480 }, ['h 1 700000 L1T3', 'l 2 100000 L1T3']],
  ['a tiny one in one', { width: 320, height: 240 }, [' 1 700000 ']],
  ['one that is not known in three', { width: 0, height: 0 }, ['h 1 700000 L1T3', 'm 2 350000 L1T3', 'l 4 100000 L1T3']],
  ['no three for little', { send: 'low' }, ['h 1 300000 L1T3', 'l 2 100000 L1T3']],
  ['without a limit', { send: 'unlimited' }, ['h 1 1000000000 L1T3', 'm 2 500000 L1T3', 'l 4 100000 L1T3']],
  ['one encoding has no rid', { simulcast: false }, [' 1 700000 ']],
  ['a screen in two', { label: 'screenshare', width: 1920, height: 1080 }, ['h 1 1500000 ', 'l 2 100000 ']],
  ['a screen on a narrow line', { label: 'screenshare', send: 'lowest', simulcast: false }, [' 1 150000 ']],
  ['a small window in one', { label: 'screenshare', width: 640, height: 480 }, [' 1 1500000 ']],
  ['VP9 in layers', { codec: 'video/VP9' }, [' 1 700000 L3T3_KEY']],
  ['a small camera in fewer', { codec: 'video/VP9', width: 640, height: 360 }, [' 1 700000 L2T3_KEY']],
  ['layers of time cost nothing', { codec: 'video/VP9', simulcast: false }, [' 1 700000 L1T3']],
  ['a screen in VP9 as it is', { codec: 'video/VP9', label: 'screenshare' }, [' 1 1500000 ']],
  ['AV1 in layers', { codec: 'video/AV1' }, [' 1 700000 L3T3_KEY']],
  ['but in encodings where its layers cannot be told apart', { codec: 'video/AV1', describes: false }, ['h 1 700000 L1T3', 'm 2 350000 L1T3', 'l 4 100000 L1T3']],
]);

for (const [name, change, want] of cases) {
  test(`encodings: ${name}`, () => assert.deepEqual(video(change), want));
}

test('sound takes more only if that is wanted', () => {
  assert.deepEqual(encodingsFor(NORMAL).audio, [{}]);
  assert.deepEqual(encodingsFor({ ...NORMAL, hqaudio: true }).audio, [{ maxBitrate: 128_000 }]);
});

test('layers of AV1 are described, those of others describe themselves', () => {
  const described = (/** @type {string} */ codec, /** @type {boolean} */ describes) => encodingsFor({ ...NORMAL, codec, describes }).described ?? false;
  assert.deepEqual([described('video/AV1', true), described('video/AV1', false), described('video/VP9', true)], [true, false, false]);
});

test('the low encoding of a screen has few frames', () => {
  assert.deepEqual(encodingsFor({ ...NORMAL, label: 'screenshare' }).video?.map((e) => e.maxFramerate), [undefined, 5]);
});

const CHROMIUM = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const firefox = (/** @type {number} */ version) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
/** @type {Parameters<typeof wantsSimulcast>[0]} */
const AUTO = { setting: 'auto', send: 'normal', leftOut: true, people: 2, userAgent: CHROMIUM };

const choices = /** @type {const} */ ([
  ['it is the default where it costs nothing', {}, true],
  ['with a server that does not tell, not for two', { leftOut: false }, false],
  ['but for three', { leftOut: false, people: 3 }, true],
  ['not on the narrowest line', { send: 'lowest' }, false],
  ['in Firefox', { userAgent: firefox(153) }, true],
  ['not in an old Firefox', { userAgent: firefox(102) }, false],
  ['off is off', { setting: 'off' }, false],
  ['on is on', { setting: 'on', send: 'lowest', leftOut: false, userAgent: firefox(102) }, true],
]);

for (const [name, change, want] of choices) {
  test(`simulcast: ${name}`, () => assert.equal(wantsSimulcast({ ...AUTO, ...change }), want));
}
