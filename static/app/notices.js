// Short texts that come and go, and what is read aloud.

import { alarm, announcement, notices } from './store.js';

/** How long a notice stays, ms. Errors stay until they are dismissed. */
const LIFE = 5000;
/** Most notices at a time; the oldest makes room. */
const MAX = 3;

let lastId = 0;

/**
 * Shows a text. The same text is not shown twice at a time.
 * @param {'info' | 'warning' | 'error'} level
 * @param {string} text
 */
export function notify(level, text) {
  const id = ++lastId;
  const others = notices.value.filter((n) => n.text !== text);
  notices.value = [...others, { id, level, text }].slice(-MAX);
  (level === 'info' ? announcement : alarm).value = text;
  if (level !== 'error') setTimeout(() => dismiss(id), LIFE);
}

/** @param {number} id */
export function dismiss(id) {
  notices.value = notices.value.filter((n) => n.id !== id);
}
