// Why we could not come in, in words and beside the field that can mend it.

import { t } from './i18n.js';

/** @typedef {import('./store.js').JoinProblem} JoinProblem */

/**
 * Texts of the server that have better words here.
 * @type {Record<string, {key: string, field?: JoinProblem['field']}>}
 */
const KNOWN = {
  'not authorised': { key: 'join.password', field: 'password' },
  'invitation refused': { key: 'join.invitation' },
  'username required': { key: 'join.needUsername', field: 'username' },
  'not authorised: this username is taken': { key: 'join.duplicateUsername', field: 'username' },
  'group does not exist': { key: 'join.absent' },
  'illegal group name': { key: 'join.absent' },
  'this group is locked': { key: 'join.locked' },
  'this group is not open yet': { key: 'join.notYet' },
  'this group is closed': { key: 'join.expired' },
  'there are no operators in this group': { key: 'join.noOperator' },
  'too many users': { key: 'join.full' },
};

/** @type {Record<string, string>} stable error names to the texts above */
const BY_CODE = { 'need-username': 'username required', 'duplicate-username': 'not authorised: this username is taken' };

/**
 * @param {{text: string, code?: string}} refusal the server's text and error name
 * @param {{room: string, username: string}} context
 * @returns {JoinProblem}
 */
export function problemOf({ text, code = '' }, { room, username }) {
  const said = BY_CODE[code] ?? text;
  // It may be what an operator has typed.
  const known = Object.hasOwn(KNOWN, said) ? KNOWN[said] : undefined;
  if (!known) return { text: t('join.refused', { text }), field: '', details: code };
  return { text: t(known.key, { room, name: username }), field: known.field ?? '', details: code };
}
