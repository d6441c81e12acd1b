import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { publishLayers, receivedLayers, subscribeLayers } from './support/layers.js';
import { startServer } from './support/server.js';
import { PATIENCE, until } from './support/wait.js';

const GROUP = { codecs: ['av1', 'vp9', 'vp8', 'h264'], 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } };

/** Encodings of one picture: whole, a half, a quarter. Chromium leaves the last one out of a picture as small as ours. */
const SIMULCAST = [{ rid: 'h' }, { rid: 'm', scaleResolutionDownBy: 2 }, { rid: 'l', scaleResolutionDownBy: 4 }];

/** @type {Record<string, {sending: import('./support/layers.js').Sending, low: number}>} low: width of the smallest */
const CASES = {
  'AV1 with spatial layers, by the dependency descriptor': {
    sending: { mimeType: 'video/AV1', encodings: [{ scalabilityMode: 'L2T2' }], descriptor: true }, low: 320,
  },
  'VP9 whose lower layer only key frames need': { sending: { mimeType: 'video/VP9', encodings: [{ scalabilityMode: 'L2T3_KEY' }] }, low: 320 },
  'VP9 with the dependency descriptor as well': { sending: { mimeType: 'video/VP9', encodings: [{ scalabilityMode: 'L2T3' }], descriptor: true }, low: 320 },
  'several encodings of H.264': { sending: { mimeType: 'video/H264', encodings: SIMULCAST }, low: 320 },
  'several encodings of VP8': { sending: { mimeType: 'video/VP8', encodings: SIMULCAST }, low: 320 },
};

for (const [name, { sending, low }] of Object.entries(CASES)) {
  everywhereIfAsked(`a browser decodes the best and the smallest of ${name}`, async (t, start) => {
    const server = await startServer(t, { layers: GROUP });
    // The only one that encodes all of them.
    const [publisher, subscriber] = [await Person.arrive(await startChromium(t)), await Person.arrive(await start(t))];
    const url = `${server.url.replace('http', 'ws')}ws`;
    for (const person of [publisher, subscriber]) await person.page.goto(server.url);
    if (!await subscriber.page.evaluate((type) => globalThis.RTCRtpReceiver.getCapabilities('video')?.codecs.some((c) => c.mimeType === type), sending.mimeType)) {
      t.skip(`this browser knows no ${sending.mimeType}`);
      return;
    }
    await publisher.page.evaluate(publishLayers, { url, sending });
    await subscriber.page.evaluate(subscribeLayers, { url });
    // After a hiccup of the machine, which looks like one of the line, the server waits for up to 32 s before it tries more again.
    /** Twenty pictures more of this width. @param {number} width */
    const seen = async (width) => {
      await until(`pictures ${width} wide`, async () => (await subscriber.page.evaluate(receivedLayers)).width === width, 2 * PATIENCE);
      const { frames } = await subscriber.page.evaluate(receivedLayers);
      await until('twenty more', async () => (await subscriber.page.evaluate(receivedLayers)).frames >= frames + 20);
    };
    await seen(640);
    for (const [word, width] of /** @type {[string, number][]} */ ([['video-low', low], ['video', 640]])) {
      await subscriber.page.evaluate((w) => Object(globalThis).ask(w), word);
      await seen(width);
    }
    const { codec, lost } = await subscriber.page.evaluate(receivedLayers);
    assert.deepEqual({ codec, lost }, { codec: sending.mimeType, lost: 0 });
  });
}
