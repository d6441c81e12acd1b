import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { change, changes, changeAll, closeRoom, done, malformed, openRoom, problem, removeRoom, room, save } from '../../app/admin.js';
import { addInvitation, addLogin, countPeople, counts, invitations, loadInvitations, loadLogins, logins } from '../../app/admin-people.js';
import { setMessages } from '../../app/i18n.js';

setMessages(JSON.parse(await readFile(new URL('../../locales/pages/en.json', import.meta.url), 'utf8')), 'en');

const original = globalThis.fetch;
/** The files of the rooms. @type {Record<string, object>} */
let files = {};
/** Who can log in to a room, and the invitations to it. @type {Record<string, string[]>} */
let lists = {};
/** Requests that wait until the test lets them go, by method and the end of the address. @type {Map<string, (() => void)[]>} */
let held = new Map();
/** Those that are to wait. @type {string[]} */
let hold = [];

/** @param {string} name */
function release(name) {
  for (const go of held.get(name) ?? []) go();
}

beforeEach(() => {
  files = { a: { contact: 'ada' }, b: { contact: 'bob' } };
  lists = { '.users/': ['zoe'], '.tokens/': [] };
  held = new Map();
  hold = [];
  globalThis.fetch = async (url, init) => {
    const { method = 'GET', body = '' } = init ?? {};
    if (!String(url).includes('.groups/')) return Response.json([]);
    const path = String(url).replace(/.*\.groups\//, '');
    const name = `${method} ${path}`;
    // What is answered is as it was when it was asked for.
    const list = Object.entries(lists).find(([end]) => path.endsWith(end))?.[1];
    if (hold.includes(name)) await new Promise((resolve) => { held.set(name, [...held.get(name) ?? [], () => resolve(undefined)]); });
    if (path.endsWith('.password')) return Response.json({ error: 'too long' }, { status: 400 });
    if (method === 'POST') return new Response(null, { status: 201, headers: { Location: `/${path}zoe` } });
    if (method === 'GET' && (list || path === '')) return Response.json(list ?? Object.keys(files));
    if (method === 'DELETE') delete files[path];
    else if (method !== 'GET') files[path] = JSON.parse(String(body));
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
  release('GET a');
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
  release('PUT a');
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

test('a room that is opened while another one is being deleted stays open, with what was changed in it', async () => {
  await openRoom('a');
  hold = ['DELETE a'];
  const removing = removeRoom('a');
  await settle();
  await openRoom('b');
  change('contact', 'eve');
  release('DELETE a');
  assert.equal(await removing, true, problem.value);
  assert.deepEqual([Object.keys(files), room.value?.name, changes.value], [['b'], 'b', ['contact']]);
});

for (const { what, path, load, add, shown, said } of [
  { what: 'logins', path: '.users/', load: loadLogins, add: () => addLogin('a', 'zoe', 'present', ''), shown: () => [logins.value?.map((l) => l.name), counts.value.logins], said: /zoe can log in now/ },
  { what: 'invitations', path: '.tokens/', load: loadInvitations, add: () => addInvitation('a', { permissions: ['present'], expires: '2999-01-01T00:00:00Z' }), shown: () => [invitations.value?.map((i) => i.name), counts.value.invitations], said: /./ },
]) {
  test(`a list of ${what} that comes late takes the place of no newer one, nor of what was said of that`, async () => {
    await openRoom('a');
    lists[path] = [];
    hold = [`GET a/${path}`];
    countPeople('a');
    const late = load('a');
    await settle();
    hold = [];
    lists[path] = ['zoe'];
    assert.equal(await add(), true);
    const before = shown();
    release(`GET a/${path}`);
    await late;
    await settle();
    assert.deepEqual(shown(), before);
    assert.equal(before[1], 1);
    assert.match(done.value, said);
  });
}
