import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { Person } from './support/person.js';
import { startChromium } from './support/chromium.js';
import { startFirefoxWith } from './support/firefox.js';
import { GROUP, startServer } from './support/server.js';

/** A failed request is reported by the browser itself. */
const NOT_FOUND = [/status of (404|500)/];
/** Preferences of somebody who lets no page have camera and microphone. */
const DENIED = { 'permissions.default.camera': 2, 'permissions.default.microphone': 2, 'media.navigator.permission.disabled': false };

everywhere('the landing page leads to rooms that exist', async (t, start) => {
  const server = await startServer(t, {
    'hall/one': { ...GROUP, public: true, displayName: 'Lecture hall', description: 'Physics' }, hidden: GROUP,
    moved: { redirect: 'https://elsewhere.example/group/x/', public: true }, aside: { ...GROUP, public: true, displayName: 'Zoo' },
  });
  const person = await Person.arrive(await start(t));
  await person.page.goto(server.url);
  assert.ok(await person.page.getByLabel('Room name').evaluate((e) => e === document.activeElement));
  await person.page.getByRole('link', { name: /Lecture hall/ }).waitFor();
  await person.page.getByText('Opens on elsewhere.example').waitFor();
  assert.deepEqual(await person.page.getByRole('heading', { level: 3 }).allTextContents(), ['Lecture hall', 'moved', 'Zoo'], 'in the order of what they are called');
  assert.equal(await person.page.getByText('hidden').count(), 0);

  const asking = person.page.waitForRequest(/\.status$/);
  await person.page.getByLabel('Room name').fill('no such room');
  await person.page.keyboard.press('Enter');
  assert.equal((await asking).method(), 'HEAD');
  await person.page.getByRole('alert').getByText('There is no room called “no such room” on this server.').waitFor();
  await writeFile(join(server.dir, 'groups', 'broken.json'), '{');
  await person.page.getByLabel('Room name').fill('broken');
  await person.page.keyboard.press('Enter');
  await person.page.getByRole('alert').getByText('The server cannot open this room (error 500). Tell whoever runs it.').waitFor();
  await person.page.getByLabel('Room name').fill('hidden');
  await person.button('Join').click();
  await person.page.waitForURL(server.group('hidden'));
  await person.enter('bob', 'secret');
  await person.button('Leave').click();
  await person.page.getByRole('link', { name: 'Home' }).click();
  await person.page.getByRole('link', { name: 'hidden' }).waitFor();
  await person.button('Clear').click();
  await person.page.getByRole('link', { name: 'hidden' }).waitFor({ state: 'detached' });
  await person.page.getByRole('link', { name: /Lecture hall/ }).click();
  await person.page.getByRole('heading', { name: 'Lecture hall' }).waitFor();
  await person.assertNoProblems(NOT_FOUND);
});

everywhere('an address without a room says so', async (t, start) => {
  const server = await startServer(t);
  const person = await Person.arrive(await start(t));
  const response = await person.page.goto(server.group('nowhere'));
  assert.equal(response?.status(), 404);
  await person.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await person.page.getByRole('link', { name: 'Go to the start page' }).click();
  await person.page.waitForURL(server.url);
  await person.assertNoProblems(NOT_FOUND);
});

everywhere('a wrong password keeps the name, and selects what was typed', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.page.goto(server.group('example'));
  await bob.enter('bob', 'wrong');
  await bob.page.getByRole('alert').getByText('That name and password do not match.').waitFor();
  const password = bob.page.getByLabel('Password', { exact: true });
  assert.deepEqual(await password.evaluate((e) => {
    const field = /** @type {HTMLInputElement} */ (e);
    return [field === document.activeElement, field.selectionStart, field.selectionEnd, field.getAttribute('aria-invalid')];
  }), [true, 0, 5, 'true']);
  assert.equal(await bob.page.getByLabel('Your name').inputValue(), 'bob');
  await bob.page.keyboard.type('secret');
  await bob.page.keyboard.press('Enter');
  await bob.button('Leave').waitFor();
  await bob.assertNoProblems();
});

everywhereIfAsked('rooms that cannot be entered say why', async (t, start) => {
  const user = { users: { ada: { password: 'x', permissions: 'present' }, op: { password: 'x', permissions: 'op' } } };
  const server = await startServer(t, {
    locked: { ...user, autolock: true },
    early: { ...user, 'not-before': '2999-01-01T00:00:00Z' },
    late: { ...user, expires: '2001-01-01T00:00:00Z' },
    leaderless: { ...user, autokick: true },
    full: { ...user, 'max-clients': 1 },
  });
  const browser = await start(t);
  const op = await Person.arrive(browser);
  await op.join(server.group('full'), 'op', 'x', { devices: false });
  const ada = await Person.arrive(browser);
  for (const [room, text] of Object.entries({
    locked: /This room is locked/, early: /This room is not open yet/, late: /This room is closed/, leaderless: /No operator is in this room/, full: /The room is full/,
  })) {
    await ada.page.goto(server.group(room));
    await ada.enter('ada', 'x');
    await ada.page.locator('.preform').getByRole('alert').getByText(text).waitFor();
  }
  await ada.assertNoProblems();
});

everywhereIfAsked('a browser that denies the devices is explained, and one may join without', async (t, _, name) => {
  const server = await startServer(t);
  const browser = await (name === 'Firefox' ? startFirefoxWith(t, DENIED) : startChromium(t, ['--deny-permission-prompts']));
  const bob = await Person.arrive(browser);
  if (name === 'Chromium') {
    // Where devices are fake it never asks, and never denies.
    await bob.page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
    });
  }
  await bob.page.goto(server.group('example'));
  await bob.button('Camera').click();
  await bob.page.getByRole('alert').getByText(/Your browser blocks the camera/).waitFor();
  await bob.button('Try again').waitFor();
  await bob.page.getByLabel('Your name').fill('bob');
  await bob.page.getByLabel('Password', { exact: true }).fill('secret');
  await bob.button('Join without devices').click();
  await bob.page.getByRole('group', { name: 'bob, (you), camera off, muted' }).waitFor();
  await bob.button('Camera').click();
  await bob.page.locator('.toast', { hasText: 'Your browser blocks the camera' }).waitFor();
  await bob.assertNoProblems();
});
