// Commands for talking, for one's hand, and for leaving.

import { addLine } from './chat.js';
import { leave } from './session.js';
import { memberCalled, offeredCommands, usageOf } from './commands.js';
import { setHand } from './actions.js';
import { utter } from './saying.js';
import { t } from './i18n.js';

/** @type {import('./commands.js').Command[]} */
export const TALK = [
  { name: 'help', help: 'command.help', run: () => addLine('output', offeredCommands().map((c) => `${usageOf(c)}\n    ${t(c.help)}`).join('\n')) },
  {
    name: 'me', args: ['text'], needs: ['message'], help: 'command.me',
    run: (text) => utter(text, 'me'),
  },
  { name: 'msg', args: ['user', 'text'], needs: ['message'], help: 'command.msg', run: (user, text) => utter(text, '', memberCalled(user)) },
  { name: 'raise', help: 'command.raise', run: () => setHand(true) },
  { name: 'unraise', help: 'command.unraise', run: () => setHand(false) },
  { name: 'leave', help: 'command.leave', run: () => leave() },
];
