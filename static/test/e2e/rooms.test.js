import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { until } from './support/wait.js';

const CONFIG = { users: { root: { password: 'geheim', permissions: 'admin' } }, writableGroups: true };
const REFUSED = [/Failed to load resource/];
const TABS = ['General', 'People and passwords', 'Invitations', 'Sign-in', 'JSON'];

/** @param {Person} person @param {string} password */
async function signIn(person, password) {
  await person.page.getByLabel('Name').fill('root');
  await person.page.getByLabel('Password').fill(password);
  await person.button('Sign in').click();
}

everywhereIfAsked('an administrator makes a room, lets people in, and takes it away again', async (t, start) => {
  const server = await startServer(t, { 'physics/101': { ...GROUP, public: true, displayName: 'Lecture hall' } }, CONFIG);
  const browser = await start(t);
  const [root, ada] = [await Person.arrive(browser, { colorScheme: 'light' }), await Person.arrive(browser)];
  await root.page.goto(`${server.url}admin`);
  await root.page.waitForURL(`${server.url}admin/`);
  await signIn(root, 'wrong');
  await root.page.getByText('That is not the name and password of an administrator.').waitFor();
  await assertAccessible(root, 'sign-in');
  await signIn(root, 'geheim');
  await root.page.getByRole('button', { name: /Lecture hall/ }).click();
  await root.page.getByRole('heading', { name: 'Lecture hall' }).waitFor();
  for (const name of TABS) {
    await root.page.getByRole('tab', { name }).click();
    await assertAccessible(root, name);
  }

  await root.button('New room').click();
  await root.page.getByLabel('Name of the room').fill('physics/101');
  await root.button('Create').click();
  await root.page.getByRole('dialog').getByRole('alert').waitFor();
  await assertAccessible(root, 'new room');
  await root.page.getByLabel('Name of the room').fill('board');
  await root.button('Create').click();
  await root.page.getByRole('heading', { name: 'board' }).waitFor();
  await root.page.getByLabel('Display name').fill('The <board>');
  await root.page.getByLabel('People at most').fill('12');
  await root.page.getByRole('switch', { name: 'Public' }).click();
  await root.page.getByText('3 changes not saved.').waitFor();
  await root.button('Save').click();
  await root.page.getByText('Saved.', { exact: true }).waitFor();
  assert.deepEqual(JSON.parse(await readFile(join(server.dir, 'groups', 'board.json'), 'utf8')), { displayName: 'The <board>', 'max-clients': 12, public: true });

  await root.page.getByRole('tab', { name: 'People and passwords' }).click();
  await root.page.getByText('Nobody can log in yet.').waitFor();
  const form = root.page.getByRole('form', { name: 'Add a person' });
  await form.getByLabel('Name').fill('ada');
  await form.getByLabel('Password').fill('lovelace');
  await form.getByLabel('May').selectOption('Operator');
  await form.getByRole('button', { name: 'Add' }).click();
  await root.page.getByText('ada can log in now.').waitFor();
  await ada.join(server.group('board'), 'ada', 'lovelace', { devices: false });
  await ada.page.getByRole('heading', { name: 'The <board>' }).waitFor();
  await root.page.getByRole('row', { name: /ada/ }).getByLabel('New password for ada').fill('byron');
  await root.page.getByRole('row', { name: /ada/ }).getByRole('button', { name: 'Set' }).click();
  await root.page.getByText('The password of ada is set.').waitFor();
  await ada.button('Leave').click();
  await ada.page.goto(server.group('board'));
  await ada.enter('ada', 'byron');
  await ada.button('Leave').waitFor();

  await root.page.getByRole('tab', { name: 'Invitations' }).click();
  await root.page.getByRole('form', { name: 'New invitation' }).getByRole('button', { name: 'Create link' }).click();
  const row = root.page.getByRole('row', { name: /Anybody/ });
  await row.getByText('present and write').or(row.getByText('present')).first().waitFor();
  await row.getByRole('button', { name: 'Revoke' }).click();
  await root.page.getByText('There are no invitations to this room.').waitFor();

  await t.test('what somebody else has changed is not overwritten', async () => {
    await root.page.getByRole('tab', { name: 'General' }).click();
    await root.page.getByLabel('Contact').fill('me');
    const response = await fetchAs(root, `${server.url}galene-api/v0/.groups/board`);
    assert.equal(response, 204);
    await root.button('Save').click();
    await root.page.getByText('Somebody else has changed this meanwhile.').waitFor();
  });

  await root.page.setViewportSize({ width: 360, height: 740 });
  for (const name of TABS) {
    await root.page.getByRole('tab', { name }).click();
    await assertFits(root, name);
  }
  await root.button('More').click();
  await root.page.getByRole('menuitem', { name: 'Delete room…' }).click();
  await assertAccessible(root, 'deletion');
  await root.button('Delete').click();
  await root.page.getByRole('button', { name: /board/ }).waitFor({ state: 'detached' });
  await until('the file is gone', () => readFile(join(server.dir, 'groups', 'board.json')).then(() => false, () => true));
  for (const person of [root, ada]) await person.assertNoProblems(REFUSED);
});

