import assert from 'node:assert/strict';
import { createServer, request } from 'node:https';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { assertAccessible, assertFits } from './support/accessible.js';
import { Person, SERVER_GONE } from './support/person.js';
import { film } from './support/film.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

const CONFIG = { users: { root: { password: 'süß', permissions: 'admin' } }, writableGroups: true };
/** What the browser says of an answer that is no success. */
const REFUSED = [/Failed to load resource/];

/** Keeps pictures for people to look at, if somebody wants them. @param {Person} person @param {string} name */
async function picture(person, name) {
  if (process.env['PICTURES']) await person.page.screenshot({ path: join(process.env['PICTURES'], `${name}.png`) });
}

/** @returns {string[]} a key and a certificate of its own */
function selfSigned() {
  const pem = execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-keyout', '-', '-out', '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const at = pem.indexOf('-----BEGIN CERTIFICATE');
  return [pem.slice(0, at), pem.slice(at)];
}

everywhereIfAsked('an administrator watches the statistics of a call', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, displayName: 'Lecture hall', public: true }, quiet: { public: true } }, CONFIG);
  const browser = await start(t);
  const [bob, alice, root] = await Promise.all([Person.arrive(browser), Person.arrive(browser), 
    // As if a question of the browser's had been answered with this.
    Person.arrive(browser, { colorScheme: 'dark', httpCredentials: { username: 'root', password: 'guess' } })]);
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await untilMediaFlows('alice', () => alice.media());

  await root.page.goto(`${server.url}stats.html`);
  await root.button('Sign in').waitFor();
  await assertAccessible(root, 'signed out');
  await root.page.getByLabel('Name').fill('root');
  await root.page.getByLabel('Password').fill('wrong');
  await root.page.keyboard.press('Enter');
  await root.page.getByText('That is not the name and password of an administrator.').waitFor();
  assert.equal(await root.page.getByLabel('Password').evaluate((e) => e === document.activeElement), true);
  await picture(root, 'stats-signed-out');
  await root.page.keyboard.type('süß');
  await root.page.keyboard.press('Enter');
  await root.page.getByRole('button', { name: 'Lecture hall' }).waitFor();
  await until('rates are shown', async () => (await root.page.getByRole('row', { name: /Camera, video.*in.*Mbit\/s|Camera, video.*in.*[1-9]\d* kbit\/s/ }).count()) === 1);
  await root.page.getByRole('row', { name: /bob, video.*out.*VP8/ }).waitFor();
  await root.page.getByRole('row', { name: /quiet/ }).waitFor();
  await until('plots are drawn', async () => (await root.page.locator('.spark path[d^="M"]').count()) >= 8);
  await assertAccessible(root, 'statistics in the dark');
  await assertFits(root, 'statistics');
  await picture(root, 'stats-dark');

  await root.page.getByRole('button', { name: 'bob' }).press('Enter');
  const folded = root.page.getByRole('row', { name: /bob 1 stream VP8, Opus — .*[kM]bit\/s.* %/ });
  await folded.locator('.spark path[d^="M"]').first().waitFor();
  await assertAccessible(root, 'a folded row');
  await picture(root, 'stats-folded');
  assert.equal(await root.page.getByRole('button', { name: 'bob' }).getAttribute('aria-expanded'), 'false');
  await root.button('Pause').press('Enter');
  await root.page.getByText('Paused').waitFor();
  await root.button('Resume').press('Enter');
  await root.page.getByText('Refreshed every 2 s').waitFor();
  await root.page.route(/stats\.json$/, async (route) => {
    const response = await route.fetch();
    const rooms = JSON.parse((await response.text()).replaceAll(/"reason":"[a-z]+"/g, '"reason":"line"'));
    await route.fulfill({ response, json: rooms });
  });
  await root.page.getByRole('row', { name: /bob, video.*slow line/ }).waitFor();
  await root.page.unroute(/stats\.json$/);
  await root.button('Light colours').click();
  await assertAccessible(root, 'statistics in the light');
  await picture(root, 'stats-light');
  await root.page.setViewportSize({ width: 360, height: 740 });
  await assertFits(root, 'statistics on a phone');
  await picture(root, 'stats-phone');
  await server.stop();
  await root.page.getByText('The server cannot be reached. Trying again…').waitFor();
  await server.start();
  await root.page.getByText('Refreshed every 2 s').waitFor();
  await root.assertNoProblems([...REFUSED, ...SERVER_GONE]);
});

