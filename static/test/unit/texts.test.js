import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setMessages, t, timeText } from '../../app/i18n.js';

const root = new URL('../../', import.meta.url);

/** @returns {Promise<string>} every module that may show a text */
async function sources() {
  const parts = [];
  for (const dir of ['app', 'ui', 'pages']) {
    for (const name of await readdir(new URL(dir, root))) parts.push(await readFile(new URL(`${dir}/${name}`, root), 'utf8'));
  }
  return parts.join('\n');
}

/** @returns {Promise<Record<string, string>>} */
const english = async () => JSON.parse(await readFile(new URL('locales/en.json', root), 'utf8'));

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

test('every text is used', async () => {
  const code = await sources();
  for (const key of Object.keys(await english())) assert.ok(code.includes(`'${base(key)}'`), `${key} is not used`);
});

test('plural forms are complete', async () => {
  const texts = await english();
  for (const key of Object.keys(texts).filter((k) => k.endsWith('_one'))) assert.ok(texts[`${base(key)}_other`], key);
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
});

test('a time of another day says which', () => {
  const now = new Date(2030, 0, 2, 15, 0);
  assert.equal(timeText(new Date(2030, 0, 2, 9, 5), now), '09:05');
  assert.match(timeText(new Date(2030, 0, 1, 9, 5), now), /Jan 1.*09:05/);
});
