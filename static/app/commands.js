// What can be typed after a slash. The commands themselves are in the files commands-*.js, one for each family.

import { EXPERT } from './commands-expert.js';
import { INVITATIONS } from './commands-invitations.js';
import { may, users } from './store.js';
import { MEDIA } from './commands-media.js';
import { PEOPLE } from './commands-people.js';
import { ROOM } from './commands-room.js';
import { t } from './i18n.js';
import { TALK } from './commands-talk.js';

/** @typedef {import('../lib/messages.js').Permission} Permission */
/** @typedef {'user' | 'name' | 'text' | 'message' | 'link' | 'time' | 'key' | 'value'} Argument */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {Argument[]} [args]
 * @property {number} [required] how many of them must be there
 * @property {Permission[]} [needs]
 * @property {() => boolean} [available] whether the browser can do it
 * @property {boolean} [hidden] not in the list
 * @property {string} help key of the text that says what it does
 * @property {(first: string, rest: string) => void | Promise<void>} run throws CommandError
 */

/** What is wrong with a command, in words for the person who typed it. */
export class CommandError extends Error {}

/** @returns {Command[]} */
export function allCommands() {
  return [...TALK, ...MEDIA, ...PEOPLE, ...ROOM, ...INVITATIONS, ...EXPERT];
}

/** @param {Command} command */
export function mayUse({ needs = [], available }) {
  return needs.every(may) && (available?.() ?? true);
}

/** @returns {Command[]} those that can be used now and are shown in lists */
export function offeredCommands() {
  return allCommands().filter((c) => !c.hidden && mayUse(c)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Carries out what was typed.
 * @param {string} line begins with a slash
 * @returns {Promise<void>} rejected with CommandError
 */
export async function runCommand(line) {
  const [, name = '', tail = ''] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  const command = allCommands().find((c) => c.name === name);
  if (!command) throw new CommandError(t('command.unknown', { command: `/${name}` }));
  if (!mayUse(command)) throw new CommandError(whyNot(command));
  const { args = [], required = args.length } = command;
  const [first, rest] = args.length > 1 || args[0] === 'user' || args[0] === 'name' || args[0] === 'link' ? splitFirst(tail) : [tail, ''];
  const given = Number(first !== '') + Number(rest !== '');
  if (given < required) throw new CommandError(t('command.usage', { usage: usageOf(command) }));
  if (args.length === 0 && tail !== '') throw new CommandError(t('command.noArguments', { command: `/${name}` }));
  // Where there is one argument it is all of it: half of a name with a space may be the name of somebody else.
  await command.run(args.length === 1 && rest !== '' ? tail.trim() : first, rest);
}

/** @param {Command} command that cannot be used now */
function whyNot({ name, needs = [] }) {
  const missing = needs.find((p) => !may(p));
  const command = `/${name}`;
  switch (missing) {
    case undefined: return t('command.browser', { command });
    case 'op': return t('command.needsOp', { command });
    case 'present': return t('command.needsPresent', { command });
    case 'message': return t('command.needsMessage', { command });
    case 'record': return t('command.needsRecord', { command });
    default: return t('command.needsOther', { command, permission: missing });
  }
}

/**
 * The first argument is a word, or stands in quotation marks, with a backslash before what is meant as it is.
 * @param {string} text
 * @returns {[string, string]} it, and everything after it
 */
export function splitFirst(text) {
  const inMarks = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')(?=\s|$)\s*(.*)$/s.exec(text);
  if (inMarks) return [(inMarks[1] ?? inMarks[2] ?? '').replace(/\\(.)/gs, '$1'), (inMarks[3] ?? '').trim()];
  if (/^["']/.test(text)) throw new CommandError(t('command.unclosed'));
  const [, word = '', rest = ''] = /^((?:[^\s\\]|\\.)*)\s*(.*)$/s.exec(text) ?? [];
  return [word.replace(/\\(.)/gs, '$1'), rest.trim()];
}

/**
 * A name as it can be typed as a first argument.
 * @param {string} name
 */
export function quoted(name) {
  return name !== '' && !/[\s"'\\]/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Names of arguments; those after the required ones are in brackets.
 * @param {Command} command
 */
export function usageOf({ name, args = [], required = args.length }) {
  return [`/${name}`, ...args.map((a, i) => (i < required ? ARGUMENTS()[a] : `[${ARGUMENTS()[a]}]`))].join(' ');
}

/** @returns {Record<Argument, string>} */
const ARGUMENTS = () => ({
  user: t('argument.user'), name: t('argument.name'), text: t('argument.text'), message: t('argument.message'),
  link: t('argument.link'), time: t('argument.time'), key: t('argument.key'), value: t('argument.value'),
});

/**
 * @param {string} wanted the name of a member, or its id
 * @returns {import('./store.js').User}
 */
export function memberCalled(wanted) {
  const all = [...users.value.values()];
  const byId = users.value.get(wanted);
  const exact = all.filter((u) => u.username === wanted);
  const found = byId ? [byId] : exact.length > 0 ? exact : all.filter((u) => u.username.toLowerCase() === wanted.toLowerCase());
  if (found.length > 1) throw new CommandError(t('command.ambiguous', { name: wanted, ids: found.map((u) => u.id).join(', ') }));
  if (!found[0]) throw new CommandError(t('command.noUser', { name: wanted }));
  return found[0];
}
