// What operators do to the room and to the people in it, and what those with a recorder do.

import { currentConnection } from './session.js';
import { groupAction, sendMessage, userAction } from '../lib/index.js';
import { t } from './i18n.js';

/** @typedef {import('../lib/messages.js').UserActionKind} UserActionKind */
/** @typedef {import('../lib/messages.js').GroupActionKind} GroupActionKind */

/** @param {GroupActionKind} kind @param {unknown} [value] */
function onRoom(kind, value) {
  const c = currentConnection();
  if (c) groupAction(c, kind, value);
}

/**
 * Changes what somebody may, or tells who they are: `identify` is answered by a line in the chat.
 * @param {string} id
 * @param {Exclude<UserActionKind, 'kick' | 'setdata'>} kind
 */
export function moderate(id, kind) {
  const c = currentConnection();
  if (c) userAction(c, kind, id);
}

/**
 * @param {string} id of the person to remove
 * @param {string} message what they are told, may be empty
 */
export function removePerson(id, message) {
  const c = currentConnection();
  if (c) userAction(c, 'kick', id, message.trim() || undefined);
}

/** @param {string} id */
export function mutePerson(id) {
  const c = currentConnection();
  if (c) sendMessage(c, 'mute', id);
}

/** Mutes everybody but ourselves. */
export function muteEveryone() {
  const c = currentConnection();
  if (c) sendMessage(c, 'mute', '', undefined, { noecho: true });
}

/**
 * @param {string} id of who is warned, empty for everybody
 * @param {string} text
 */
export function warn(id, text) {
  const c = currentConnection();
  if (c) sendMessage(c, 'warning', id, text.trim());
}

/** Nobody can be unmuted from afar, only asked. @param {string} id */
export function askToUnmute(id) {
  warn(id, t('people.askText'));
}

/** @param {string} [message] what those hear who knock */
export function lockRoom(message = '') {
  onRoom('lock', message.trim() || undefined);
}

export function unlockRoom() {
  onRoom('unlock');
}

/**
 * Clears the history for everybody.
 * @param {{userId?: string, id?: string}} [which] of one person, or one message; absent for all of it
 */
export function clearHistory(which) {
  onRoom('clearchat', which);
}

/** @param {boolean} on */
export function record(on) {
  onRoom(on ? 'record' : 'unrecord');
}

/** Asks for the rooms below this one; the answer is a message in the chat. */
export function askForSubgroups() {
  onRoom('subgroups');
}
