// Files of tests, several at a time: a test often waits, and what two of them leave of a small machine is as little as it can be. Each lane is a process that
// takes the next file once it is through with one, in browsers of its own, for those that each file started anew would take minutes of the whole.

import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { none } from './report.js';

/** @typedef {import('./report.js').Report} Report */

const LANES = 2;

class Lane {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** Whether a test of the process has failed. */
  #failed = false;

  /** What the process says next; null if it ends without. @returns {Promise<Report | null>} */
  #heard() {
    const child = this.#child;
    if (!child?.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      const over = () => resolve(null);
      child.once('disconnect', over);
      child.once('message', (/** @type {Report} */ report) => {
        child.off('disconnect', over);
        this.#failed ||= report.count.fail > 0;
        resolve(report);
      });
    });
  }

  /** @param {string} file @returns {Promise<Report>} */
  async run(file) {
    if (!this.#child) {
      const [lane, report] = ['lane.js', 'report.js'].map((name) => new URL(name, import.meta.url).href);
      this.#child = fork(new URL(lane), { execArgv: [`--test-reporter=${report}`, '--test-reporter-destination=stdout'] });
      this.#failed = false;
      // The first word is that it is ready.
      await this.#heard();
    }
    if (this.#child.connected) this.#child.send(file);
    const report = await this.#heard();
    if (report) return report;
    this.#child = null;
    return failure(`${basename(file)} has ended its process`);
  }

  /** Has the process close its browsers and end. @returns {Promise<Report>} */
  async end() {
    const child = this.#child;
    if (!child) return { text: '', count: none() };
    const ended = child.exitCode !== null || child.signalCode !== null || new Promise((resolve) => { child.once('exit', resolve); });
    if (child.connected) child.send('');
    const report = await this.#heard();
    const code = await ended;
    if (!report) return failure('a process of tests has ended too early');
    // Errors between tests are only remarked on.
    return code === 0 || this.#failed ? report : failure(`a process of tests has ended with ${code}`, report.text);
  }
}

/** @param {string} name @param {string} [before] @returns {Report} */
const failure = (name, before = '') => ({ text: `${before}# Subtest: ${name}\nnot ok 1 - ${name}\n`, count: { ...none(), tests: 1, fail: 1 } });

/**
 * Runs files of tests and writes in TAP what comes of them, of each file once it has ended.
 * @param {string[]} files
 * @returns {Promise<boolean>} whether all have passed
 */
export async function runInLanes(files) {
  const began = performance.now();
  const count = none();
  let number = 0;
  const write = (/** @type {string} */ text) => process.stdout.write(text);
  /** @param {Report} report */
  const add = (report) => {
    for (const key of /** @type {(keyof import('./report.js').Count)[]} */ (Object.keys(count))) count[key] += report.count[key];
    // Each process counts from one.
    write(report.text.replace(/^((?:not )?ok) \d+/gm, (_, ok) => `${ok} ${++number}`));
  };
  write('TAP version 13\n');
  // What takes longest is mostly what has most to say: at the end there are small ones, so that no lane waits long for another.
  const queue = files.map((file) => ({ file, size: statSync(file).size })).sort((a, b) => b.size - a.size);
  await Promise.all(Array.from({ length: LANES }, async () => {
    const lane = new Lane();
    for (let next = queue.shift(); next; next = queue.shift()) add(await lane.run(next.file));
    add(await lane.end());
  }));
  write(`1..${number}\n`);
  for (const [key, value] of Object.entries({ ...count, duration_ms: performance.now() - began })) write(`# ${key} ${value}\n`);
  return count.fail === 0;
}