everywhere('people change their own passwords', async (t, start) => {
  const server = await startServer(t, { 'a b/ü': { users: { 'Zoë/x': { password: 'älter', permissions: 'present' } } } }, CONFIG);
  const zoe = await Person.arrive(await start(t));
  await zoe.page.goto(`${server.url}change-password.html?group=a%20b%2F%C3%BC&username=Zo%C3%AB%2Fx`);
  /** @param {string[]} values @param {string} answer */
  async function attempt(values, answer) {
    for (const [i, label] of ['Old password', 'New password', 'New password again'].entries()) {
      await zoe.page.getByLabel(label, { exact: true }).fill(values[i] ?? '');
    }
    await zoe.button('Change password').click();
    await zoe.page.getByText(answer).waitFor();
  }
  await zoe.button('Change password').waitFor();
  await assertAccessible(zoe, 'the page of the password');
  await attempt(['älter', 'neu', 'nue'], 'The new passwords differ.');
  await attempt(['älter', '', ''], 'Type a new password.');
  await attempt(['älter', 'ü'.repeat(37), 'ü'.repeat(37)], 'The new password is too long: 72 bytes are the limit.');
  await attempt(['falsch', 'neü', 'neü'], 'The old password is wrong');
  await picture(zoe, 'password');
  await attempt(['älter', 'neü', 'neü'], 'Your password is changed.');
  assert.equal(await zoe.page.getByLabel('Old password').inputValue(), '');
  await zoe.page.getByRole('link', { name: 'Back to the room' }).click();
  await zoe.enter('Zoë/x', 'neü');
  await zoe.button('Leave').waitFor();
  await zoe.button('More').click();
  const [opened] = await Promise.all([zoe.page.context().waitForEvent('page'), zoe.page.getByRole('menuitem', { name: 'Change password' }).click()]);
  await opened.getByText('Room: a b/ü. Your name there: Zoë/x.').waitFor();
  await opened.close();
  await zoe.page.goto(`${server.url}change-password.html`);
  await zoe.page.getByText('This page needs a link that says whose password it is.').waitFor();
  await zoe.assertNoProblems(REFUSED);
});

