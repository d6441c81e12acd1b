import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startFirefoxWith } from './support/firefox.js';
import { startServer } from './support/server.js';
import { until, untilEqual, untilMediaFlows } from './support/wait.js';

/** Preferences of somebody with a mouse: without a display Firefox has none, and takes the window for that of a phone. */
const WITH_MOUSE = { 'ui.primaryPointerCapabilities': 6, 'ui.allPointerCapabilities': 6 };

everywhere('a headset that is plugged in is offered, used, and replaced when it is unplugged', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await untilMediaFlows('alice', () => alice.media());
  // Firefox tells of devices only in the window that has the focus.
  await bob.page.keyboard.press('Shift');
  // What the browser says of its devices changes, as it does when something is plugged in.
  const tracks = await bob.page.evaluateHandle(() => {
    const { mediaDevices } = navigator;
    const [list, media] = [mediaDevices.enumerateDevices.bind(mediaDevices), mediaDevices.getUserMedia.bind(mediaDevices)];
    const state = { plugged: true, opened: /** @type {string[]} */ ([]), tracks: /** @type {MediaStreamTrack[]} */ ([]) };
    const headset = /** @type {any} */ ({ kind: 'audioinput', deviceId: 'headset', groupId: '', label: 'Headset' });
    Object.assign(mediaDevices, {
      enumerateDevices: async () => [...await list(), ...(state.plugged ? [headset] : [])],
      getUserMedia: async (/** @type {any} */ constraints) => {
        const stream = await media(constraints);
        const id = state.plugged ? constraints.audio?.deviceId?.ideal ?? '' : '';
        for (const track of stream.getTracks()) {
          state.opened.push(id);
          state.tracks.push(track);
          const settings = track.getSettings();
          if (id) track.getSettings = () => ({ ...settings, deviceId: id });
        }
        return stream;
      },
    });
    mediaDevices.dispatchEvent(new Event('devicechange'));
    return state;
  });
  await bob.page.getByText('“Headset” is connected.').first().waitFor();
  await bob.button('Use it').click();
  await until('it is opened', () => tracks.evaluate((s) => s.opened.join() === 'headset'));
  await untilMediaFlows('alice', () => alice.media());
  // Bob looks at something else when it is pulled out.
  await alice.page.keyboard.press('Shift');
  await tracks.evaluate((s) => {
    s.plugged = false;
    s.tracks[0]?.stop();
    s.tracks[0]?.dispatchEvent(new Event('ended'));
  });
  await bob.page.getByText('The microphone was disconnected. “').first().waitFor();
  await untilMediaFlows('alice', () => alice.media());
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhere('the menu of the microphone switches noise suppression, tests the speaker, and leads to the settings of sound', async (t, start, name) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  const { page } = bob;
  await page.addInitScript(() => {
    if (!location.protocol.startsWith('http')) return;
    const seen = Object.assign(globalThis, { tones: 0, noise: /** @type {unknown[]} */ ([]) });
    const { mediaDevices } = navigator;
    const media = mediaDevices.getUserMedia.bind(mediaDevices);
    const { createOscillator } = AudioContext.prototype;
    mediaDevices.getUserMedia = (/** @type {any} */ constraints) => {
      if (constraints.audio) seen.noise.push(constraints.audio.noiseSuppression);
      return media(constraints);
    };
    AudioContext.prototype.createOscillator = function () {
      seen.tones++;
      return createOscillator.call(this);
    };
  });
  const seen = () => page.evaluate(() => {
    const { tones, noise } = Object(globalThis);
    return { tones, asked: noise.at(-1), times: noise.length };
  });
  await bob.join(server.group('example'), 'bob', 'secret');
  await bob.button('Audio devices').click();
  await page.getByRole('menu', { name: 'Audio devices' }).locator('.meter').waitFor();
  // Firefox measures nothing where there is no loudspeaker.
  if (name === 'Chromium') await page.locator('.meter i.on').first().waitFor();
  await assertAccessible(bob, 'the menu of the microphone');
  await assertFits(bob, 'the menu of the microphone');
  const { tones, times } = await seen();
  await page.getByRole('menuitem', { name: 'Test the speaker' }).click();
  await until('a tone is played', async () => (await seen()).tones === tones + 1);
  const noise = page.getByRole('menuitemcheckbox', { name: 'Noise suppression' });
  // What is not asked for is what the browser does by default: everything.
  for (const [i, [checked, asked]] of /** @type {const} */ ([['false', false], ['true', undefined]]).entries()) {
    await noise.click();
    await until(`noise suppression: ${checked}`, async () => await noise.getAttribute('aria-checked') === checked);
    await until('the microphone is opened anew', async () => (await seen()).times === times + i + 1);
    assert.equal((await seen()).asked, asked);
  }
  await page.getByRole('menuitem', { name: 'Audio settings…' }).click();
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'Audio', selected: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Audio devices', 'the focus comes back');
  await bob.button('Video devices').click();
  await page.getByRole('menuitem', { name: 'Video settings…' }).click();
  await page.getByRole('tab', { name: 'Video', selected: true }).waitFor();
  await bob.assertNoProblems();
});

