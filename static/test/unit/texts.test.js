import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { dateText, fullDateText, keyOfText, setMessages, t, timeText } from '../../app/i18n.js';
import { bestLanguage, directionOf, LANGUAGES } from '../../app/languages.js';
import { modulesOf } from '../modules.js';

const root = new URL('../../', import.meta.url);

/** @returns {Promise<string>} every module that may show a text */
async function sources() {
  const parts = [];
  for (const dir of ['app', 'ui', 'pages']) {
    const names = await readdir(new URL(dir, root), { recursive: true });
    for (const name of names.filter((n) => n.endsWith('.js'))) parts.push(await readFile(new URL(`${dir}/${name}`, root), 'utf8'));
  }
  for (const page of WRITTEN) for (const [, key] of (await readFile(new URL(page, root), 'utf8')).matchAll(/data-l10n="([^"]+)"/g)) parts.push(`'${key}'`);
  return parts.join('\n');
}

/** Where texts are written in English and marked with their keys. */
const WRITTEN = ['404.html', '../webserver/recordings/listing.html', '../webserver/recordings/refused.html'];
/** Texts that are chosen by the server, and so named in no page. */
const CHOSEN = ['recordings.seconds', 'recordings.minutes', 'recordings.hours'];

/** @returns {Promise<Record<string, string>>} */
const english = () => catalogue('en');

/** @param {string} key */
const base = (key) => key.replace(/_(zero|one|two|few|many|other)$/, '');

test('every key that is used has a text', async () => {
  const texts = await english();
  const keys = new Set(Object.keys(texts).map(base));
  const families = new Set([...keys].map((k) => k.split('.')[0]));
  const used = [...(await sources()).matchAll(/'([a-z]+(?:\.[A-Za-z]+)+)'/g)].map((m) => m[1] ?? '').filter((k) => families.has(k.split('.')[0]) && !/\.(js(on)?|html)$/.test(k));
  assert.ok(used.length > 100);
  for (const key of used) assert.ok(keys.has(key), `no text for ${key}`);
});

test('no key has two texts', async () => {
  for (const directory of ['locales/', 'locales/pages/']) {
    for (const name of (await readdir(new URL(directory, root))).filter((n) => n.endsWith('.json'))) {
      const keys = [...(await readFile(new URL(directory + name, root), 'utf8')).matchAll(/^\s*"([^"]+)":/gm)].map((m) => m[1]);
      assert.deepEqual(keys.filter((k, i) => keys.indexOf(k) !== i), [], directory + name);
    }
  }
});

test('every text is used', async () => {
  const code = await sources();
  for (const key of Object.keys(await english()).filter((k) => !CHOSEN.includes(k))) assert.ok(code.includes(`'${base(key)}'`), `${key} is not used`);
});

/** @param {string} path @returns {Promise<Record<string, string>>} */
const texts = async (path) => JSON.parse(await readFile(new URL(path, root), 'utf8'));

/** @param {string} tag */
const catalogue = async (tag) => ({ ...await texts(`locales/${tag}.json`), ...await texts(`locales/pages/${tag}.json`) });

test('no text is in both catalogues, and neither a call nor the first page needs the second', async () => {
  const [call, pages] = [Object.keys(await texts('locales/en.json')), Object.keys(await texts('locales/pages/en.json'))];
  assert.deepEqual(pages.filter((key) => call.includes(key)), []);
  const pagesOnly = pages.map((key) => `'${base(key)}'`);
  for (const entry of ['pages/group.js', 'pages/index.js']) {
    for (const path of [entry, ...await modulesOf(entry, { lazy: true })]) {
      const code = await readFile(new URL(path, root), 'utf8');
      assert.deepEqual(pagesOnly.filter((key) => code.includes(key)), [], path);
    }
  }
});

test('what a page says without a script is the English of its key', async () => {
  const en = await english();
  for (const page of WRITTEN) {
    const found = [...(await readFile(new URL(page, root), 'utf8')).matchAll(/data-l10n="([a-zA-Z.]+)"[^>]*>([^<]*)</g)];
    assert.ok(found.length > 2, page);
    for (const [, key = '', text = ''] of found) if (!text.includes('{{')) assert.equal(text, en[key], `${page}: ${key}`);
  }
});

/** Forms that no number that people count calls for, and that the form `other` stands in for. */
const NEVER = ['zero', 'many'];

for (const { tag } of LANGUAGES) {
  test(`texts in ${tag}: all there, none too many, with their parameters and plural forms`, async () => {
    const [own, en] = await Promise.all([catalogue(tag), english()]);
    assert.deepEqual([...new Set(Object.keys(own).map(base))], [...new Set(Object.keys(en).map(base))]);
    const parameters = (/** @type {string} */ text) => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();
    const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    for (const [key, text] of Object.entries(own)) {
      assert.notEqual(text.trim(), '', key);
      // Languages have words for one and two things.
      const without = /_(one|two)$/.test(key) && !text.includes('{count}') ? ['{count}'] : [];
      assert.deepEqual([...parameters(text), ...without].sort(), parameters(en[key] ?? en[`${base(key)}_other`] ?? ''), key);
      if (!key.endsWith('_other')) continue;
      for (const form of forms.filter((f) => tag === 'ar' ? f !== 'zero' : !NEVER.includes(f))) assert.ok(own[`${base(key)}_${form}`], `${key}: no form ${form}`);
    }
  });
}

