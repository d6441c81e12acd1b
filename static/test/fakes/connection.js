// A connection to a fake server.

import './install.js';
import { FakeSocket } from './socket.js';
import { ServerConnection } from '../../lib/index.js';

/** @param {import('node:test').TestContext} t */
export async function connected(t) {
  const c = new ServerConnection();
  const done = c.connect('wss://x/ws');
  const socket = FakeSocket.latest();
  socket.open();
  await done;
  t.after(() => c.close());
  return { c, socket };
}
