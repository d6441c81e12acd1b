// What a process that runs several files of tests says of each once it has ended.

import { tap } from 'node:test/reporters';

/** Name of the tests between two files. */
export const PAUSE = 'the next file';

/**
 * @typedef {object} Report what has come of a file
 * @property {string} text in TAP
 * @property {Count} count
 */

/** @typedef {{tests: number, pass: number, fail: number, skipped: number, todo: number}} Count of tests, also of those within others */

/** @returns {Count} */
export const none = () => ({ tests: 0, pass: 0, fail: 0, skipped: 0, todo: 0 });

/** The lines of the summary, which is made of all processes. */
const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

/**
 * Sends a report whenever a pause begins, and what is left at the end; writes nothing.
 * @param {AsyncGenerator<import('node:test/reporters').TestEvent, void>} source
 */
async function* report(source) {
  let count = none();
  let text = '';
  const send = () => {
    process.send?.({ text, count });
    [text, count] = ['', none()];
  };
  /** The events that are told of. */
  async function* events() {
    for await (const event of source) {
      const { type, data } = /** @type {{type: string, data: any}} */ (event);
      if (data?.name === PAUSE) {
        if (type === 'test:dequeue') send();
        continue;
      }
      if (type === 'test:plan' && data.nesting === 0 || type === 'test:diagnostic' && data.nesting === 0 && SUMMARY.test(data.message)) continue;
      if (type === 'test:pass' || type === 'test:fail') {
        count.tests++;
        count[data.skip !== undefined ? 'skipped' : data.todo !== undefined ? 'todo' : type === 'test:pass' ? 'pass' : 'fail']++;
      }
      yield event;
    }
  }
  for await (const part of tap(events())) if (!part.startsWith('TAP version')) text += part;
  send();
  yield '';
}

export { report as default };
