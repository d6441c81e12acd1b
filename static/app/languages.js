// The languages that there are texts in, and which of them a person reads.

/** Tags as of BCP 47, with the languages' own names for themselves, in the order of the choice. */
export const LANGUAGES = [
  { tag: 'ar', name: 'العربية' }, { tag: 'de', name: 'Deutsch' }, { tag: 'en', name: 'English' }, { tag: 'es', name: 'Español' },
  { tag: 'fr', name: 'Français' }, { tag: 'it', name: 'Italiano' }, { tag: 'pt', name: 'Português' },
];

/** Those that are written from right to left. */
const RIGHT_TO_LEFT = ['ar'];

/**
 * @param {readonly string[]} wanted tags, the most wanted first
 * @returns {string} the first of ours among them, English if there is none
 */
export function bestLanguage(wanted) {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    if (LANGUAGES.some((l) => l.tag === base)) return base ?? 'en';
  }
  return 'en';
}

/** @param {string} tag */
export function directionOf(tag) {
  return RIGHT_TO_LEFT.includes(tag) ? 'rtl' : 'ltr';
}
