import { test } from 'node:test';
import { Person, startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

test('a headset that is plugged in is offered, used, and replaced when it is unplugged', async (t) => {
  const server = await startServer(t);
  const browser = await startChromium(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await untilMediaFlows('alice', () => alice.media());
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
  await tracks.evaluate((s) => {
    s.plugged = false;
    s.tracks[0]?.stop();
    s.tracks[0]?.dispatchEvent(new Event('ended'));
  });
  await bob.page.getByText('The microphone was disconnected. “Fake').first().waitFor();
  await untilMediaFlows('alice', () => alice.media());
  for (const person of [bob, alice]) await person.assertNoProblems();
});
