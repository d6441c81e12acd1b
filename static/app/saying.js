// What we say in the chat. What is said while the connection is lost goes out once the seat is back; where the seat is gone, it is said
// again in the next one.

import { addLine, addPrivate } from './chat.js';
import { currentConnection } from './session.js';
import { gone, here } from './roster.js';
import { me, suspended } from './store.js';
import { sendChat } from '../lib/index.js';

/** @typedef {import('./store.js').Addressee} Addressee */

/** How long somebody who has lost the server, too, may take to come back, ms. */
const RETURN = 5000;

/** What the server may not have got. @type {{text: string, kind: '' | 'me', to: Addressee | null}[]} */
let meanwhile = [];

/**
 * Says something to everybody, or to one person.
 * @param {string} text
 * @param {'' | 'me'} [kind]
 * @param {Addressee | null} [to]
 */
export function utter(text, kind = '', to = null) {
  const c = currentConnection();
  if (!c) return;
  if (suspended.peek()) meanwhile.push({ text, kind, to });
  sendChat(c, text, kind, to?.id);
  if (to && to.id !== me.value.id) addPrivate(text, to);
}

/** Everything has got there, or is not to get there any more. */
export function forgetSaid() {
  meanwhile = [];
}

/** Says in a new seat what the old one has taken along; to one person once they, too, may be back. */
export function sayAgain() {
  const list = meanwhile;
  meanwhile = [];
  const c = currentConnection();
  for (const { text, kind, to } of list) {
    if (!to) utter(text, kind);
    else setTimeout(() => currentConnection() === c && again(text, to), RETURN);
  }
}

/** @param {string} text @param {Addressee} to */
function again(text, to) {
  const user = here({ ...to, lost: true });
  if (user) utter(text, '', user);
  else addLine('error', `${gone(to)}\n${text}`);
}
