// Runs tests between real browsers, all or the files named, with a server that is built once for all of them, and one after the other in one process:
// each takes both cores of a small machine, and a browser that each file started anew would take minutes of the whole.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { after } from 'node:test';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = new URL('../../../../', import.meta.url).pathname;
const tests = new URL('../', import.meta.url).pathname;

if (!process.env['GALENE_BINARY']) {
  const dir = mkdtempSync(join(tmpdir(), 'galene-e2e-'));
  after(() => rmSync(dir, { recursive: true }));
  const program = join(dir, 'galene');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
  process.env['GALENE_BINARY'] = program;
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named.map((name) => resolve(name)) : readdirSync(tests).filter((name) => name.endsWith('.test.js')).map((name) => join(tests, name));
for (const file of files) await import(file);
