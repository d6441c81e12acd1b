// Texts in the reader's language. Every visible string is looked up here by key.

import { bestLanguage, directionOf } from './languages.js';
import { changeSettings, settings } from './settings.js';
import { rootUrl } from './paths.js';
import { signal } from '../third-party/signals.js';

/** @typedef {Record<string, string | number>} Params */

/** @typedef {{texts: Record<string, string>, tag: string, region: string, plural: Intl.PluralRules}} Language region: tag for dates and numbers */

/** How long texts may take, ms. */
const PATIENCE = 8000;
/** How long after they could not be had they are asked for again, ms; longer each time. */
let again = 2000;
/** @type {Language['texts']} */
const NONE = {};

const language = signal(/** @type {Language} */ ({ texts: NONE, tag: 'en', region: 'en', plural: new Intl.PluralRules('en') }));

/**
 * @param {Record<string, string>} texts key to text, with {name} for parameters
 * @param {string} tag BCP 47 tag
 * @param {string} [region] the same language as it is used somewhere
 */
export function setMessages(texts, tag, region = tag) {
  // The Portuguese is that of Portugal, where it is 0 pessoas; the tag alone stands for that of Brazil.
  language.value = { texts, tag, region, plural: new Intl.PluralRules(tag === 'pt' ? 'pt-PT' : tag) };
}

/** @returns {string} tag of the language of the page */
export function languageTag() {
  return language.value.tag;
}

/** The directories of the texts that this page needs. */
let directories = ['locales'];

/** Fetches the texts of a page that is neither a call nor the first one: it has more of them. */
export function loadPageMessages() {
  directories = ['locales', 'locales/pages'];
  return loadMessages();
}

/** @param {string} tag @returns {string} that of the browser for none */
const tagOf = (tag) => tag || bestLanguage(navigator.languages);

/**
 * Fetches the texts of the language that the person has chosen, here or in the browser. Where they cannot be had the
 * page is in English, or in words made of the keys, and asks for them again.
 */
export async function loadMessages() {
  try {
    await show(tagOf(settings.peek().language));
  } catch (e) {
    console.warn(e);
    if (!hasTexts()) await show('en').catch(() => {});
    setTimeout(loadMessages, again);
    again *= 2;
  }
}