/** Somebody else writes the group. @param {Person} person @param {string} url */
function fetchAs(person, url) {
  return person.page.evaluate(async (address) => (await fetch(address, {
    method: 'PUT', body: '{"description":"changed"}', headers: { 'Content-Type': 'application/json', Authorization: `Basic ${btoa('root:geheim')}` },
  })).status, url);
}

everywhereIfAsked('the tabs of a room say how many people and invitations are in them', async (t, start) => {
  const server = await startServer(t, { empty: {}, example: { ...GROUP, 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'observe' } } }, CONFIG);
  const root = await Person.arrive(await start(t));
  const tab = (/** @type {string} */ name) => root.page.getByRole('tab', { name, exact: true });
  await root.page.goto(`${server.url}admin/`);
  await signIn(root, 'geheim');
  await root.page.getByRole('button', { name: /empty/ }).click();
  await tab('People and passwords 0').waitFor();
  await root.page.getByRole('button', { name: /example/ }).click();
  await tab('Invitations 0').waitFor();
  await tab('People and passwords 3').click();
  await root.page.getByRole('row', { name: /Everybody/ }).waitFor();
  await tab('People and passwords 3').waitFor();
  await assertAccessible(root, 'tabs with counts');
  await root.button('Delete carol').click();
  await assertAccessible(root, 'the question before a login is deleted');
  await root.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await tab('People and passwords 2').waitFor();
  await t.test('which are told of while they are loading, and when they cannot be had', async () => {
    const pane = root.page.getByRole('tabpanel');
    for (const [name, path, other, found] of /** @type {const} */ ([
      ['Invitations', '.tokens', 'People and passwords', 'There are no invitations to this room.'], ['People and passwords', '.users', 'Invitations', 'alice'],
    ])) {
      const address = `**/example/${path}/`;
      const open = async () => { for (const which of [other, name]) await root.page.getByRole('tab', { name: which }).click(); };
      await root.page.route(address, () => {});
      await open();
      await pane.locator('[aria-busy="true"]').waitFor();
      await root.page.unrouteAll({ behavior: 'ignoreErrors' });
      await root.page.route(address, (route) => route.abort());
      await open();
      await root.page.getByRole('alert').getByText('The server cannot be reached. Try again.').waitFor();
      await pane.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      await assertAccessible(root, `${name} that cannot be had`);
      await root.page.unrouteAll();
      await pane.getByRole('button', { name: 'Try again' }).click();
      await pane.getByText(found).first().waitFor();
      await root.page.getByRole('alert').waitFor({ state: 'detached' });
    }
  });
  await tab('Invitations 0').click();
  await root.button('Create link').click();
  await tab('Invitations 1').waitFor();
  await root.button('Revoke').click();
  await tab('Invitations 0').waitFor();
  await root.assertNoProblems(REFUSED);
});

everywhereIfAsked('where rooms cannot be changed, that is said', async (t, start) => {
  const server = await startServer(t, { example: GROUP }, { ...CONFIG, writableGroups: false });
  const root = await Person.arrive(await start(t));
  await root.page.goto(`${server.url}admin/`);
  await signIn(root, 'geheim');
  await root.page.getByRole('button', { name: /example/ }).click();
  await root.page.getByLabel('Display name').fill('x');
  await root.button('Save').click();
  await root.page.getByText('Set writableGroups to true in its config.json.').waitFor();
  await root.button('Discard').click();
  assert.equal(await root.page.getByLabel('Display name').inputValue(), '');
  await root.assertNoProblems(REFUSED);
});

everywhereIfAsked('the list names rooms as they call themselves, and says what is special about them', async (t, start) => {
  const server = await startServer(t, {
    optics: { displayName: 'Partner campus', redirect: 'https://video.example.org/group/optics/' }, archive: { displayName: 'Summer school', expires: '2020-01-31T18:00:00Z' },
    labs: { 'auto-subgroups': true }, standup: { ...GROUP, displayName: 'Stand-up' },
  }, CONFIG);
  const browser = await start(t);
  const [root, bob] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('standup'), 'bob', 'secret', { devices: false });
  await writeFile(join(server.dir, 'groups', 'garbled.json'), '{"users": {');
  await root.page.goto(`${server.url}admin/`);
  await signIn(root, 'geheim');
  for (const name of ['Partner campus optics Redirect', 'Summer school archive Expired', 'labs labs Rooms on demand', 'Stand-up standup 1 here']) await root.button(name).waitFor();
  await root.button('garbled garbled Broken').click();
  await root.page.getByRole('alert').getByText('The server cannot read the file of this room. Its log says what is wrong: mend the file there.').waitFor();
  await assertAccessible(root, 'list');
  for (const person of [root, bob]) await person.assertNoProblems(REFUSED);
});
