// What could be meant by what has been typed so far.

import { allCommands, mayUse, offeredCommands, quoted, usageOf } from './commands.js';
import { people } from './roster.js';
import { t } from './i18n.js';

/** Most suggestions at a time. */
const MAX = 8;

/**
 * @typedef {object} Suggestion
 * @property {string} text what the field holds if it is taken
 * @property {string} label
 * @property {string} help may be empty
 */

/**
 * @param {string} typed everything before the cursor
 * @returns {Suggestion[]} commands, or people as the argument of one
 */
export function suggestions(typed) {
  const command = /^\/([a-z-]*)$/.exec(typed);
  if (command) {
    return offeredCommands().filter((c) => c.name.startsWith(command[1] ?? ''))
      .map((c) => ({ text: c.args ? `/${c.name} ` : `/${c.name}`, label: usageOf(c), help: t(c.help) }));
  }
  const [, name = '', begun = ''] = /^\/([a-z-]+)\s+["']?([^"'\s]*)$/.exec(typed) ?? [];
  const known = allCommands().find((c) => c.name === name);
  if (known?.args?.[0] !== 'user' || !mayUse(known)) return [];
  return namesLike(begun).map((n) => ({ text: `/${name} ${quoted(n)} `, label: n, help: '' }));
}

/**
 * Completes the name at the end of what was typed.
 * @param {string} typed
 * @returns {string | null} the whole text, null if no name begins like that
 */
export function completedName(typed) {
  const word = /(\S+)$/.exec(typed)?.[1] ?? '';
  const name = word ? namesLike(word)[0] : undefined;
  return name ? typed.slice(0, -word.length) + name : null;
}

/** @param {string} begun */
function namesLike(begun) {
  const wanted = begun.toLowerCase();
  const names = people.value.map((p) => p.user.username).filter((n) => n !== '' && n.toLowerCase().startsWith(wanted));
  return [...new Set(names)].slice(0, MAX);
}
