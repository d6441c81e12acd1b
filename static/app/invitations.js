// Invitations: links with a secret in them that let somebody in.

import { currentConnection } from './session.js';
import { group, may } from './store.js';
import { groupAction } from '../lib/index.js';
import { t } from './i18n.js';

/** @typedef {import('../lib/messages.js').Token} Token */
/** @typedef {import('../lib/messages.js').Permission} Permission */

/** How long a link of /invite and /reinvite is valid, ms. */
export const DAY = 86_400_000;

/** @type {Record<string, number>} lengths of units, ms */
const UNITS = { s: 1000, min: 60_000, h: 3_600_000, d: DAY, mon: 31 * DAY, yr: 365 * DAY };

/**
 * Those who wait for an answer; the server gives them in the order of the questions.
 * @type {{token: {resolve: (value: any) => void, reject: (e: Error) => void}[], tokenlist: {resolve: (value: any) => void, reject: (e: Error) => void}[]}}
 */
const waiting = { token: [], tokenlist: [] };

/**
 * @param {'token' | 'tokenlist'} answer
 * @param {'maketoken' | 'edittoken' | 'listtokens'} kind
 * @param {unknown} [value]
 * @returns {Promise<any>} rejected with what to tell the person
 */
function ask(answer, kind, value) {
  const c = currentConnection();
  if (!c) return Promise.reject(new Error(t('invite.offline')));
  return new Promise((resolve, reject) => {
    waiting[answer].push({ resolve, reject });
    groupAction(c, kind, value);
  });
}

/**
 * @param {'token' | 'tokenlist'} kind
 * @param {import('../lib/messages.js').Notice} m
 */
export function gotAnswer(kind, m) {
  const asker = waiting[kind].shift();
  if (m.error) asker?.reject(new Error(t('invite.refused', { text: String(m.value ?? '') })));
  else asker?.resolve(m.value);
}

/** The connection is gone: no answer will come. */
export function giveUpAnswers() {
  for (const list of Object.values(waiting)) {
    for (const { reject } of list.splice(0)) reject(new Error(t('invite.offline')));
  }
}

/**
 * @param {{username?: string, permissions?: Permission[], expires: Date, notBefore?: Date}} wish
 * @returns {Promise<Token>}
 */
export function makeInvitation({ username, permissions = defaultPermissions(), expires, notBefore }) {
  return ask('token', 'maketoken', {
    group: group.value.name, permissions, expires: expires.toISOString(), ...(username && { username }), ...(notBefore && { 'not-before': notBefore.toISOString() }),
  });
}

/**
 * @param {string} token
 * @param {Date} expires
 * @returns {Promise<Token>}
 */
export function extendInvitation(token, expires) {
  return ask('token', 'edittoken', { token, expires: expires.toISOString() });
}

/**
 * @param {string} token
 * @returns {Promise<Token>}
 */
export function revokeInvitation(token) {
  return ask('token', 'edittoken', { token, expires: -1000 });
}

/** @returns {Promise<Token[]>} those of this room, the soonest to expire first */
export function listInvitations() {
  return ask('tokenlist', 'listtokens');
}

/** @returns {Permission[]} what a guest gets if nothing else is said */
export function defaultPermissions() {
  return ['present', 'message'].filter(may);
}

/** @returns {string} address of the room, for whoever may come in without an invitation */
export function roomLink() {
  return new URL(location.pathname, group.value.location ?? location.href).href;
}

/**
 * @param {Token} token
 * @returns {string} the link to hand on
 */
export function linkOf(token) {
  const url = new URL(group.value.location ?? location.href);
  url.searchParams.set('token', token.token ?? '');
  return url.href;
}

/**
 * @param {string} link an invitation, or just its secret
 * @returns {string} the secret
 */
export function tokenOf(link) {
  const token = URL.canParse(link) ? new URL(link).searchParams.get('token') : null;
  return token ?? link;
}

/** @param {Token} token @param {number} [now] ms since 1970 */
export function isExpired({ expires }, now = Date.now()) {
  return !expires || new Date(expires).getTime() <= now;
}

/**
 * @param {string} text such as `2d`, or a date
 * @param {number} [now] ms since 1970
 * @returns {Date | null} null if it is neither
 */
export function parseExpiration(text, now = Date.now()) {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*(s|min|h|d|mon|yr)$/.exec(text.trim()) ?? [];
  const date = count && unit ? new Date(now + Number(count) * (UNITS[unit] ?? 0)) : new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
