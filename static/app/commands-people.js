// Commands of operators about one person.

import { memberCalled } from './commands.js';
import { moderate, mutePerson, removePerson, warn } from './moderation.js';

/** @typedef {import('./commands.js').Command} Command */

/**
 * @param {string} name
 * @param {string} help
 * @param {(id: string, rest: string) => void} act
 * @param {Partial<Command>} [more]
 * @returns {Command}
 */
const onUser = (name, help, act, more = {}) => ({
  name, args: ['user'], required: 1, needs: ['op'], help, run: (user, rest) => act(memberCalled(user).id, rest), ...more,
});

/** @type {Command[]} */
export const PEOPLE = [
  onUser('kick', 'command.kick', removePerson, { args: ['user', 'message'] }),
  onUser('identify', 'command.identify', (id) => moderate(id, 'identify')),
  onUser('op', 'command.op', (id) => moderate(id, 'op')),
  onUser('unop', 'command.unop', (id) => moderate(id, 'unop')),
  onUser('present', 'command.present', (id) => moderate(id, 'present')),
  onUser('unpresent', 'command.unpresent', (id) => moderate(id, 'unpresent')),
  onUser('shutup', 'command.shutup', (id) => moderate(id, 'shutup')),
  onUser('unshutup', 'command.unshutup', (id) => moderate(id, 'unshutup')),
  onUser('mute', 'command.mute', mutePerson),
  onUser('warn', 'command.warn', warn, { args: ['user', 'message'], required: 2 }),
];
