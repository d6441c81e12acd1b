// Short texts that come and go, and what is read aloud.

import { alarm, announcement, notices } from './store.js';
import { settings } from './settings.js';

/** How long a notice stays, ms. Errors stay until they are dismissed, and so do questions. */
const LIFE = 5000;
const LIFE_WITH_ACTION = 15_000;
/** Most notices at a time; the oldest makes room. */
const MAX = 3;

/** How many are remembered after they have gone, for a report. */
const REMEMBERED = 20;

let lastId = 0;
/** @type {{time: number, level: 'info' | 'warning' | 'error', text: string}[]} */
let past = [];

/** @returns the last notices, the oldest first; time in ms since 1970 */
export function pastNotices() {
  return past;
}

/**
 * Shows a text. The same text is not shown twice at a time.
 * @param {'info' | 'warning' | 'error'} level
 * @param {string} text
 * @param {import('./store.js').NoticeAction} [action] what can be done about it
 */
export function notify(level, text, action) {
  const id = ++lastId;
  past = [...past, { time: Date.now(), level, text }].slice(-REMEMBERED);
  const others = notices.value.filter((n) => n.text !== text);
  notices.value = [...others, { id, level, text, ...(action && { action }) }].slice(-MAX);
  read(level === 'info' ? announcement : alarm, text);
  if (level !== 'error') fade(id, action ? LIFE_WITH_ACTION : LIFE);
}

/**
 * Dismisses a notice after a while, but not while somebody points at the notices or has the focus in them.
 * @param {number} id
 * @param {number} life ms
 */
function fade(id, life) {
  setTimeout(() => (globalThis.document?.querySelector('.toasts:is(:hover, :focus-within)') ? fade(id, LIFE) : dismiss(id)), life);
}

/** @param {number} id */
export function dismiss(id) {
  notices.value = notices.value.filter((n) => n.id !== id);
}

/** Dismisses what is true no more. @param {string} text */
export function takeBack(text) {
  notices.value = notices.value.filter((n) => n.text !== text);
}

/**
 * Has a screen reader say what others do, if the person wants to hear it.
 * @param {'people' | 'hands' | 'chat'} about
 * @param {string} text
 */
export function announce(about, text) {
  const { announcePeople, announceHands, announceChat } = settings.value;
  const wanted = { people: announcePeople, hands: announceHands, chat: announceChat }[about];
  if (wanted) read(announcement, text);
}

/**
 * What is in a live region already is not read a second time.
 * @param {typeof alarm} region
 * @param {string} text
 */
function read(region, text) {
  region.value = region.value === text ? `${text}\u00a0` : text;
}
