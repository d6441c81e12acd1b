// A process in which files of tests run one after the other, as run.js names them, with browsers that all of them share.

import { test } from 'node:test';
import { PAUSE } from './report.js';

/** Ends the pause that lasts. */
let resume = () => {};

/** Declares a test that lasts until another file has declared its own: at the first moment without one to run, Node takes it that all is over. */
function pause() {
  const over = new Promise((resolve) => { resume = () => resolve(undefined); });
  void test(PAUSE, () => over);
}

// A file, or nothing once there are no more.
process.on('message', async (/** @type {string} */ file) => {
  const end = resume;
  if (file) {
    await import(file).catch((e) => { void test(file, () => { throw e; }); });
    pause();
  } else {
    process.channel?.unref();
  }
  end();
});
// Nobody is left who would read what comes out.
process.on('disconnect', () => process.exit(1));
pause();
