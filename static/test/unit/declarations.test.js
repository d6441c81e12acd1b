// What authors of other front ends in TypeScript are told of the library.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const here = new URL('../../', import.meta.url).pathname;

/**
 * @param {string[]} options
 * @returns {Promise<string>} what the compiler has to say against it
 */
const compile = (...options) => new Promise((resolve) => {
  execFile(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), ...options], { cwd: here }, (_, output) => resolve(output));
});

const CLIENT = `
import { ServerConnection, UpStream, fetchStatus, join, request, sendChat } from './lib/index.js';

export async function call(video: HTMLVideoElement, media: MediaStream): Promise<void> {
  const status = await fetchStatus('https://meet.example.org/group/lab/');
  const c = new ServerConnection();
  c.on('downstream', (stream) => stream.on('media', (received) => { video.srcObject = received; }));
  c.on('chat', (m) => console.log(m.username, m.value));
  await c.connect(status.endpoint ?? 'wss://meet.example.org/ws');
  await join(c, { group: 'lab', username: 'ada', password: 'engine' });
  request(c, { '': ['audio', 'video'] });
  sendChat(c, 'hello');
  new UpStream(c, { label: 'camera', media }).close();
}
`;

test('declarations are made of the library, which a client in TypeScript compiles with', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'galene-declarations-'));
  t.after(() => rm(directory, { recursive: true }));
  assert.equal(await compile('-p', 'tsconfig.declarations.json', '--outDir', directory), '');
  const file = join(directory, 'client.ts');
  const strictly = ['--strict', '--noEmit', '--target', 'ES2022', '--module', 'ESNext', '--moduleResolution', 'Bundler', '--lib', 'ES2023,DOM,DOM.Iterable', '--types', '', '--ignoreConfig', file];
  await writeFile(file, CLIENT);
  assert.equal(await compile(...strictly), '');
  await writeFile(file, CLIENT.replace('m.username', 'm.usrname').replace("label: 'camera'", 'label: 7'));
  const said = await compile(...strictly);
  assert.match(said, /usrname/);
  assert.match(said, /number/);
});
