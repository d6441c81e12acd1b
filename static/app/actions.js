// What a person does in the room beyond coming and going.

import { addLine } from './chat.js';
import { currentConnection } from './session.js';
import { addressee, gone } from './roster.js';
import { group, loggedIn, me, panel, recipient, shares, unread, users } from './store.js';
import { notify } from './notices.js';
import { rootUrl } from './paths.js';
import { setData } from '../lib/index.js';
import { changeSettings, settings } from './settings.js';
import { startShare, stopShare } from './capture.js';
import { utter } from './saying.js';
import { t } from './i18n.js';

/**
 * Says or does what was typed: a message, or a command after a slash; a second slash makes it a message.
 * @param {string} line
 * @returns {Promise<boolean>} whether it was done; if not, the chat says why
 */
export async function say(line) {
  const c = currentConnection();
  const text = line.trim();
  if (!c || text === '') return false;
  if (text.startsWith('/') && !text.startsWith('//')) return command(text);
  const message = text.startsWith('//') ? text.slice(1) : text;
  const user = addressee();
  // What is for one person never goes to everybody, or to somebody else of that name.
  if (user === undefined) {
    addLine('error', gone());
    return false;
  }
  utter(message, '', user);
  return true;
}

/**
 * @param {string} line
 * @returns {Promise<boolean>}
 */
async function command(line) {
  try {
    const { runCommand } = await import('./commands.js');
    await runCommand(line);
    return true;
  } catch (e) {
    addLine('error', e instanceof Error ? e.message : String(e));
    return false;
  }
}

/** Raises our hand, or lowers it. */
export function toggleHand() {
  setHand(!users.value.get(me.value.id)?.handSince);
}

/** @param {boolean} up */
export function setHand(up) {
  const c = currentConnection();
  if (c) setData(c, { raisehand: up || null });
}

/** Makes all connections for media anew, in place: what is heard and seen goes on. */
export function restartMedia() {
  const c = currentConnection();
  for (const stream of c?.up.values() ?? []) void stream.negotiate({ restart: true });
  for (const id of c?.down.keys() ?? []) c?.send({ type: 'renegotiate', id });
}

/** Blurs the background of our picture, or shows it. */
export function toggleBlur() {
  changeSettings({ filter: settings.value.filter === 'background-blur' ? '' : 'background-blur' });
}

/** Shares a screen, or stops sharing every one. */
export async function toggleShare() {
  if (shares.value.length === 0) return share();
  for (const s of shares.value) stopShare(s);
}

/** Shares one more screen. */
export async function share() {
  try {
    await startShare();
  } catch (e) {
    notify('error', t('notice.shareFailed', { reason: e instanceof Error ? e.message : String(e) }));
  }
}

/** Whether there is a password of ours that we can change. */
export function mayChangePassword() {
  return group.value.canChangePassword && loggedIn.value.withPassword && me.value.username !== '';
}

export function openPasswordPage() {
  const query = new URLSearchParams({ group: group.value.name, username: me.value.username });
  globalThis.open(rootUrl(`change-password.html?${query}`), '_blank', 'noopener');
}

/**
 * Writes to one person from now on, or to everybody.
 * @param {{id: string, username: string} | null} to
 */
export function writeTo(to) {
  recipient.value = to;
  if (panel.value !== 'chat') togglePanel('chat');
}

/**
 * Opens a panel, or closes it if it is the one that is open.
 * @param {'' | 'chat' | 'people'} which
 */
export function togglePanel(which) {
  panel.value = panel.value === which ? '' : which;
  if (panel.value === 'chat') unread.value = 0;
}
