import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { Person, WHOLE_CAMERA } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startFirefoxWith } from './support/firefox.js';
import { startServer } from './support/server.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

/**
 * Runs in the page: how steep the edges are in the picture of somebody else. The hundredth is looked at: edges there are always, and the few
 * that a model leaves by mistake do not count.
 * @returns {number} how much neighbouring pixels differ, 0 to 255; 0 without a picture
 */
function detail() {
  const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth > 0 && !v.closest('.tile.me'));
  const context = new OffscreenCanvas(320, 180).getContext('2d');
  if (!video || !context) return 0;
  context.drawImage(video, 0, 0, 320, 180);
  const { data } = context.getImageData(0, 0, 320, 180);
  const edges = [];
  for (let i = 0; i + 4 < data.length; i += 4) if ((i / 4) % 320 < 319) edges.push(Math.abs((data[i + 1] ?? 0) - (data[i + 5] ?? 0)));
  return edges.sort((x, y) => y - x)[100] ?? 0;
}

/** Edges of a picture of the browser's are steeper than the first, and blurred ones less so than the second: about 105 and 15. */
const SHARP = 70;
const BLURRED = 45;

/** @param {Person} person */
const untilSharp = (person) => until('a sharp picture', async () => (await person.page.evaluate(detail)) > SHARP);
/** @param {Person} person */
const untilBlurred = (person) => until('a blurred picture', async () => {
  const d = await person.page.evaluate(detail);
  return d > 0 && d < BLURRED;
});

/** Runs before the page's own scripts: the fake camera of Firefox shows one colour, in which there is nothing to blur. */
function drawPictures() {
  const media = navigator.mediaDevices;
  if (!/Firefox/.test(navigator.userAgent) || !media) return;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (wish) => {
    const real = await open(wish);
    if (!wish?.video) return real;
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const context = canvas.getContext('2d');
    let n = 0;
    const timer = setInterval(() => {
      n++;
      for (let i = 0; context && i < 16; i++) {
        context.fillStyle = (i + n) % 2 ? '#202020' : '#e0e0e0';
        context.fillRect(i * 40, 0, 40, 360);
      }
    }, 100);
    const [drawn] = canvas.captureStream(20).getVideoTracks();
    drawn?.addEventListener('ended', () => clearInterval(timer));
    for (const track of real.getVideoTracks()) track.stop();
    return new MediaStream([...real.getAudioTracks(), ...drawn ? [drawn] : []]);
  };
}

/**
 * A test of the blurred background. The program that finds the person wants WebGL 2.
 * @param {string} title
 * @param {(t: import('node:test').TestContext, start: () => Promise<import('playwright-core').Browser>) => Promise<void>} body
 */
const testBlurring = (title, body) => everywhereIfAsked(title, async (t, _, name) => {
  const firefox = name === 'Firefox';
  if (firefox && !process.env['DISPLAY']) {
    t.skip('Firefox draws in three dimensions on a display only, such as that of xvfb-run');
    return;
  }
  await body(t, () => (firefox ? startFirefoxWith(t, { 'webgl.force-enabled': true }, { shown: true }) : startChromium(t, ['--enable-unsafe-swiftshader'])));
});

testBlurring('the background is blurred here before the picture leaves, and nothing comes from elsewhere', async (t, start) => {
  const server = await startServer(t);
  const browser = await start();
  const [bob, alice] = [await Person.arrive(browser, { settings: WHOLE_CAMERA }), await Person.arrive(browser)];
  await bob.page.addInitScript(drawPictures);
  /** @type {string[]} */
  const requests = [];
  bob.page.context().on('request', (r) => requests.push(r.url()));
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await untilMediaFlows('alice', () => alice.media());
  assert.ok(!requests.some((url) => url.includes('tasks-vision')), 'it is loaded only when it is used');
  await untilSharp(alice);
  await bob.button('Video devices').click();
  const blur = bob.page.getByRole('menuitemcheckbox', { name: 'Blur the background' });
  await blur.click();
  await untilBlurred(alice);
  await untilMediaFlows('alice', () => alice.media());
  assert.ok(requests.some((url) => url.endsWith('.wasm')), 'the program was loaded');
  assert.deepEqual(requests.filter((url) => !url.startsWith(server.url)), []);
  // Also on a slow machine: it stays until somebody switches it off.
  assert.equal(await blur.getAttribute('aria-checked'), 'true');
  await blur.click();
  await untilSharp(alice);
  for (const person of [bob, alice]) await person.assertNoProblems();
});

