// A server in one network namespace, a browser in another, and between the two a link that can be made bad.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = new URL('../../../', import.meta.url).pathname;

/** @returns {boolean} whether namespaces can be made here */
export function namespacesAllowed() {
  const name = `galene-probe-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

/** @param {import('node:child_process').ChildProcess} child */
const ended = async (child) => { if (child.exitCode === null && child.signalCode === null) await once(child, 'exit'); };

/**
 * @typedef {object} Conditions of one direction; what is left out is as good as it gets
 * @property {number} [rate] bit/s; a negative one is an outage
 * @property {number} [delay] ms
 * @property {number} [loss] fraction of packets
 * @property {number} [queue] ms
 */

/**
 * @typedef {object} Link
 * @property {string} url of the server
 * @property {(program: string) => Promise<string>} near path of a script that runs the program beside the server
 * @property {(program: string) => Promise<string>} far the same, behind the link
 * @property {(command: {down?: Conditions, up?: Conditions, rebind?: boolean, address?: string}) => Promise<void>} set
 * @property {() => string} log of the server
 */

/**
 * Starts both namespaces and a server; they end with the test.
 * @param {{after: (f: () => unknown) => void}} t
 * @param {Record<string, object>} groups descriptions by name
 * @returns {Promise<Link>}
 */
export async function startLink(t, groups) {
  const dir = await mkdtemp(join(tmpdir(), 'galene-link-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, 'groups'));
  for (const [name, description] of Object.entries(groups)) {
    await writeFile(join(dir, 'groups', `${name}.json`), JSON.stringify(description));
  }
  const build = (/** @type {string} */ name, /** @type {string} */ source) => {
    const path = join(dir, name);
    execFileSync('go', ['build', '-o', path, source], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
    return path;
  };
  const emulator = build('linkemulator', './scripts/linkemulator');
  const program = process.env['GALENE_BINARY'] ?? build('galene', '.');
  const names = { server: `galene-s-${process.pid}`, client: `galene-c-${process.pid}` };
  const link = spawn(emulator, ['-server', names.server, '-client', names.client], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: link.stdout })[Symbol.asyncIterator]();
  const ready = (await answers.next()).value;
  if (!ready?.startsWith('ready ')) throw new Error('the link cannot be made');
  const address = ready.split(' ')[1];
  link.stdin.on('error', () => {}); // who has ended answers nothing, which is what counts
  t.after(async () => {
    link.stdin.end();
    await ended(link);
  });
  const port = 8443;
  let output = '';
  const server = spawn('ip', ['netns', 'exec', names.server, program, '-http', `:${port}`, '-groups', join(dir, 'groups'), '-data', dir], { cwd: dir });
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (d) => { output += d; });
  t.after(async () => {
    server.kill('SIGTERM');
    await ended(server);
  });
  for (const end = Date.now() + 20_000; !output.includes('listening');) {
    if (Date.now() > end || server.exitCode !== null || server.signalCode !== null) throw new Error(`the server does not start:\n${output}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  const run = async (/** @type {string} */ namespace, /** @type {string} */ what) => {
    const path = join(dir, `${namespace}-${what.replaceAll('/', '-')}`);
    const runner = /firefox/.test(what) ? `${process.execPath} ${new URL('within.js', import.meta.url).pathname}` : 'ip netns exec';
    await writeFile(path, `#!/bin/sh\nexec ${runner} ${namespace} ${what} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  };
  return {
    url: `https://${address}:${port}/`,
    log: () => output,
    near: (what) => run(names.server, what),
    far: (what) => run(names.client, what),
    set: async (command) => {
      link.stdin.write(`${JSON.stringify(command)}\n`);
      const { value } = await answers.next();
      if (value !== 'ok') throw new Error(`the link does not obey ${JSON.stringify(command)}: ${value ?? 'it has ended'}`);
    },
  };
}
