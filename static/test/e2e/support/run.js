// Runs tests between real browsers, all or the files named, with a server that is built once for all of them.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../../../', import.meta.url).pathname;
const tests = new URL('../', import.meta.url).pathname;

const dir = mkdtempSync(join(tmpdir(), 'galene-e2e-'));
try {
  const program = process.env['GALENE_BINARY'] ?? join(dir, 'galene');
  if (!process.env['GALENE_BINARY']) {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
  }
  const named = process.argv.slice(2);
  const files = named.length > 0 ? named : readdirSync(tests).filter((name) => name.endsWith('.test.js')).map((name) => join(tests, name));
  // Each takes both cores of a small machine.
  const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], { stdio: 'inherit', env: { ...process.env, GALENE_BINARY: program } });
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true });
}
