// A wire between a browser and the server that can be cut: it carries TCP only, so that media goes on.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * @param {import('node:test').TestContext} t
 * @param {string} url of the server
 */
export async function wire(t, url) {
  const target = new URL(url);
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [a, b] of /** @type {const} */ ([[near, far], [far, near]])) {
      open.add(a);
      a.on('error', () => b.destroy());
      a.on('close', () => {
        open.delete(a);
        b.destroy();
      });
      a.pipe(b);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  t.after(() => {
    for (const s of open) s.destroy();
    server.close();
  });
  return {
    url: `https://127.0.0.1:${address.port}/`,
    /** Cuts what is open, and lets nothing through until mend. */
    cut() {
      whole = false;
      for (const s of open) s.destroy();
    },
    mend() {
      whole = true;
    },
  };
}
