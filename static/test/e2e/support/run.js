// Runs tests between real browsers, all or the files named, with a server that is built once for all of them. Files that are named run in this process, one
// after the other, and what they say is seen at once; all of them run in lanes.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runInLanes } from './lanes.js';

const root = new URL('../../../../', import.meta.url).pathname;
const tests = new URL('../', import.meta.url).pathname;

if (!process.env['GALENE_BINARY']) {
  const dir = mkdtempSync(join(tmpdir(), 'galene-e2e-'));
  process.on('exit', () => rmSync(dir, { recursive: true }));
  const program = join(dir, 'galene');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
  process.env['GALENE_BINARY'] = program;
}

const named = process.argv.slice(2);
if (named.length > 0) {
  for (const name of named) await import(resolve(name));
} else {
  const files = readdirSync(tests).filter((name) => name.endsWith('.test.js')).map((name) => join(tests, name));
  if (!await runInLanes(files)) process.exitCode = 1;
}