everywhereIfAsked('an operator plays and deletes recordings', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true, displayName: 'Lecture hall' } }, CONFIG);
  const recordings = join(server.dir, 'recordings', 'example');
  await mkdir(recordings, { recursive: true });
  await writeFile(join(recordings, '2026-11-19T14:16:02.123-Grace Okafor.webm'), 'no film at all');
  await writeFile(join(recordings, '2026-11-12T14:15:09.001-<ada>.webm'), 'x'.repeat(2_500_000));
  // The end is when it was last written to.
  const end = new Date('2026-11-12T15:40:30');
  await utimes(join(recordings, '2026-11-12T14:15:09.001-<ada>.webm'), end, end);
  const bob = await Person.arrive(await start(t), { httpCredentials: { username: 'bob', password: 'secret' }, colorScheme: 'light' });
  await bob.page.goto(`${server.url}recordings/example`);
  await bob.page.getByRole('row', { name: /Grace Okafor.*14 bytes/ }).waitFor();
  await bob.page.getByText('2 recordings · 2.5 MB').waitFor();
  await bob.page.getByRole('row', { name: /ada.*1 h 25 min 2.5 MB/ }).waitFor();
  const names = async () => (await bob.page.locator('tbody b').allTextContents()).join();
  await until('the newest is first, once the script has run', async () => await names() === 'Grace Okafor,<ada>');
  await bob.page.getByRole('button', { name: 'Started' }).click();
  await until('the oldest is first', async () => await names() === '<ada>,Grace Okafor');
  await bob.page.getByRole('button', { name: 'Started' }).click();
  await until('the newest is first', async () => await names() === 'Grace Okafor,<ada>');
  await bob.page.getByRole('button', { name: /^Play/ }).first().waitFor();
  await assertAccessible(bob, 'recordings');
  await assertFits(bob, 'recordings');
  await picture(bob, 'recordings');
  await bob.page.getByLabel('Find a recording').fill('grace');
  await until('one is found', async () => (await bob.page.locator('tbody tr:visible').count()) === 1);
  await bob.page.getByRole('button', { name: /^Play.*Grace/ }).click();
  await bob.page.getByText('The browser cannot play this file. Download it instead.').waitFor();
  await assertAccessible(bob, 'the player');
  await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await bob.page.getByRole('heading', { name: /Delete 2026-11-19.*Grace Okafor.webm\?/ }).waitFor();
  await assertAccessible(bob, 'the question before a recording is deleted');
  await bob.button('Cancel').click();
  assert.equal((await readdir(recordings)).length, 2);
  await bob.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await bob.page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
  await bob.page.getByText('Deleted.').waitFor();
  assert.deepEqual(await readdir(recordings), ['2026-11-12T14:15:09.001-<ada>.webm']);
  await bob.page.setViewportSize({ width: 360, height: 740 });
  await picture(bob, 'recordings-phone');
  await bob.assertNoProblems(REFUSED);
});

everywhereIfAsked('recordings are deleted also where the browser stores nothing', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true } }, CONFIG);
  const recordings = join(server.dir, 'recordings', 'example');
  await mkdir(recordings, { recursive: true });
  await writeFile(join(recordings, '2026-11-19T14:16:02.123-Grace Okafor.webm'), 'no film at all');
  const bob = await Person.arrive(await start(t), { httpCredentials: { username: 'bob', password: 'secret' } });
  await bob.page.addInitScript(() => {
    Object.defineProperty(globalThis, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
  });
  await bob.page.goto(`${server.url}recordings/example/`);
  await bob.page.getByRole('button', { name: /^Play/ }).waitFor();
  await bob.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await bob.page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
  await bob.page.getByText('Nothing has been recorded in this room.').waitFor();
  assert.deepEqual(await readdir(recordings), []);
  await bob.assertNoProblems(REFUSED);
});

