// A room with a fake server, for tests of what the client does in it.

import { readFile } from 'node:fs/promises';
import { settle } from './install.js';
import { FakeSocket } from './socket.js';
import { setMessages } from '../../app/i18n.js';
import { ROOT } from '../../app/paths.js';
import { joinRoom, leave, start } from '../../app/session.js';
import { chat, notices, phase } from '../../app/store.js';

setMessages(JSON.parse(await readFile(new URL('../../locales/en.json', import.meta.url), 'utf8')), 'en');

/** What the status of the group says, and whether there is one. */
export const answer = { status: 200, body: /** @type {object} */ ({}) };
/** What was asked of other addresses. @type {{url: string, body: any}[]} */
export const posts = [];
/** What was asked for of all streams, on entering. */
export const asked = { value: /** @type {Record<string, string[]> | undefined} */ (undefined) };
/** How they answer. */
export const elsewhere = { answer: () => /** @type {Partial<Response>} */ ({ ok: false, status: 500 }) };

globalThis.fetch = async (url, options) => {
  if (options?.method === 'POST') {
    posts.push({ url: String(url), body: JSON.parse(String(options.body)) });
    return /** @type {Response} */ (elsewhere.answer());
  }
  return /** @type {Response} */ ({ ok: answer.status === 200, status: answer.status, json: async () => answer.body });
};

/**
 * The page of a group is opened.
 * @param {object} [status]
 * @param {string} [query]
 */
export async function open(status = {}, query = '') {
  leave();
  phase.value = 'loading';
  notices.value = [];
  answer.status = 200;
  answer.body = { name: 'lab', endpoint: 'wss://x/ws', location: 'https://x/group/lab/', displayName: 'The lab', ...status };
  await start(`${ROOT}group/lab/`, new URLSearchParams(query));
}

/** The server shakes hands with the latest connection. */
export async function connected() {
  const socket = FakeSocket.latest();
  socket.open();
  await settle();
  return socket;
}

/**
 * Bob joins.
 * @param {string[]} [permissions]
 * @param {number} [clientCount] how many are in the room then
 */
export async function enter(permissions = ['present', 'message'], clientCount = 1) {
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const socket = await connected();
  accept(socket, permissions, clientCount);
  await done;
  chat.value = [];
  asked.value = socket.of('request')[0]?.request;
  socket.sent.length = 0;
  return socket;
}

/** @param {FakeSocket} socket @param {string[]} permissions @param {number} [clientCount] */
export function accept(socket, permissions, clientCount = 1) {
  const [shake] = socket.of('handshake');
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'bob', permissions, status: { name: 'lab', location: 'https://x/group/lab/', clientCount } });
  socket.receive({ type: 'user', kind: 'add', id: shake.id, username: 'bob', permissions });
}
