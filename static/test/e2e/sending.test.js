import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { Person, WHOLE_CAMERA } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { drawScreens } from './support/screen.js';
import { startFirefox } from './support/firefox.js';
import { GROUP, startServer } from './support/server.js';
import { until } from './support/wait.js';

/**
 * Runs in the page: the encodings that are sent now, and the sizes of the pictures that come.
 * @returns {Promise<{sent: Record<string, {w: number, frames: number, codec: string, mode: string}>, received: number[]}>}
 */
async function layers() {
  const sent = /** @type {Record<string, any>} */ ({});
  const received = /** @type {number[]} */ ([]);
  for (const pc of Object(globalThis).peerConnections) {
    if (pc.signalingState === 'closed') continue;
    const stats = await pc.getStats();
    stats.forEach((/** @type {any} */ s) => {
      if (s.kind !== 'video') return;
      if (s.type === 'outbound-rtp') sent[s.rid ?? ''] = { w: s.frameWidth ?? 0, frames: s.framesEncoded ?? 0, codec: stats.get(s.codecId)?.mimeType ?? '', mode: s.scalabilityMode ?? '' };
      if (s.type === 'inbound-rtp') received.push(s.frameWidth ?? 0);
    });
  }
  return { sent, received };
}

/** @param {{page: {evaluate: (f: typeof layers) => ReturnType<typeof layers>}}} person */
const layersOf = (person) => person.page.evaluate(layers);

/**
 * Waits until only the encodings named grow.
 * @param {{page: {evaluate: (f: typeof layers) => ReturnType<typeof layers>}}} person
 * @param {string[]} rids
 */
async function untilOnlySent(person, rids) {
  let before = (await layersOf(person)).sent;
  await until(`only ${rids} is sent`, async () => {
    const now = (await layersOf(person)).sent;
    // One that goes on has new frames by then.
    if (rids.some((rid) => (now[rid]?.frames ?? 0) < (before[rid]?.frames ?? 0) + 10)) return false;
    const grown = Object.keys(now).filter((rid) => (now[rid]?.frames ?? 0) > (before[rid]?.frames ?? 0)).sort();
    before = now;
    return grown.join() === rids.join();
  });
}

/** @param {Person} person @param {string} value of the setting "Receive" */
async function receive(person, value) {
  await person.page.getByLabel('Message', { exact: true }).fill(`/set request ${JSON.stringify(value)}`);
  await person.page.keyboard.press('Enter');
}

test('a camera is sent in three sizes, without those that nobody watches', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const [bob, alice] = [await Person.arrive(browser, { settings: WHOLE_CAMERA }), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await alice.button('Chat').click();
  await until('bob offers three', async () => Object.keys((await layersOf(bob)).sent).sort().join() === 'h,l,m');
  await until('alice sees the whole picture', async () => (await layersOf(alice)).received.includes(1280));
  // All of them may be needed when her line gets worse.
  await untilOnlySent(bob, ['h', 'l', 'm']);
  await receive(alice, 'everything-low');
  await until('alice sees the smallest', async () => (await layersOf(alice)).received.includes(320));
  await untilOnlySent(bob, ['l']);
  await receive(alice, 'everything');
  await until('alice sees the whole picture again', async () => (await layersOf(alice)).received.includes(1280));
  assert.deepEqual(Object.fromEntries(Object.entries((await layersOf(bob)).sent).map(([rid, e]) => [rid, e.w])), { h: 1280, m: 640, l: 320 });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a shared screen is sent in two sizes', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.page.addInitScript(drawScreens);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.button('Share').click();
  await alice.page.getByRole('group', { name: 'Screen of bob' }).waitFor();
  await until('alice sees it', async () => (await layersOf(alice)).received[0] ?? 0);
  // What she sees first may be either.
  const [whole, half] = await until('bob sends both', async () => {
    const { sent } = await layersOf(bob);
    const widths = ['h', 'l'].map((rid) => sent[rid]?.w ?? 0);
    return widths.every((w) => w > 0) && widths;
  });
  assert.equal(half, Math.floor((whole ?? 0) / 2));
  await alice.button('Chat').click();
  await receive(alice, 'everything-low');
  await until('alice sees the half', async () => (await layersOf(alice)).received[0] === half);
  for (const person of [bob, alice]) await person.assertNoProblems();
});

