// What processes of this machine use, by Linux's /proc.

import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks a second: what Linux shows to programs everywhere. */
const TICKS = 100;

/**
 * @param {string} path of a file `stat`
 * @returns {Promise<{name: string, seconds: number}>} processor time so far, user and system; none of what has ended
 */
async function used(path) {
  const text = await readFile(path, 'utf8').catch(() => '');
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { name, seconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS };
}

/**
 * Processor time of the processes of a browser, and of the kinds of their threads.
 * @param {import('playwright-core').CDPSession} system of the browser
 * @returns {Promise<{kinds: Map<string, number>, threads: Map<string, number>}>} s
 */
export async function processorTime(system) {
  const kinds = new Map();
  const threads = new Map();
  for (const { type, id } of (await system.send('SystemInfo.getProcessInfo')).processInfo) {
    const { seconds } = await used(`/proc/${id}/stat`);
    kinds.set(type, (kinds.get(type) ?? 0) + seconds);
    for (const task of await readdir(`/proc/${id}/task`).catch(() => [])) {
      const thread = await used(`/proc/${id}/task/${task}/stat`);
      const name = `${type} ${thread.name.replace(/[\d/]+$/, '')}`;
      threads.set(name, (threads.get(name) ?? 0) + thread.seconds);
    }
  }
  return { kinds, threads };
}

/**
 * @param {Map<string, number>} before s
 * @param {Map<string, number>} after s
 * @param {number} length ms
 * @returns {Map<string, number>} per cent of a processor, the most first
 */
export function shares(before, after, length) {
  const percent = (/** @type {string} */ key) => 100 * ((after.get(key) ?? 0) - (before.get(key) ?? 0)) / (length / 1000);
  return new Map([...after.keys()].map((key) => /** @type {const} */ ([key, percent(key)])).sort((a, b) => b[1] - a[1]));
}
