// The chat: what was said.

import { announce, notify } from './notices.js';
import { caption, chat, me, panel, unread } from './store.js';
import { t, timeText } from './i18n.js';

/** @typedef {import('./store.js').ChatEntry} ChatEntry */
/** @typedef {import('../lib/messages.js').Chat} Chat */

/** Messages of one sender share a header if at most this far apart, ms. */
const GROUP_GAP = 60_000;
/** Most entries under one header: each new one has all looked at. */
const MAX_GROUP = 20;
/** Most entries on the screen. */
const MAX_ENTRIES = 1100;
/** How many stay then: whenever some go, the browser lays out all others again. */
const KEPT = 1000;
/** Most while somebody reads what was said before: it may be the oldest. */
const MAX_READ = 2200;

/** How long a caption is shown, ms. */
const CAPTION_LIFE = 3000;
/** What ids begin with that are not of the server. */
const LOCAL = 'local-';

let isReadingBack = false;
let lastId = 0;
let lastGroup = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let captionTimer;

/** Empties the pane: the server replays the history at every join. */
export function clearChat() {
  chat.value = [];
  unread.value = 0;
}

/** @param {boolean} yes whether somebody reads what was said before, rather than the newest */
export function readBack(yes) {
  isReadingBack = yes;
}

/**
 * Takes messages away.
 * @param {unknown} what value of `clearchat`: absent for all, else by user or by message
 */
export function clearMessages(what) {
  const { userId, id } = /** @type {{userId?: string, id?: string}} */ (Object(what));
  // A file can still be taken, or stopped.
  chat.value = chat.value.filter((e) => e.kind === 'file' || userId !== undefined && (e.source !== userId || id !== undefined && e.id !== id));
  if (userId === undefined) unread.value = 0;
}

/** Marks the place where the history ends. */
export function markJoined() {
  addLine('event', t('chat.youJoined', { time: timeText(new Date()) }));
}

/**
 * Adds a line that nobody said.
 * @param {'event' | 'server' | 'notice' | 'error' | 'output' | 'file'} kind
 * @param {string} text
 * @param {string} [username] who is behind it
 */
export function addLine(kind, text, username = '') {
  add({ id: '', kind, source: '', username, time: Date.now(), text, own: false, private: false, to: '' });
}

/**
 * Adds what we said to one person, which the server does not send back.
 * @param {string} text
 * @param {{id: string, username: string}} to
 */
export function addPrivate(text, to) {
  const { id, username } = me.value;
  add({ id: '', kind: 'message', source: id, username, time: Date.now(), text, own: true, private: true, to: to.username || t('people.anonymous') });
}

/** @param {Chat} m a message, live or of the history */
export function gotChat(m) {
  const text = typeof m.value === 'string' ? m.value : JSON.stringify(m.value ?? '');
  const live = m.type === 'chat';
  if (m.kind === 'caption') {
    if (live) showCaption(text);
    return;
  }
  const own = m.source !== undefined && m.source === me.value.id;
  const said = new Date(m.time ?? NaN).getTime();
  add({
    id: m.id ?? '',
    kind: !m.source && (!m.username || m.dest) ? 'server' : m.kind === 'me' ? 'me' : 'message',
    source: m.source ?? '',
    username: m.username ?? '',
    time: Number.isNaN(said) ? Date.now() : said,
    text,
    own,
    private: Boolean(m.dest),
    to: '',
  });
  if (!live || own || panel.value === 'chat') return;
  unread.value++;
  announce('chat', t('announce.chat', { name: m.username || t('people.anonymous'), text }));
}

/** @param {string} text */
function showCaption(text) {
  clearTimeout(captionTimer);
  caption.value = text;
  captionTimer = setTimeout(() => { caption.value = ''; }, CAPTION_LIFE);
}

/** @param {Omit<ChatEntry, 'group'>} entry */
function add(entry) {
  const old = chat.value;
  const last = old.at(-1);
  const together = last?.kind === 'message' && entry.kind === 'message' && last.source === entry.source && last.username === entry.username &&
    last.private === entry.private && last.to === entry.to && entry.time - last.time <= GROUP_GAP && last.group !== old.at(-MAX_GROUP)?.group;
  // Kept, so that the others stay when some go.
  const group = together ? last.group : ++lastGroup;
  chat.value = [...old.length < (isReadingBack ? MAX_READ : MAX_ENTRIES) ? old : old.slice(-KEPT), { ...entry, id: entry.id || `${LOCAL}${++lastId}`, group }];
}

/**
 * Whether the server has the message too.
 * @param {ChatEntry} entry
 */
export function isKept(entry) {
  return !entry.id.startsWith(LOCAL) && entry.source !== '';
}

/**
 * @typedef {object} ChatGroup entries under one header
 * @property {number} key
 * @property {ChatEntry} first
 * @property {ChatEntry[]} entries
 */

/**
 * Puts entries under their headers.
 * @param {ChatEntry[]} entries
 * @returns {ChatGroup[]}
 */
export function grouped(entries) {
  /** @type {ChatGroup[]} */
  const groups = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last?.key === entry.group) last.entries.push(entry);
    else groups.push({ key: entry.group, first: entry, entries: [entry] });
  }
  return groups;
}

/** @typedef {{text: string, href: string}} Piece a part of a message; href is empty for plain text */

/**
 * Finds the web addresses in a text.
 * @param {string} text
 * @returns {Piece[]}
 */
export function withLinks(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  // What ends a sentence is not of the address.
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?')\]]/gi)) {
    const [raw] = match;
    if (!URL.canParse(raw)) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), href: '' });
    pieces.push({ text: raw, href: new URL(raw).href });
    end = match.index + raw.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), href: '' });
  return pieces;
}

/** @param {import('../lib/messages.js').Notice} m a message of the server or an operator, of kind error, warning or info */
export function gotNotice(m) {
  const level = m.kind === 'error' || m.kind === 'warning' ? m.kind : 'info';
  const text = String(m.value ?? '');
  if (!m.source) return notify(level, t('notice.fromServer', { text }));
  const name = m.username || t('people.operator');
  notify(level, t('notice.from', { name, text }));
  addLine('notice', text, name);
}

/** @param {unknown} value what the server tells of a person that we asked about */
export function gotIdentity(value) {
  const { id = '', username = '', address = '' } = /** @type {Record<string, string | undefined>} */ (value ?? {});
  const text = t(address ? 'identify.known' : 'identify.unknown', { name: username || t('people.anonymous'), id, address });
  addLine('output', text);
  if (panel.value !== 'chat') notify('info', text);
}