test('there is a catalogue for every language, and no other', async () => {
  const names = LANGUAGES.map((l) => `${l.tag}.json`).sort();
  assert.deepEqual((await readdir(new URL('locales', root))).sort(), [...names, 'pages'].sort());
  assert.deepEqual((await readdir(new URL('locales/pages', root))).sort(), names);
});

test('the language is the first of those wanted that there is', () => {
  for (const [wanted, want] of /** @type {[string[], string][]} */ ([
    [['fr-CA', 'en'], 'fr'], [['nl', 'de-AT'], 'de'], [['pt-BR'], 'pt'], [['ar'], 'ar'], [['EN-us', 'fr'], 'en'], [['ja', 'zh-Hant'], 'en'], [[], 'en'],
  ])) assert.equal(bestLanguage(wanted), want, wanted.join());
  assert.deepEqual(['ar', 'en'].map(directionOf), ['rtl', 'ltr']);
});

test('style sheets know no left and right, so that they can be mirrored', async () => {
  for (const dir of ['css/', 'css/ui/']) {
    for (const name of (await readdir(new URL(dir, root))).filter((n) => n.endsWith('.css'))) {
      // Tiles are moved from the left edge to places that the layout computes, and it mirrors nothing.
      const css = (await readFile(new URL(dir + name, root), 'utf8')).replace('[dir="rtl"] .tile { left: 0; right: auto; }', '');
      for (const [whole, , right, , left] of css.matchAll(/(?:padding|margin): ([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);/g)) assert.equal(right, left, `${name}: ${whole}`);
      assert.doesNotMatch(css, /(margin|padding|border)-(left|right)\b|[{;\s](left|right)\s*:|text-align:\s*(left|right)|float:/, name);
    }
  }
});

test('the voice of the texts: no exclamation marks, no pleading', async () => {
  for (const [key, text] of Object.entries(await english())) assert.doesNotMatch(text, /!|\bplease\b|\boops\b/i, key);
});

test('parameters and plurals are put in', () => {
  setMessages({ 'a.b': 'Hello {name}, {missing}', 'a.n_one': '{count} person', 'a.n_other': '{count} people' }, 'en');
  assert.equal(t('a.b', { name: '{count}' }), 'Hello {count}, {missing}');
  assert.equal(t('a.n', { count: 1 }), '1 person');
  assert.equal(t('a.n', { count: 1200 }), '1,200 people');
  assert.equal(t('a.unknown'), 'a.unknown');
  for (const [tag, want] of [['pt', '0 people'], ['fr', '0 person'], ['de', '0 people']]) {
    setMessages({ 'a.n_one': '{count} person', 'a.n_other': '{count} people' }, String(tag));
    assert.equal(t('a.n', { count: 0 }), want, tag);
  }
});

test('a time of another day says which', () => {
  const now = new Date(2030, 0, 2, 15, 0);
  setMessages({}, 'en');
  assert.equal(timeText(new Date(2030, 0, 2, 9, 5), now), '09:05');
  assert.equal(timeText(new Date(2030, 0, 1, 9, 5), now), 'Yesterday, 09:05');
  assert.equal(timeText(new Date(2029, 11, 31, 9, 5), now), 'Dec 31, 2029, 09:05');
  assert.equal(timeText(new Date(2030, 1, 3, 9, 5), now), 'Feb 3, 09:05');
});

test('days are told as people call them', () => {
  const now = new Date(2030, 2, 1, 0, 10);
  const [today, yesterday, tomorrow] = [new Date(2030, 2, 1, 23, 59), new Date(2030, 1, 28, 23, 50), new Date(2030, 2, 2, 12, 5)];
  for (const [tag, ...want] of [
    ['en', 'today, 23:59', 'yesterday, 23:50', 'tomorrow, 12:05'], ['de', 'heute, 23:59', 'gestern, 23:50', 'morgen, 12:05'],
    ['fr', 'aujourd’hui, 23:59', 'hier, 23:50', 'demain, 12:05'], ['es', 'hoy, 23:59', 'ayer, 23:50', 'mañana, 12:05'],
    ['it', 'oggi, 23:59', 'ieri, 23:50', 'domani, 12:05'], ['pt', 'hoje, 23:59', 'ontem, 23:50', 'amanhã, 12:05'],
    ['ar', 'اليوم، 23:59', 'أمس، 23:50', 'غدًا، 12:05'],
  ]) {
    setMessages({}, String(tag));
    assert.deepEqual([today, yesterday, tomorrow].map((date) => dateText(date, { now })), want, tag);
  }
  setMessages({}, 'en');
  assert.equal(dateText(today, { now, alone: true }), 'Today, 23:59');
  assert.equal(dateText(new Date(2030, 1, 27, 14, 16), { now }), 'Feb 27, 2030, 14:16');
  assert.equal(dateText(new Date(2030, 2, 3, 14, 16), { now }), 'Mar 3, 2030, 14:16');
  assert.equal(fullDateText(today), 'Mar 1, 2030, 23:59');
});

test('a text that was shown is told by its key, without what was put in', () => {
  setMessages({ 'a.name': '{name}: {text}', 'a.muted': '{name} muted you.', 'a.you': '{name} (you) muted you.', 'a.plain': 'Locked (for now).' }, 'en');
  for (const [text, want] of [['Ada muted you.', 'a.muted'], ['Ada (you) muted you.', 'a.you'], ['Locked (for now).', 'a.plain'], ['Ada: hello', ''], ['', '']]) {
    assert.equal(keyOfText(String(text)), want);
  }
});