testBlurring('on a machine that is slow for it the effect stays, which is said once, until the person switches it off', async (t, start) => {
  const server = await startServer(t);
  const browser = await start();
  const [bob, alice] = [await Person.arrive(browser, { settings: WHOLE_CAMERA }), await Person.arrive(browser)];
  await bob.page.addInitScript(drawPictures);
  // Whatever the machine is, this is more than it can.
  await bob.page.context().route('**/app/filters/slowness.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/const TOO_LONG = \d+/, 'const TOO_LONG = 0').replace(/const WINDOW = \d+/, 'const WINDOW = 4') });
  });
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await untilMediaFlows('alice', () => alice.media());
  await untilSharp(alice);
  await bob.button('Video devices').click();
  const blur = bob.page.getByRole('menuitemcheckbox', { name: 'Blur the background' });
  await blur.click();
  await untilBlurred(alice);
  const notice = bob.page.locator('.toast').filter({ hasText: 'This device is slow for the effect' });
  await notice.waitFor();
  assert.equal(await blur.getAttribute('aria-checked'), 'true');
  await bob.page.keyboard.press('Escape');
  await notice.getByRole('button', { name: 'Dismiss' }).click();
  await untilMediaFlows('alice', () => alice.media());
  assert.equal(await notice.count(), 0, 'it is said once');
  // In single pictures more is taken for the person than should be.
  const details = [];
  for (let i = 0; i < 9; i++) {
    details.push(await alice.page.evaluate(detail));
    await alice.page.waitForTimeout(100);
  }
  assert.ok((details.sort((a, b) => a - b)[4] ?? SHARP) < SHARP, `nobody sees the background: ${details.join()}`);
  await bob.button('Video devices').click();
  await blur.click();
  await untilSharp(alice);
  assert.equal(await blur.getAttribute('aria-checked'), 'false');
  await blur.click();
  await untilBlurred(alice);
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('without the program the camera stays off rather than show the background', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.page.context().route('**/*.wasm', (route) => route.abort());
  await bob.page.addInitScript(() => localStorage.setItem('settings', JSON.stringify({ startMic: false, startCamera: false, filter: 'background-blur' })));
  await bob.page.goto(server.group('example'));
  await bob.button('Camera').click();
  await bob.page.getByText('The effect cannot be started').waitFor();
  await bob.page.locator('button[aria-label="Camera"][aria-pressed="false"]').waitFor();
});

/**
 * Runs in the page: what a filter makes of a picture whose corners are 1 2 / 3 4.
 * @param {string} name
 */
async function corners(name) {
  const { turn } = await import(/** @type {any} */ ('/app/filters/draw.js'));
  const [picture, result] = [new OffscreenCanvas(2, 2), new OffscreenCanvas(2, 2)];
  const context = picture.getContext('2d');
  if (!context) throw new Error('no canvas');
  [[0, 0], [1, 0], [0, 1], [1, 1]].forEach(([x = 0, y = 0], i) => {
    context.fillStyle = `rgb(${60 * (i + 1)} 0 0)`;
    context.fillRect(x, y, 1, 1);
  });
  turn(name).draw(result.getContext('2d'), picture, 2, 2);
  const data = result.getContext('2d')?.getImageData(0, 0, 2, 2).data ?? [];
  return [0, 4, 8, 12].map((i) => Math.round((data[i] ?? 0) / 60)).join('');
}

/** Runs before the page's own scripts: a camera that sees something bright on the left and something dark on the right. */
function brightOnTheLeft() {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wish) => {
    if (!wish?.video) return open(wish);
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const context = canvas.getContext('2d');
    let n = 0;
    const timer = setInterval(() => {
      n++;
      for (let i = 0; context && i < 2; i++) {
        context.fillStyle = `hsl(0 0% ${(i ? 10 : 85) + n % 5}%)`;
        context.fillRect(i * 160, 0, 160, 180);
      }
    }, 50);
    const media = canvas.captureStream(20);
    media.getTracks()[0]?.addEventListener('ended', () => clearInterval(timer));
    return media;
  };
}

/** Runs in the page: how much brighter the left half of the picture of somebody else is than the right one, -255 to 255. */
function brighter() {
  const video = /** @type {HTMLVideoElement | null} */ (document.querySelector('.tile:not(.me) video'));
  const context = new OffscreenCanvas(2, 1).getContext('2d');
  if (!video?.videoWidth || !context) return 0;
  const { videoWidth: w, videoHeight: h } = video;
  for (const i of [0, 1]) context.drawImage(video, w * (i / 2 + 0.1), 0, w * 0.3, h, i, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 2, 1);
  return (data[0] ?? 0) - (data[4] ?? 0);
}

everywhere('others see what a filter makes of a picture, and not how we look at our own', async (t, start) => {
  const server = await startServer(t);
  const alice = await Person.arrive(await startChromium(t));
  const bob = await Person.arrive(await start(t), { settings: { filter: 'rotate' } });
  await bob.page.addInitScript(brightOnTheLeft);
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.button('Chat').click();
  const turned = () => bob.page.locator('.tile.me video').evaluate((v) => getComputedStyle(v).transform);
  const seen = (/** @type {string} */ what, /** @type {number} */ side) => until(`alice sees it ${what}`, async () => side * await alice.page.evaluate(brighter) > 100);
  await seen('turned', -1);
  await bob.say('/set filter ""');
  await seen('as it is', 1);
  assert.equal(await turned(), 'matrix(-1, 0, 0, 1, 0, 0)', 'bob sees himself as in a mirror');
  await bob.say('/set mirrorView false');
  await untilEqual('bob sees himself as the others do', turned, 'none');
  await bob.say('/set filter "mirror-h"');
  await seen('mirrored', -1);
  for (const [filter, want] of /** @type {[string, string][]} */ ([['mirror-h', '2143'], ['mirror-v', '3412'], ['rotate', '4321']])) {
    assert.equal(await bob.page.evaluate(corners, filter), want, filter);
  }
  for (const person of [alice, bob]) await person.assertNoProblems();
});

test('where a background cannot be blurred, Firefox says so and the camera stays off', async (t) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await startFirefoxWith(t, { 'webgl.disabled': true }), { settings: { filter: 'background-blur' } });
  await bob.page.goto(server.group('example'));
  await bob.button('Camera').click();
  await bob.page.getByText('The effect cannot be started').waitFor();
  await bob.page.locator('button[aria-label="Camera"][aria-pressed="false"]').waitFor();
});
