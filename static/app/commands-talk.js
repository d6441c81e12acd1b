// Commands for talking, for one's hand, and for leaving.

import { addLine, addPrivate } from './chat.js';
import { currentConnection, leave } from './session.js';
import { me } from './store.js';
import { memberCalled, offeredCommands, usageOf } from './commands.js';
import { sendChat } from '../lib/index.js';
import { setHand } from './actions.js';
import { t } from './i18n.js';

/** @type {import('./commands.js').Command[]} */
export const TALK = [
  { name: 'help', help: 'command.help', run: () => addLine('output', offeredCommands().map((c) => `${usageOf(c)}\n    ${t(c.help)}`).join('\n')) },
  {
    name: 'me', args: ['text'], needs: ['message'], help: 'command.me',
    run: (text) => {
      const c = currentConnection();
      if (c) sendChat(c, text, 'me');
    },
  },
  { name: 'msg', args: ['user', 'text'], needs: ['message'], help: 'command.msg', run: (user, text) => tell(memberCalled(user), text) },
  { name: 'raise', help: 'command.raise', run: () => setHand(true) },
  { name: 'unraise', help: 'command.unraise', run: () => setHand(false) },
  { name: 'leave', help: 'command.leave', run: () => leave() },
];

/**
 * Says something to one person.
 * @param {{id: string, username: string}} to
 * @param {string} text
 */
export function tell(to, text) {
  const c = currentConnection();
  if (!c) return;
  sendChat(c, text, '', to.id);
  if (to.id !== me.value.id) addPrivate(text, to);
}
