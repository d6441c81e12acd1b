// The real server for one test: its own port, its own groups, its own certificate.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = new URL('../../../../', import.meta.url).pathname;

/** How long the server may take to listen, ms. */
const START_TIMEOUT = 20_000;

/** Path of the binary, once it is known: what run.js has built, or else built from the tree for one file of tests. */
let program = process.env['GALENE_BINARY'] ?? '';

/** @returns {string} path of the binary */
function binary() {
  if (program) return program;
  program = join(tmpdir(), `galene-e2e-${process.pid}`, 'galene');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
  process.on('exit', () => rmSync(dirname(program), { recursive: true, force: true }));
  return program;
}

/** @returns {Promise<number>} a port that was free a moment ago */
export async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/**
 * @typedef {object} TestServer
 * @property {string} url with a trailing slash
 * @property {(group: string) => string} group address of the page of a group
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop ends the process and waits for it
 * @property {() => Promise<void>} start starts it again on the same port
 * @property {() => string} log what it wrote
 * @property {string} dir where it runs
 */

/** What everybody gets who does not say otherwise: an operator, a presenter, a watcher. */
export const GROUP = {
  users: {
    bob: { password: 'secret', permissions: 'op' },
    alice: { password: 'wonder', permissions: 'present' },
    carol: { password: 'quiet', permissions: 'observe' },
  },
};

/**
 * Starts a server; it ends with the test.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, object>} [groups] descriptions by name
 * @param {object} [config] content of config.json
 * @returns {Promise<TestServer>}
 */
export async function startServer(t, groups = { example: GROUP }, config = undefined) {
  const dir = await mkdtemp(join(tmpdir(), 'galene-e2e-'));
  await mkdir(join(dir, 'data'));
  if (config) await writeFile(join(dir, 'data', 'config.json'), JSON.stringify(config));
  for (const [name, description] of Object.entries(groups)) {
    const file = join(dir, 'groups', `${name}.json`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(description));
  }
  const port = await freePort();
  const path = binary();
  let output = '';
  /** @type {import('node:child_process').ChildProcess | null} */
  let child = null;

  async function start() {
    const started = spawn(path, ['-http', `127.0.0.1:${port}`, '-groups', join(dir, 'groups'), '-data', join(dir, 'data')], { cwd: dir });
    child = started;
    started.stdout.on('data', (d) => { output += d; });
    started.stderr.on('data', (d) => { output += d; });
    await listening(port, started, () => output);
  }
  /** @param {NodeJS.Signals} [signal] */
  async function stop(signal = 'SIGTERM') {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, 'exit');
    running.kill(signal);
    await exit;
  }
  t.after(async () => {
    await stop();
    await rm(dir, { recursive: true, force: true });
  });
  await start();
  const url = `https://127.0.0.1:${port}/`;
  return { url, group: (name) => `${url}group/${name}/`, start, stop, log: () => output, dir };
}

/**
 * Waits until something listens on the port.
 * @param {number} port
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} log
 */
async function listening(port, child, log) {
  const end = Date.now() + START_TIMEOUT;
  while (Date.now() < end) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended at once:\n${log()}`);
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error(`the server does not listen on port ${port}:\n${log()}`);
}
