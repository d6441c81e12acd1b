// What a person does in the room beyond coming and going.

import { addLine, parseLine } from './chat.js';
import { currentConnection } from './session.js';
import { kick, sendChat, setData } from '../lib/index.js';
import { me, panel, shares, unread, users } from './store.js';
import { notify } from './notices.js';
import { startShare, stopShare } from './capture.js';
import { t } from './i18n.js';

/**
 * Sends what was typed.
 * @param {string} line
 */
export function say(line) {
  const c = currentConnection();
  const text = line.trim();
  if (!c || text === '') return;
  const meant = parseLine(text);
  if (meant) sendChat(c, meant.text, meant.kind);
  else addLine('server', t('chat.unknownCommand', { command: text.split(/\s/)[0] ?? '' }));
}

/** Raises our hand, or lowers it. */
export function toggleHand() {
  const c = currentConnection();
  if (c) setData(c, { raisehand: users.value.get(me.value.id)?.handSince ? null : true });
}

/**
 * @param {string} id of the person to remove
 * @param {string} message what they are told, may be empty
 */
export function removePerson(id, message) {
  const c = currentConnection();
  if (c) kick(c, id, message.trim());
}

/** Shares a screen, or stops sharing every one. */
export async function toggleShare() {
  if (shares.value.length > 0) {
    for (const share of shares.value) stopShare(share);
    return;
  }
  try {
    await startShare();
  } catch (e) {
    notify('error', t('notice.shareFailed', { reason: e instanceof Error ? e.message : String(e) }));
  }
}

/**
 * Opens a panel, or closes it if it is the one that is open.
 * @param {'' | 'chat' | 'people'} which
 */
export function togglePanel(which) {
  panel.value = panel.value === which ? '' : which;
  if (panel.value === 'chat') unread.value = 0;
}
