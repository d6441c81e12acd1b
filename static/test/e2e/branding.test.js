// Pages in the colours and with the mark of whoever runs the server.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChromium } from './support/chromium.js';
import { Person } from './support/person.js';
import { GROUP, startServer } from './support/server.js';
import { untilEqual } from './support/wait.js';

const SHEET = ':root { --blue-600: #9c2339; } .site .name { display: none; } .btn.primary { border-radius: 0; }';
const MARK = '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="24" viewBox="0 0 96 24"><rect width="96" height="24" fill="#9c2339"/></svg>';

test('pages take the colours and the mark that lie beside the configuration', async (t) => {
  const server = await startServer(t, { 'a/deep/room': GROUP }, { writableGroups: true });
  const directory = join(server.dir, 'data', 'static');
  await mkdir(directory);
  await writeFile(join(directory, 'branding.css'), SHEET);
  await writeFile(join(directory, 'logo.svg'), MARK);
  const bob = await Person.arrive(await startChromium(t), { colorScheme: 'light' });
  for (const path of ['', 'group/a/deep/room/', 'change-password.html', 'stats.html', 'admin/']) {
    await bob.page.goto(server.url + path);
    const logo = bob.page.locator('header img.logo');
    await untilEqual(`the mark of /${path}`, () => logo.evaluate((/** @type {HTMLImageElement} */ e) => [e.complete && e.naturalWidth, e.height]), [96, 28]);
    assert.equal(await bob.page.locator('header .name').isVisible(), false, `the name on /${path}`);
    assert.equal(await bob.page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()), '#9c2339', `the colour on /${path}`);
  }
  await bob.page.goto(server.group('a/deep/room'));
  await untilEqual('the colour of a button', () => bob.page.locator('.btn.primary').first().evaluate((e) => getComputedStyle(e).backgroundColor), 'rgb(156, 35, 57)');
  await bob.assertNoProblems();
});