for (const codec of ['vp9', 'av1']) test(`where the room wants ${codec}, one encoding with layers is sent`, async (t) => {
  const server = await startServer(t, { example: { ...GROUP, codecs: [codec, 'opus'] } });
  const browser = await startChromium(t);
  const [bob, alice] = [await Person.arrive(browser, { settings: WHOLE_CAMERA }), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await until('alice sees bob', async () => (await layersOf(alice)).received.some((w) => w > 0));
  const { sent } = await until('bob sends layers', async () => {
    const now = await layersOf(bob);
    return now.sent['']?.mode === 'L3T3_KEY' ? now : false;
  });
  assert.deepEqual([Object.keys(sent), sent['']?.codec], [[''], `video/${codec.toUpperCase()}`]);
  await alice.button('Chat').click();
  await receive(alice, 'everything-low');
  await until('alice gets the lowest layer', async () => (await layersOf(alice)).received.includes(320));
  for (const person of [bob, alice]) await person.assertNoProblems();
});

test('where the room wants H.264, its encodings are those of H.264', async (t) => {
  const server = await startServer(t, { example: { ...GROUP, codecs: ['h264', 'opus'] } });
  const browser = await startChromium(t);
  const [bob, alice] = [await Person.arrive(browser, { settings: WHOLE_CAMERA }), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  const { sent } = await until('bob sends', async () => {
    const now = await layersOf(bob);
    return (now.sent['l']?.frames ?? 0) > 0 ? now : false;
  });
  assert.equal(sent['l']?.codec, 'video/H264');
  await alice.button('Chat').click();
  await receive(alice, 'everything-low');
  await until('alice sees the smallest', async () => (await layersOf(alice)).received.includes(320));
  for (const person of [bob, alice]) await person.assertNoProblems();
});

/** Runs in the page: what is asked of the devices and the encoders, and what came of it. */
function senders() {
  const open = Object(globalThis).peerConnections.filter((/** @type {RTCPeerConnection} */ pc) => pc.signalingState !== 'closed');
  /** @type {RTCRtpSender[]} */
  const all = open.flatMap((/** @type {RTCPeerConnection} */ pc) => pc.getSenders());
  const processing = (/** @type {MediaTrackConstraints | MediaTrackSettings | undefined} */ of) => [of?.echoCancellation, of?.noiseSuppression, of?.autoGainControl].map(String).join();
  return all.filter((s) => s.track).map((s) => ({
    kind: s.track?.kind, hint: s.track?.contentHint, width: s.track?.getSettings().width, rate: s.getParameters().encodings[0]?.maxBitrate,
    asked: processing(s.track?.getConstraints()), done: processing(s.track?.getSettings()),
  }));
}

everywhere('what the settings say of picture and sound holds at once', async (t, start, name) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t), { settings: WHOLE_CAMERA });
  await bob.join(server.group('example'), 'bob', 'secret');
  await bob.page.locator('.stage').focus();
  await bob.page.keyboard.press(',');
  const set = async (/** @type {string} */ tab, /** @type {string} */ label) => {
    await bob.page.getByRole('tab', { name: tab }).click();
    await bob.page.getByRole('switch', { name: label }).click();
  };
  /** @param {string} what @param {(s: ReturnType<typeof senders>[number]) => boolean} is */
  const untilSent = (what, is) => until(what, async () => (await bob.page.evaluate(senders)).some(is));
  await set('Video', 'Text and drawings');
  await untilSent('text', (s) => s.kind === 'video' && s.hint === 'detail' && s.width === 1920);
  await set('Audio', 'High-quality sound');
  await untilSent('music', (s) => s.kind === 'audio' && s.rate === 128_000);
  // Of echo, noise and volume each by itself, and then none. The microphone that Firefox makes up knows none of them.
  for (const [label, left] of /** @type {const} */ ([['Echo cancellation', 'false,true,true'], ['Adjust the volume', 'false,true,false'], ['Noise suppression', 'false,false,false']])) {
    await set('Audio', label);
    await untilSent(`${label}: ${left}`, (s) => s.kind === 'audio' && s.asked === left && (s.done === left || name === 'Firefox'));
  }
  await bob.page.getByRole('tab', { name: 'Network' }).click();
  await bob.page.getByLabel('Send', { exact: true }).selectOption('low');
  await untilSent('little', (s) => s.kind === 'video' && s.rate === 300_000);
  await bob.assertNoProblems();
});

/**
 * Runs in the page.
 * @returns {number[]} the rates and pictures a second of the camera's encodings, 0 for one that is not limited
 */
function limits() {
  const all = Object(globalThis).peerConnections.flatMap((/** @type {RTCPeerConnection} */ pc) => pc.getSenders());
  const camera = all.find((/** @type {RTCRtpSender} */ s) => s.track?.kind === 'video');
  return camera.getParameters().encodings.flatMap((/** @type {any} */ e) => [e.maxBitrate ?? 0, e.maxFramerate ?? 0]);
}

test('Firefox sends several sizes, too, and no more than the server says that its uplink takes', async (t) => {
  const server = await startServer(t);
  const alice = await Person.arrive(await startChromium(t));
  const bob = await Person.arrive(await startFirefox(t), { settings: WHOLE_CAMERA });
  /** @type {(bitrate: number) => void} */
  let say = () => {};
  await bob.page.routeWebSocket('**/ws', (socket) => {
    const upstream = socket.connectToServer();
    socket.onMessage((text) => {
      const { type, id } = JSON.parse(String(text));
      if (type === 'offer') say = (bitrate) => socket.send(JSON.stringify({ type: 'encodings', id, bitrate }));
      upstream.send(text);
    });
  });
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  const whole = await until('alice sees bob', async () => (await layersOf(alice)).received.find((w) => w >= 480) ?? 0);
  await alice.button('Chat').click();
  await receive(alice, 'everything-low');
  await until('alice sees a smaller picture', async () => (await layersOf(alice)).received.some((w) => w > 0 && w <= whole / 2));
  const before = await bob.page.evaluate(limits);
  say(90_000);
  await until('bob sends less', async () => (await bob.page.evaluate(limits)).every((n, i) => (i % 2 ? n > 0 && n <= 15 : n === 90_000)));
  say(0);
  await until('bob sends as before', async () => JSON.stringify(await bob.page.evaluate(limits)) === JSON.stringify(before));
  await alice.assertNoProblems();
  await bob.assertNoProblems();
});