everywhereIfAsked('what is in the menus is seen without scrolling, in a low window and on a phone', async (t, start, name) => {
  const server = await startServer(t);
  const browser = await (name === 'Firefox' ? startFirefoxWith(t, WITH_MOUSE) : start(t));
  const bob = await Person.arrive(browser, { viewport: { width: 900, height: 500 } });
  const { page } = bob;
  const menu = page.getByRole('menu');
  /** @param {string} opener @param {string} where */
  const fits = async (opener, where) => {
    await bob.button(opener).click();
    await menu.waitFor();
    await untilEqual(`${opener}, ${where}: all of it is in sight`, () => menu.evaluate((m) => ({ over: Math.max(0, m.scrollHeight - m.clientHeight), top: Math.min(0, m.getBoundingClientRect().top) })), { over: 0, top: 0 });
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
  };
  await page.goto(server.group('example'));
  await bob.switchOnDevices();
  await fits('Audio devices', 'before joining');
  await bob.enter('bob', 'secret');
  await bob.button('Leave').waitFor();
  await fits('Audio devices', 'in the call');
  await fits('More', 'in the call');
  await page.setViewportSize({ width: 390, height: 780 });
  await fits('More', 'on a phone');
  await bob.assertNoProblems();
});

everywhereIfAsked('a device menu that cannot be loaded says so', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.page.context().route('**/ui/device-menu.js', (route) => route.abort());
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Audio devices').click();
  await bob.page.getByText('This part of the page could not be loaded').first().waitFor();
});

test('on a phone the sound goes where one taps, if the browser lets a page choose', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const [bob, alice] = [await Person.arrive(browser, phone), await Person.arrive(browser, phone)];
  await bob.page.addInitScript(() => {
    const media = navigator.mediaDevices;
    const list = media.enumerateDevices.bind(media);
    const output = (/** @type {string} */ deviceId, /** @type {string} */ label) => /** @type {any} */ ({ kind: 'audiooutput', deviceId, label, groupId: '' });
    media.enumerateDevices = async () => [...(await list()).filter((d) => d.kind !== 'audiooutput'), output('loud', 'Loudspeaker'), output('ear', 'Earpiece')];
    HTMLMediaElement.prototype.setSinkId = async function (id) { this.dataset['sink'] = id; };
  });
  await alice.page.addInitScript(() => { Reflect.deleteProperty(HTMLMediaElement.prototype, 'setSinkId'); });
  await alice.join(server.group('example'), 'alice', 'wonder');
  assert.equal(await alice.button('Speaker').count(), 0, 'a browser that has only one place for sound');
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Speaker').click();
  await bob.page.getByRole('menuitemradio', { name: 'Loudspeaker', checked: true }).waitFor();
  await assertAccessible(bob, 'the menu of the loudspeakers');
  await assertFits(bob, 'the menu of the loudspeakers');
  await bob.page.getByRole('menuitemradio', { name: 'Earpiece' }).click();
  await bob.page.locator('.tile:not(.me) video[data-sink="ear"]').waitFor();
  await bob.page.getByRole('menu').waitFor({ state: 'detached' });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('on a phone the camera on the other side is one tap away', async (t, start, name) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t), { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await bob.page.addInitScript(() => {
    const media = navigator.mediaDevices;
    // A page that is still empty has none in Firefox.
    if (!media) return;
    const [list, open] = [media.enumerateDevices.bind(media), media.getUserMedia.bind(media)];
    media.enumerateDevices = async () => [...await list(), /** @type {any} */ ({ kind: 'videoinput', deviceId: 'back', label: 'Back camera', groupId: '' })];
    media.getUserMedia = (wish) => {
      Object.assign(globalThis, { wish });
      return open(wish);
    };
  });
  await bob.join(server.group('example'), 'bob', 'secret');
  await bob.button('Other camera').click();
  // The fake camera of Firefox looks away from the person.
  const other = name === 'Firefox' ? 'user' : 'environment';
  await until('the other side is asked for', () => bob.page.evaluate((side) => JSON.stringify(Object(globalThis).wish).includes(side), other));
  await bob.page.locator('button[aria-label="Camera"][aria-pressed="true"][aria-disabled="false"]').waitFor();
  await bob.button('Camera').click();
  await bob.button('Other camera').waitFor({ state: 'detached' });
  await bob.assertNoProblems();
});
