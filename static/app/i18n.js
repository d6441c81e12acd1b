// Texts in the reader's language. Every visible string is looked up here by key.

import { rootUrl } from './paths.js';

/** @typedef {Record<string, string | number>} Params */

/** @type {Record<string, string>} */
let messages = {};
let language = 'en';
let plural = new Intl.PluralRules(language);

/**
 * @param {Record<string, string>} table key to text, with {name} for parameters
 * @param {string} lang BCP 47 tag
 */
export function setMessages(table, lang) {
  messages = table;
  language = lang;
  plural = new Intl.PluralRules(lang);
}

/** Fetches the texts; to be awaited before anything is drawn. */
export async function loadMessages() {
  const response = await fetch(rootUrl('locales/en.json'));
  if (!response.ok) throw new Error(`the texts could not be loaded: ${response.status}`);
  setMessages(await response.json(), 'en');
  document.documentElement.lang = language;
}

/**
 * The text of a key. With a parameter `count` the form of the language's plural is chosen among
 * `key_one`, `key_other` and so on. A key without a text gives itself, so that nothing is hidden.
 * @param {string} key
 * @param {Params} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
  const { count } = params;
  const text = (typeof count === 'number' ? messages[`${key}_${plural.select(count)}`] : undefined) ?? messages[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}

/**
 * @param {number} value
 * @param {number} digits after the point
 */
export function numberText(value, digits) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * @param {Date} date
 * @param {Date} [now]
 * @returns {string} hours and minutes, with the day when that is not today
 */
export function timeText(date, now = new Date()) {
  const sameDay = date.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(language, sameDay
    ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
    : { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
}
