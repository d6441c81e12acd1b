// Puts the reader's language into a page that the server wrote: there, elements say the keys of their texts.

import { dateText, fullDateText, hasTexts, sizeText, t } from '../app/i18n.js';

/** Parameters that are numbers. */
const NUMBERS = ['count', 'hours', 'minutes'];

/**
 * Elements with `data-l10n` get the text of that key; what else is in their data are its parameters. Those with `data-l10n-title` get that key's text as their title.
 * Those with `data-bytes`, and times, get what is said there as it is written in the language; times have the date as their title.
 */
export function localize() {
  // What the server wrote is better than nothing.
  if (!hasTexts()) return;
  /** @type {NodeListOf<HTMLElement>} */
  const marked = document.querySelectorAll('[data-l10n]');
  for (const element of marked) {
    const params = Object.entries(element.dataset).map(([name, value = '']) => [name, NUMBERS.includes(name) ? Number(value) : value]);
    element.textContent = t(element.dataset['l10n'] ?? '', Object.fromEntries(params));
  }
  /** @type {NodeListOf<HTMLElement>} */
  const titled = document.querySelectorAll('[data-l10n-title]');
  for (const element of titled) element.title = t(element.dataset['l10nTitle'] ?? '');
  /** @type {NodeListOf<HTMLElement>} */
  const sizes = document.querySelectorAll('[data-bytes]');
  for (const element of sizes) element.textContent = sizeText(Number(element.dataset['bytes']));
  for (const element of document.querySelectorAll('time')) {
    const date = new Date(element.dateTime);
    element.textContent = dateText(date, { alone: true });
    element.title = fullDateText(date);
  }
}
