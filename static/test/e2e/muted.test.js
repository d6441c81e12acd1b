import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

const RATE = 48_000;

/** A tone of a second as a WAV file. @returns {Buffer} */
function tone() {
  const data = Buffer.alloc(2 * RATE);
  for (let i = 0; i < RATE; i++) data.writeInt16LE(Math.round(12_000 * Math.sin(2 * Math.PI * 300 * i / RATE)), 2 * i);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(2 * RATE, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

test('who speaks while muted is told so, and is heard while holding the space bar', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'galene-tone-'));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'tone.wav'), tone());
  const server = await startServer(t);
  const browser = await startChromium(t, [`--use-file-for-fake-audio-capture=${join(dir, 'tone.wav')}`]);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.page.addInitScript(() => {
    localStorage.setItem('settings', JSON.stringify({ startMic: false, startCamera: false, preprocessing: false }));
  });
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await untilMediaFlows('alice', () => alice.media());
  await bob.page.keyboard.press('m');
  await alice.page.getByRole('group', { name: /^bob, camera on, muted/ }).waitFor();
  await bob.page.getByText('You are muted. Press M or hold Space to talk.').first().waitFor();
  const silent = await until('alice hears nothing', async () => {
    const before = await alice.media();
    const after = await until('a second of pictures', async () => {
      const m = await alice.media();
      return m.frames >= before.frames + 10 ? m : false;
    });
    return after.energy === before.energy ? after : false;
  });
  await bob.page.locator('.stage').focus();
  await bob.page.keyboard.down(' ');
  await bob.page.locator('.split.talking').waitFor();
  await until('alice hears bob', async () => (await alice.media()).energy > silent.energy);
  await bob.page.keyboard.up(' ');
  await alice.page.getByRole('group', { name: /^bob, camera on, muted/ }).waitFor();
  for (const person of [bob, alice]) await person.assertNoProblems();
});