/** @param {string} tag of the language that the page is in from now on */
async function show(tag) {
  const parts = await Promise.all(directories.map(async (directory) => {
    const response = await fetch(rootUrl(`${directory}/${tag}.json`), { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`the texts could not be loaded: ${response.status}`);
    return response.json();
  }));
  setMessages(Object.assign({}, ...parts), tag, navigator.languages.find((l) => l.toLowerCase().split('-')[0] === tag));
  document.documentElement.lang = tag;
  document.documentElement.dir = directionOf(tag);
}

/** @returns {boolean} whether there are texts yet */
export function hasTexts() {
  return language.value.texts !== NONE;
}

/**
 * Changes the language now and for later.
 * @param {string} tag empty for that of the browser
 * @returns {Promise<void>} rejected if its texts cannot be had
 */
export async function chooseLanguage(tag) {
  await show(tagOf(tag));
  changeSettings({ language: tag });
}

/**
 * The text of a key. With a parameter `count` the form of the plural is chosen among `key_one`, `key_other`
 * and so on. A key without a text gives itself; where there are no texts at all, in words.
 * @param {string} key
 * @param {Params} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
  const { count } = params;
  const { texts, region, plural } = language.value;
  const text = (typeof count === 'number' ? texts[`${key}_${plural.select(count)}`] ?? texts[`${key}_other`] : undefined) ?? texts[key] ?? (texts === NONE ? inWords(key) : key);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name];
    if (value === undefined) return whole;
    // Names reverse nothing around them.
    return typeof value === 'number' ? new Intl.NumberFormat(region).format(value) : value.replace(/\p{Bidi_Control}/gu, '');
  });
}

/** @param {string} key @returns {string} what is in it beside the part of the page */
function inWords(key) {
  const words = key.replace(/^\w+\./, '').replace(/\./g, ' ').replace(/[A-Z]/g, ' $&').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {number} value
 * @param {number} digits after the point
 */
export function numberText(value, digits) {
  return new Intl.NumberFormat(language.value.region, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * @param {number} value
 * @param {string} unit as ECMA-402 calls it, such as `kilobit-per-second`
 * @param {number} [digits] after the point
 */
export function unitText(value, unit, digits = 0) {
  return new Intl.NumberFormat(language.value.region, { style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * The key of a text that was made of one: what was put in is left behind.
 * @param {string} text in the language of the page
 * @returns {string} empty for a text that was made of none
 */
export function keyOfText(text) {
  let found = '';
  let longest = 0;
  for (const [key, template] of Object.entries(language.peek().texts)) {
    const literal = template.replace(/\{\w+\}/g, '');
    // One that is nearly all parameter says nothing.
    if (literal.length <= longest || literal.replace(/\P{L}/gu, '').length < 3) continue;
    const pattern = template.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*');
    if (!new RegExp(`^${pattern}$`, 'u').test(text)) continue;
    [found, longest] = [key, literal.length];
  }
  return found;
}

const DAY = 86_400_000;
const CLOCK = /** @type {const} */ ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DATE = /** @type {const} */ ({ dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/**
 * @param {Date} date
 * @param {Date} now
 * @returns {number} days from now on by the calendar: -1 for yesterday, 0 for today
 */
function daysFromNow(date, now) {
  const [day, today] = [date, now].map((d) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()));
  return ((day ?? 0) - (today ?? 0)) / DAY;
}

/**
 * Day and time in the form given; yesterday, today and tomorrow are called so.
 * @param {Date} date
 * @param {Date} now
 * @param {Intl.DateTimeFormatOptions} form
 */
function dayAndTime(date, now, form) {
  const { region } = language.value;
  const parts = new Intl.DateTimeFormat(region, form).formatToParts(date);
  const days = daysFromNow(date, now);
  if (Math.abs(days) <= 1) {
    const isDay = (/** @type {Intl.DateTimeFormatPart} */ { type }) => ['day', 'month', 'year'].includes(type);
    const first = parts.findIndex(isDay);
    const value = new Intl.RelativeTimeFormat(region, { numeric: 'auto' }).format(days, 'day');
    parts.splice(first, parts.findLastIndex(isDay) - first + 1, { type: 'literal', value });
  }
  return parts.map((p) => p.value).join('');
}

/** @param {string} text one that stands by itself */
function capitalized(text) {
  return text.charAt(0).toLocaleUpperCase(language.value.region) + text.slice(1);
}

/**
 * @param {Date} date
 * @param {Date} [now]
 * @returns {string} hours and minutes, with the day when that is not today
 */
export function timeText(date, now = new Date()) {
  if (daysFromNow(date, now) === 0) return new Intl.DateTimeFormat(language.value.region, CLOCK).format(date);
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return capitalized(dayAndTime(date, now, { year, month: 'short', day: 'numeric', ...CLOCK }));
}

/**
 * @param {Date} date
 * @param {{now?: Date, alone?: boolean}} [options] alone: it is not part of a sentence
 * @returns {string} day and time
 */
export function dateText(date, { now = new Date(), alone = false } = {}) {
  const text = dayAndTime(date, now, DATE);
  return alone ? capitalized(text) : text;
}

/**
 * @param {Date} date
 * @returns {string} the day with its number, and the time
 */
export function fullDateText(date) {
  return new Intl.DateTimeFormat(language.value.region, DATE).format(date);
}

/** Units of the amount of data: bytes, and powers of 1000 of them. */
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/**
 * @param {number} bytes
 * @returns {string} such as 2.1 MB
 */
export function sizeText(bytes) {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return new Intl.NumberFormat(language.value.region, {
    style: 'unit', unit: UNITS[power], unitDisplay: power === 0 ? 'long' : 'short', maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(bytes / 1000 ** power);
}

/**
 * @param {string[]} items
 * @returns {string} as a list is read aloud
 */
export function listText(items) {
  return new Intl.ListFormat(language.value.region).format(items);
}