everywhereIfAsked('administrators are asked before what they have changed is lost', async (t, start) => {
  const server = await startServer(t, { first: {}, second: {} }, CONFIG);
  const root = await Person.arrive(await start(t));
  await root.page.goto(`${server.url}admin/`);
  await root.page.getByLabel('Name').fill('root');
  await root.page.getByLabel('Password').fill('süß');
  await root.button('Sign in').click();
  await root.page.getByRole('button', { name: 'first' }).click();
  await root.page.getByLabel('Contact').fill('ada');
  await root.page.getByRole('button', { name: 'second' }).click();
  const dialog = root.page.getByRole('dialog', { name: '1 change not saved.' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await root.page.getByLabel('Contact').inputValue(), 'ada');
  await root.page.getByRole('button', { name: 'second' }).click();
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await root.page.getByRole('heading', { name: 'second' }).waitFor();
  await root.page.getByRole('button', { name: 'first' }).click();
  await root.page.getByRole('heading', { name: 'first' }).waitFor();
  assert.equal(await root.page.getByLabel('Contact').inputValue(), '');
  await root.assertNoProblems(REFUSED);
});

everywhereIfAsked('recordings show a still where they can be seen, and only those files are read', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true } }, CONFIG);
  const recordings = join(server.dir, 'recordings', 'example');
  await mkdir(recordings, { recursive: true });
  const bob = await Person.arrive(await start(t), { httpCredentials: { username: 'bob', password: 'secret' }, colorScheme: 'dark' });
  await bob.page.goto(server.url);
  const content = Buffer.from(await bob.page.evaluate(film), 'base64');
  for (let minute = 10; minute < 50; minute++) await writeFile(join(recordings, `2026-11-12T14:${minute}:09.001-ada.webm`), content);
  await writeFile(join(recordings, '2026-11-19T14:16:02.123-Grace Okafor.webm'), 'no film at all');
  /** @type {Set<string>} */
  const read = new Set();
  bob.page.on('request', (r) => { if (r.url().endsWith('.webm')) read.add(r.url()); });
  await bob.page.goto(`${server.url}recordings/example/`);
  const rows = bob.page.locator('tbody tr');
  const stills = bob.page.locator('.still canvas');
  await until('whatever can be seen has a still, but for what is no film', async () => {
    const seen = await rows.evaluateAll((all) => all.map((row) => ({ top: row.querySelector('.still')?.getBoundingClientRect().top ?? 0, still: row.querySelector('canvas') !== null })).filter(({ top }) => top < innerHeight));
    return seen.length > 5 && seen.every(({ still }, i) => still === (i > 0));
  });
  assert.equal(await rows.first().locator('.still svg').count(), 1, 'an icon stands for a still');
  assert.ok(read.size <= 16, `${read.size} files were read`);
  // A second after its beginning, the film is of a strong colour.
  const colour = await stills.first().evaluate((canvas) => [.../** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getImageData(28, 16, 1, 1).data ?? []]);
  assert.equal(colour[3], 255);
  assert.ok(Math.max(...colour.slice(0, 3)) - Math.min(...colour.slice(0, 3)) > 100, colour.join());
  await assertAccessible(bob, 'stills');
  await assertFits(bob, 'stills');
  await picture(bob, 'stills');
  await rows.last().scrollIntoViewIfNeeded();
  await rows.last().locator('canvas').waitFor();
  assert.equal(await rows.nth(20).locator('canvas').count(), 0, 'what was scrolled past is not read');
  await bob.page.setViewportSize({ width: 360, height: 740 });
  await assertFits(bob, 'stills on a phone');
  await picture(bob, 'stills-phone');
  await bob.assertNoProblems(REFUSED);
});

everywhereIfAsked('recordings are listed in the language of the reader, who may choose another', async (t, start) => {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true } }, CONFIG);
  const recordings = join(server.dir, 'recordings', 'example');
  await mkdir(recordings, { recursive: true });
  await writeFile(join(recordings, '2026-11-12T14:15:09.001-ada.webm'), 'x'.repeat(2_500_000));
  const end = new Date('2026-11-12T15:40:30');
  await utimes(join(recordings, '2026-11-12T14:15:09.001-ada.webm'), end, end);
  const browser = await start(t);
  const bob = await Person.arrive(browser, { httpCredentials: { username: 'bob', password: 'secret' }, locale: 'fr' });
  await bob.page.goto(`${server.url}recordings/example/`);
  await bob.page.getByRole('heading', { name: 'Enregistrements' }).waitFor();
  await bob.page.getByText('1 enregistrement · 2,5 Mo').waitFor();
  await bob.page.getByRole('row', { name: /ada.*12 nov. 2026.*1 h 25 min 2,5\sMo Lire .*Télécharger Supprimer/ }).waitFor();
  assert.equal(await bob.page.title(), 'Enregistrements, example');
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, -1);
  await writeFile(join(recordings, `${local}-Grace.webm`), 'no film at all');
  await bob.page.reload();
  // Midnight may pass meanwhile.
  await bob.page.getByRole('row', { name: /Grace.*(Aujourd’hui|Hier), \d\d:\d\d/ }).waitFor();
  await bob.page.getByLabel('Chercher un enregistrement').fill(String(now.getFullYear()));
  await until('who looks for a date finds what is of today, too', async () => (await bob.page.locator('tbody tr:visible').count()) === 2);
  await bob.page.getByLabel('Chercher un enregistrement').fill('ada');
  await bob.page.getByLabel('Langue').selectOption('العربية');
  await bob.page.getByRole('heading', { name: 'التسجيلات' }).waitFor();
  await bob.page.getByRole('row', { name: /1 س 25 د.*تنزيل حذف/ }).waitFor();
  assert.equal(await bob.page.evaluate(() => document.documentElement.dir), 'rtl');
  await assertAccessible(bob, 'recordings in Arabic');
  await picture(bob, 'recordings-arabic');
  await bob.page.goto(`${server.url}no/such/page`);
  await bob.page.getByRole('heading', { name: 'لا يوجد شيء هنا' }).waitFor();
  await bob.page.getByLabel('اللغة').selectOption('Deutsch');
  await bob.page.getByRole('link', { name: 'Zur Startseite' }).waitFor();
  await assertAccessible(bob, 'page not found');
  await bob.assertNoProblems(REFUSED);
  // Who may present may not see what was recorded.
  const stranger = await Person.arrive(browser, { locale: 'de', httpCredentials: { username: 'alice', password: 'wonder' } });
  await stranger.page.goto(`${server.url}recordings/example/`);
  await stranger.page.getByRole('heading', { name: 'Sie sind nicht angemeldet' }).waitFor();
  await stranger.page.getByRole('link', { name: 'Anmelden' }).waitFor();
  await assertAccessible(stranger, 'recordings refused');
  await stranger.assertNoProblems(REFUSED);
});

everywhereIfAsked('the client works below a path of a proxy', async (t, start) => {
  const server = await startServer(t);
  const target = new URL(server.url);
  // The browser is told not to mind.
  const [key, cert] = selfSigned();
  const proxy = createServer({ key, cert });
  /** @param {import('node:http').IncomingMessage} r */
  const onward = (r) => request({
    host: target.hostname, port: target.port, method: r.method, headers: r.headers, rejectUnauthorized: false,
    path: (r.url ?? '').replace(/^\/meet/, ''),
  });
  proxy.on('request', (r, w) => {
    if (!r.url?.startsWith('/meet/')) {
      w.writeHead(418).end();
      return;
    }
    r.pipe(onward(r).on('response', (answer) => {
      w.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(w);
    }).on('error', () => w.destroy()));
  });
  proxy.on('upgrade', (r, socket) => {
    onward(r).on('upgrade', (answer, upstream) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${Object.entries(answer.headers).map(([k, v]) => `${k}: ${v}`).join('\r\n')}\r\n\r\n`);
      upstream.pipe(socket).pipe(upstream);
      for (const end of [upstream, socket]) end.on('error', () => { upstream.destroy(); socket.destroy(); });
    }).on('error', () => socket.destroy()).end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.address());
  const base = `https://127.0.0.1:${port}/meet/`;
  await writeFile(join(server.dir, 'data', 'config.json'), JSON.stringify({ proxyURL: base }));
  const bob = await Person.arrive(await start(t));
  await bob.page.goto(base);
  await bob.page.getByLabel('Room name').fill('example');
  await bob.page.keyboard.press('Enter');
  await bob.page.waitForURL(`${base}group/example/`);
  await bob.enter('bob', 'secret');
  await bob.button('Leave').waitFor();
  await bob.page.goto(`${base}group/example`);
  assert.equal(bob.page.url(), `${base}group/example/`);
  // Firefox tells a page that is left that what it was fetching cannot be had.
  await bob.page.getByLabel('Your name').waitFor();
  await bob.page.goto(`${base}no/such/page`);
  await bob.page.locator('#head > *').first().waitFor();
  await bob.page.getByRole('link', { name: 'Go to the start page' }).click();
  await bob.page.waitForURL(base);
  await bob.page.getByLabel('Room name').waitFor();
  await bob.assertNoProblems(REFUSED);
});
