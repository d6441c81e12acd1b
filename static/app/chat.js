// The chat: what was said, and saying something.

import { t, timeText } from './i18n.js';
import { notify } from './notices.js';
import { announcement, chat, me, panel, unread } from './store.js';

/** @typedef {import('./store.js').ChatEntry} ChatEntry */
/** @typedef {import('../lib/messages.js').Chat} Chat */

/** Two messages of one sender share a header if they are at most this far apart, ms. */
const GROUP_GAP = 60_000;
/** Most entries on the screen; the oldest go. */
const MAX_ENTRIES = 1000;

let lastId = 0;

/** Empties the pane: the server replays the history at every join. */
export function clearChat() {
  chat.value = [];
  unread.value = 0;
}

/**
 * Takes messages away.
 * @param {unknown} what value of `clearchat`: absent for all, else by user or by message
 */
export function clearMessages(what) {
  if (typeof what !== 'object' || what === null || Object.keys(what).length === 0) return clearChat();
  const { userId, id } = /** @type {{userId?: string, id?: string}} */ (what);
  chat.value = chat.value.filter((e) => e.source !== userId || (id !== undefined && e.id !== id));
}

/** Marks the place where the history ends. */
export function markJoined() {
  addLine('event', t('chat.youJoined', { time: timeText(new Date()) }));
}

/**
 * @param {'event' | 'server'} kind
 * @param {string} text
 */
export function addLine(kind, text) {
  add({ id: '', kind, source: '', username: '', time: Date.now(), text, own: false, private: false });
}

/** @param {Chat} m a message, live or of the history */
export function gotChat(m) {
  if (m.kind === 'caption') return;
  const live = m.type === 'chat';
  const own = m.source !== undefined && m.source === me.value.id;
  const said = new Date(m.time ?? NaN).getTime();
  add({
    id: m.id ?? '',
    kind: !m.source && !m.username ? 'server' : m.kind === 'me' ? 'me' : 'message',
    source: m.source ?? '',
    username: m.username ?? '',
    time: Number.isNaN(said) ? Date.now() : said,
    text: typeof m.value === 'string' ? m.value : JSON.stringify(m.value ?? ''),
    own,
    private: Boolean(m.dest),
  });
  if (!live || own || panel.value === 'chat') return;
  unread.value++;
  announcement.value = t('announce.chat', { name: m.username || t('people.anonymous'), text: String(m.value) });
}

/** @param {ChatEntry} entry */
function add(entry) {
  const id = entry.id || `local-${++lastId}`;
  chat.value = [...chat.value, { ...entry, id }].slice(-MAX_ENTRIES);
}

/**
 * @typedef {object} ChatGroup entries under one header
 * @property {string} key
 * @property {ChatEntry} first
 * @property {ChatEntry[]} entries
 */

/**
 * Puts messages of one sender that follow one another closely under one header.
 * @param {ChatEntry[]} entries
 * @returns {ChatGroup[]}
 */
export function grouped(entries) {
  /** @type {ChatGroup[]} */
  const groups = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    const before = last?.entries.at(-1);
    if (last && before && together(before, entry)) last.entries.push(entry);
    else groups.push({ key: `${entry.id}:${groups.length}`, first: entry, entries: [entry] });
  }
  return groups;
}

/**
 * @param {ChatEntry} a
 * @param {ChatEntry} b the one after it
 */
function together(a, b) {
  return a.kind === 'message' && b.kind === 'message' && a.source === b.source && a.username === b.username &&
    a.private === b.private && b.time - a.time <= GROUP_GAP;
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
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]+/gi)) {
    const raw = match[0].replace(/[.,;:!?'")\]]+$/, '');
    if (!URL.canParse(raw)) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), href: '' });
    pieces.push({ text: raw, href: new URL(raw).href });
    end = match.index + raw.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), href: '' });
  return pieces;
}

/**
 * What a typed line means: a message, one in the third person, or an unknown command.
 * @param {string} line
 * @returns {{kind: '' | 'me', text: string} | null} null for a command that does not exist
 */
export function parseLine(line) {
  if (!line.startsWith('/')) return { kind: '', text: line };
  if (line.startsWith('//')) return { kind: '', text: line.slice(1) };
  const third = /^\/me\s+(.*)$/s.exec(line);
  return third?.[1] ? { kind: 'me', text: third[1] } : null;
}

/**
 * @param {import('../lib/messages.js').Notice} m a message of the server or an operator, of kind error, warning or info
 */
export function gotNotice(m) {
  const level = m.kind === 'error' ? 'error' : m.kind === 'warning' ? 'warning' : 'info';
  const text = String(m.value ?? '');
  notify(level, m.source && m.username ? t('notice.from', { name: m.username, text }) : t('notice.fromServer', { text }));
}
