// Files on their way to or from the others.

import { addLine } from './chat.js';
import { announce, notify } from './notices.js';
import { FileTransfers, TransferError } from '../lib/index.js';
import { addressee, gone } from './roster.js';
import { dialog, panel, unread, users } from './store.js';
import { signal } from '../third-party/signals.js';
import { sizeText, t } from './i18n.js';
import { togglePanel } from './actions.js';

/** @typedef {import('../lib/transfer.js').TransferredFile} TransferredFile */

/** What part of a file has to move before that is shown. */
const STEP = 0.01;

/**
 * @typedef {object} FileCard what is shown of a transfer
 * @property {string} key
 * @property {TransferredFile} file
 * @property {string} name of the other side
 * @property {import('../lib/transfer.js').TransferState} state
 * @property {number} moved bytes
 * @property {import('../lib/errors.js').TransferReason | ''} reason why it ended, if it was not done
 */

/** By key, which is the text of their entry in the chat. */
export const transfers = signal(/** @type {ReadonlyMap<string, FileCard>} */ (new Map()));

/** @type {FileTransfers | null} those of the connection that we are joined on */
let current = null;
let lastKey = 0;

// What the page does for us: it has the person choose files, and saves what came.
/** @type {{pick: (kinds?: string) => Promise<File[]>, save: (blob: Blob, name: string) => void}} */
let page = { pick: async () => [], save: () => {} };

/** @param {typeof page} handlers */
export function onFiles(handlers) {
  page = handlers;
}

/** @param {import('../lib/index.js').ServerConnection} c that we join on */
export function transferOn(c) {
  current = new FileTransfers(c);
  current.oninvite = (file) => {
    const name = nameOf(file.userid);
    follow(file, name);
    const text = t('file.offered', { name, file: file.name, size: sizeText(file.size) });
    if (panel.value === 'chat') announce('chat', text);
    else {
      unread.value++;
      notify('info', text, { label: t('file.show'), run: () => panel.value !== 'chat' && togglePanel('chat') });
    }
  };
}

/**
 * Has the person choose files.
 * @param {string} [kinds] MIME types of those to offer; absent for all
 * @returns {Promise<File[]>} none if they think better of it
 */
export function pickFiles(kinds) {
  return page.pick(kinds);
}

/**
 * Offers files to somebody; what becomes of them is in the chat.
 * @param {{id: string, username: string}} to
 * @param {File[]} files
 */
export function offerFiles(to, files) {
  if (files.length === 0) return;
  if (!users.value.has(to.id)) return notify('error', gone(to));
  if (panel.value !== 'chat') togglePanel('chat');
  for (const file of files) if (current) follow(current.offer(to.id, file), to.username || t('people.anonymous'));
}

/**
 * Sends files to whom we write to; asks to whom, if that is everybody.
 * @param {File[]} files
 */
export function sendFiles(files) {
  if (files.length === 0) return;
  const user = addressee();
  if (user) offerFiles(user, files);
  else if (user === undefined) notify('error', gone());
  else if (users.value.size > 1) dialog.value = { kind: 'recipient', files };
}

/** Whether closing the page would end a transfer. */
export function transferring() {
  return [...transfers.value.values()].some((f) => f.state === 'connecting' || f.state === 'connected');
}

/**
 * @param {TransferredFile} file
 * @param {string} name of the other side
 */
function follow(file, name) {
  const key = `transfer-${++lastKey}`;
  /** @type {FileCard} */
  let card = { key, file, name, state: file.state, moved: 0, reason: '' };
  /** @param {Partial<FileCard>} change */
  const show = (change) => {
    card = { ...card, ...change };
    transfers.value = new Map(transfers.value).set(key, card);
  };
  show({});
  addLine('file', key);
  file.onevent = (state, data) => {
    // What it ended as stays on the screen.
    if (state === 'closed') return;
    if (state === card.state && file.datalen - card.moved < STEP * file.size && file.datalen < file.size) return;
    show({ state, moved: file.datalen, reason: data instanceof TransferError ? data.reason : '' });
    if (state === 'done' && data instanceof Blob) page.save(data, file.name);
    if (state === 'done') announce('chat', t('file.doneNamed', { file: file.name }));
    if (state === 'cancelled') announce('chat', t('file.endedNamed', { file: file.name }));
  };
}

/** @param {string} id */
function nameOf(id) {
  return users.value.get(id)?.username || t('people.anonymous');
}
