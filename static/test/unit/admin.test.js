import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { change, changes, changeAll, closeRoom, done, malformed, openRoom, problem, room, save } from '../../app/admin.js';
import { addLogin, logins } from '../../app/admin-people.js';
import { setMessages } from '../../app/i18n.js';

setMessages(JSON.parse(await readFile(new URL('../../locales/pages/en.json', import.meta.url), 'utf8')), 'en');

const original = globalThis.fetch;
/** The files of the rooms. @type {Record<string, object>} */
let files = {};
/** Requests that wait until the test lets them go, by method and the end of the address. @type {Map<string, () => void>} */
let held = new Map();
/** Those that are to wait. @type {string[]} */
let hold = [];

beforeEach(() => {
  files = { a: { contact: 'ada' }, b: { contact: 'bob' } };
  held = new Map();
  hold = [];
  globalThis.fetch = async (url, init) => {
    const { method = 'GET', body = '' } = init ?? {};
    const path = String(url).replace(/.*\.groups\//, '');
    const name = `${method} ${path}`;
    if (hold.includes(name)) await new Promise((resolve) => { held.set(name, () => resolve(undefined)); });
    if (path.endsWith('.password')) return Response.json({ error: 'too long' }, { status: 400 });
    if (path.endsWith('.users/') || path === '') return Response.json(path === '' ? Object.keys(files) : ['zoe']);
    if (method !== 'GET') files[path] = JSON.parse(String(body));
    return method === 'GET' ? Response.json(files[path] ?? {}, { headers: { ETag: '"1"' } }) : new Response(null, { status: 204 });
  };
});

afterEach(() => {
  closeRoom();
  globalThis.fetch = original;
});

test('the room that was asked for last is the one that is shown', async () => {
  hold = ['GET a'];
  const first = openRoom('a');
  await openRoom('b');
  held.get('GET a')?.();
  await first;
  assert.equal(room.value?.name, 'b');
});

test('what is changed while a room is being saved is not lost', async () => {
  await openRoom('a');
  change('contact', 'eve');
  hold = ['PUT a'];
  const saving = save();
  await settle();
  change('description', 'new');
  held.get('PUT a')?.();
  await saving;
  assert.deepEqual([files['a'], room.value?.draft, changes.value], [{ contact: 'eve' }, { contact: 'eve', description: 'new' }, ['description']]);
});

test('what is no JSON is not said to be saved', async () => {
  await openRoom('a');
  changeAll({ contact: 'eve' });
  malformed.value = true;
  assert.equal(await save(), false);
  assert.deepEqual([done.value, files['a']], ['', { contact: 'ada' }]);
  assert.match(problem.value, /no JSON/);
  malformed.value = false;
});

test('a login whose password was refused is shown, and why', async () => {
  await openRoom('a');
  assert.equal(await addLogin('a', 'zoe', 'present', 'x'), false);
  assert.match(problem.value, /too long/);
  assert.deepEqual(logins.value?.map((l) => l.name), ['zoe', null]);
});
