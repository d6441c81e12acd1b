// What the client does with each message of the server: a table of small handlers.

import { DownStream } from './downstream.js';

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */
/** @typedef {import('./messages.js').ServerMessage} ServerMessage */

/**
 * @template {ServerMessage['type']} T
 * @typedef {ServerMessage & {type: T}} Of
 */

/**
 * A type without an entry is a compile error. The handshake is the business of the connection.
 * @type {{[T in Exclude<ServerMessage['type'], 'handshake'>]: (c: ServerConnection, m: Of<T>) => void}}
 */
const handlers = {
  ping: (c) => c.send({ type: 'pong' }),
  pong: () => {},
  ack: (c, m) => c.acknowledged(m.received),
  joined,
  user: (c, m) => c.emit('user', m),
  chat: (c, m) => c.emit('chat', m),
  chathistory: (c, m) => c.emit('chat', m),
  usermessage: (c, m) => c.emit('usermessage', m),
  offer,
  answer: (c, m) => void c.up.get(m.id)?.gotAnswer(m.sdp),
  renegotiate: (c, m) => c.up.get(m.id)?.restart(),
  ice: (c, m) => void (c.up.get(m.id) ?? c.down.get(m.id))?.gotCandidate(m.candidate),
  close: (c, m) => c.down.get(m.id)?.closedByServer(),
  abort: (c, m) => c.up.get(m.id)?.abortedByServer(),
  encodings: (c, m) => void c.up.get(m.id)?.gotEncodings(m),
};

/**
 * Hands a message to its handler. Types that are not in the table are reported and otherwise ignored,
 * so that a newer server may say more.
 * @param {ServerConnection} connection
 * @param {ServerMessage} message
 */
export function dispatch(connection, message) {
  const table = /** @type {Record<string, (c: ServerConnection, m: any) => void>} */ (handlers);
  const handler = Object.hasOwn(table, message.type) ? table[message.type] : undefined;
  if (handler) handler(connection, message);
  else connection.emit('error', new Error(`unknown message type ${JSON.stringify(message.type)}`));
}

/**
 * @param {ServerConnection} c
 * @param {Of<'joined'>} m
 */
function joined(c, m) {
  if (m.kind === 'join') {
    c.group = m.group ?? '';
    c.username = m.username ?? '';
    c.serverVersion = m.server?.version ?? '';
  }
  if (m.rtcConfiguration) c.rtcConfiguration = m.rtcConfiguration;
  c.emit('joined', m);
}

/**
 * @param {ServerConnection} c
 * @param {Of<'offer'>} m
 */
function offer(c, m) {
  if (c.up.has(m.id)) {
    c.send({ type: 'abort', id: m.id });
    return;
  }
  let stream = c.down.get(m.id);
  if (!stream) {
    stream = new DownStream(c, m);
    c.down.set(m.id, stream);
    c.emit('downstream', stream);
  }
  if (m.replace && m.replace !== m.id) c.down.get(m.replace)?.replacedBy(stream);
  void stream.gotOffer(m.sdp);
}
