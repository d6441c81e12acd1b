import assert from 'node:assert/strict';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import decodeQR from 'qr/decode.js';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { CLIPBOARD, Person } from './support/person.js';
import { holdQuestion } from './support/probe.js';
import { startServer } from './support/server.js';
import { assertAccessible } from './support/accessible.js';
import { untilMediaFlows } from './support/wait.js';

/**
 * @param {import('playwright-core').Locator} code a drawing of one path
 * @returns {Promise<{width: number, height: number, data: Uint8Array}>} as a camera would see it
 */
async function pictureOf(code) {
  const { size, data } = await code.evaluate((/** @type {SVGSVGElement} */ svg) => {
    const scale = 8;
    const { width } = svg.viewBox.baseVal;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = width * scale;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = getComputedStyle(svg).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.scale(scale, scale);
    context.fillStyle = getComputedStyle(svg).fill;
    context.fill(new globalThis.Path2D(svg.querySelector('path')?.getAttribute('d') ?? ''));
    return { size: canvas.width, data: [...context.getImageData(0, 0, canvas.width, canvas.width).data] };
  });
  return { width: size, height: size, data: Uint8Array.from(data) };
}

everywhereIfAsked('an operator removes somebody, who is told why and may come back', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());

  await alice.button('People').click();
  await alice.button('Menu for bob').click();
  await alice.page.getByRole('menuitem', { name: 'Private message' }).waitFor();
  assert.equal(await alice.page.getByRole('menuitem', { name: 'Remove from room…' }).count(), 0, 'only operators remove people');
  await alice.page.keyboard.press('Escape');
  await bob.button('People').click();
  await bob.button('Menu for alice').click();
  await bob.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await bob.page.getByRole('dialog').getByLabel('Message').fill('class is over');
  await bob.button('Remove').click();

  await alice.page.locator('.preform [role="alert"]', { hasText: 'You were removed from this room: class is over' }).waitFor();
  assert.equal(await alice.page.locator('[role="alert"], [aria-live]', { hasText: 'class is over' }).count(), 1, 'screen readers say it once');
  await bob.tile('alice').waitFor({ state: 'detached' });
  assert.equal(await alice.button('Camera').getAttribute('aria-pressed'), 'false', 'the devices are released');
  await alice.enter('alice', 'wonder');
  await bob.button('Menu for alice').waitFor();
  for (const person of [bob, alice]) await person.assertNoProblems();
});

/** Chooses an entry of the menu of a person. @param {Person} op @param {string} name @param {string} entry */
async function choose(op, name, entry) {
  await op.button(`Menu for ${name}`).first().click();
  await op.page.getByRole('menuitem', { name: entry, exact: true }).click();
}

everywhere('an operator mutes, warns, identifies, and changes what somebody may', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.button('People').click();

  await bob.button('Mute everyone').click();
  await alice.page.getByText('bob muted you.').first().waitFor();
  await alice.page.locator('button[aria-label="Microphone"][aria-pressed="false"]').waitFor();
  await alice.button('Unmute').click();
  await alice.page.locator('button[aria-label="Microphone"][aria-pressed="true"]').waitFor();
  await choose(bob, 'alice', 'Mute');
  await alice.page.locator('button[aria-label="Microphone"][aria-pressed="false"]').waitFor();
  await choose(bob, 'alice', 'Ask to unmute');
  await alice.page.getByText('bob: Turn on your microphone, so that we can hear you.').first().waitFor();

  // Who receives nothing cannot tell who speaks, and may want them to be quiet nevertheless.
  await alice.button('Microphone').click();
  await bob.button('Chat').click();
  await bob.say('/set request ""');
  await bob.button('People').click();
  await choose(bob, 'alice', 'Mute');
  await alice.page.locator('button[aria-label="Microphone"][aria-pressed="false"]').waitFor();

  await choose(bob, 'alice', 'Warn…');
  await assertAccessible(bob, 'warning');
  await bob.page.getByRole('dialog').getByLabel('Message').fill('quiet now');
  await bob.button('Warn').click();
  await alice.page.getByText('bob: quiet now').first().waitFor();

  await choose(bob, 'alice', 'Stop presenting');
  await alice.page.getByText('Watching only').waitFor();
  await bob.page.locator('.person', { hasText: 'alice' }).getByText('watching').waitFor();
  assert.equal(await bob.page.getByText('quiet now').count(), 0, 'nobody but alice is warned');
  assert.equal(await alice.button('Camera').count(), 0);
  await choose(bob, 'alice', 'Allow presenting');
  await alice.button('Camera').waitFor();
  await alice.button('Chat').click();
  await choose(bob, 'alice', 'Stop writing');
  await alice.page.getByText('You cannot write in this room.').waitFor();
  await choose(bob, 'alice', 'Make operator');
  await alice.page.getByText('You are an operator now.').first().waitFor();
  await choose(bob, 'alice', 'Identify');
  await bob.page.getByText(/alice has the id [0-9a-f]{32} and the address 127\.0\.0\.1:\d+/).first().waitFor();
  await alice.page.getByText(/communicated|address/i).first().waitFor();
  for (const person of [bob, alice]) await person.assertNoProblems();
});

/**
 * Opens the dialog of a room without invitations: they are loading, cannot be had, and are none.
 * @param {Person} bob
 * @param {string} kept where the server keeps invitations
 */
async function openRoom(bob, kept) {
  const ask = await bob.page.evaluateHandle(holdQuestion, 'listtokens');
  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Room…' }).click();
  const dialog = bob.page.getByRole('dialog');
  await dialog.locator('[aria-busy="true"]').waitFor();
  // Nothing can be read from a directory.
  await mkdir(kept, { recursive: true });
  await ask.evaluate((release) => release());
  await dialog.getByRole('alert').getByText('The server refused:').waitFor();
  await assertAccessible(bob, 'room whose invitations cannot be had');
  await rmdir(kept);
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByText('There are no invitations to this room.').waitFor();
  assert.equal(await dialog.getByRole('alert').count(), 0);
  return dialog;
}

everywhere('an operator locks the room, clears the chat, and looks after invitations', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, carol] = [await Person.arrive(browser, CLIPBOARD), await Person.arrive(browser)];
  // Neither browser can hand anything on here.
  await bob.page.addInitScript(() => { navigator.share = async (shared) => { Object.assign(globalThis, { shared }); }; });
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  await bob.say('to be forgotten');
  await bob.page.locator('.bub', { hasText: 'to be forgotten' }).waitFor();
  const dialog = await openRoom(bob, join(server.dir, 'data', 'var', 'tokens.jsonl'));
  await dialog.getByLabel('What those outside are told').fill('exam in progress');
  await dialog.getByRole('button', { name: 'Lock room' }).click();
  await dialog.getByText('The room is locked', { exact: true }).waitFor();
  await carol.page.goto(server.group('example'));
  await carol.enter('carol', 'quiet');
  await carol.page.locator('.preform').getByRole('alert').getByText(/exam in progress/).waitFor();
  await dialog.getByRole('button', { name: 'Unlock' }).click();
  await dialog.getByText('The room is open').waitFor();

  await dialog.getByRole('button', { name: 'Clear…' }).click();
  await bob.page.getByRole('heading', { name: 'Clear the chat?' }).waitFor();
  await bob.button('Clear').click();
  await bob.page.getByText('to be forgotten').waitFor({ state: 'detached' });
  assert.equal(await bob.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'More', 'the focus is where it was');

  await bob.button('People').click();
  await bob.page.getByRole('button', { name: 'Invite…' }).first().click();
  await dialog.getByLabel('Name').fill('noor');
  await dialog.getByRole('radio', { name: 'Custom…' }).click();
  await dialog.getByLabel('Expires').fill('2001-01-01T00:00');
  await bob.button('Create link').click();
  await dialog.getByRole('alert').getByText('Choose a time of expiry that is not in the past.').waitFor();
  await dialog.getByLabel('Expires').fill('2999-01-01T00:00');
  await dialog.getByLabel('Not before').fill('2001-01-01T00:00');
  await bob.button('Create link').click();
  await dialog.getByRole('alert').getByText('Choose a beginning that is not in the past.').waitFor();
  await dialog.getByRole('radio', { name: '1 hour' }).click();
  await assertAccessible(bob, 'invitation');
  await bob.button('Create link').click();
  await dialog.getByRole('button', { name: 'Copy link' }).click();
  await bob.page.getByText('The link is copied.').first().waitFor({ state: 'attached' });
  const link = await bob.page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/group\/example\/\?token=[\w-]+$/);
  await dialog.getByRole('button', { name: 'Share…' }).click();
  assert.deepEqual(await bob.page.evaluate(() => Object(globalThis).shared), { url: link });
  assert.equal(decodeQR(await pictureOf(dialog.getByRole('img', { name: 'QR code of the link' }))), link);
  await bob.page.keyboard.press('Escape');

  await carol.page.goto(link);
  await carol.page.getByText('You join as noor.').waitFor();
  assert.equal(carol.page.url(), server.group('example'), 'the token is not in the address');
  assert.equal(await carol.page.getByLabel('Password', { exact: true }).count(), 0);
  await assertAccessible(carol, 'invited');
  await carol.button('Join').click();
  await bob.page.getByRole('region', { name: 'In the room' }).getByText('noor').waitFor();
  await carol.button('Leave').click();

  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Room…' }).click();
  await dialog.getByRole('row', { name: /noor.*Made by bob, .*\d/ }).waitFor();
  await assertAccessible(bob, 'room with invitations');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await dialog.getByText('Expired').waitFor();
  await carol.page.goto(link);
  await carol.page.getByText('This invitation is not valid, or not any more.').waitFor();
  await bob.page.keyboard.press('Escape');

  await bob.button('Chat').click();
  await bob.say('/invite \'\' 2d');
  const made = await bob.page.locator('.output a').getAttribute('href');
  await carol.page.goto(made ?? '');
  await carol.page.getByLabel('Your name').fill('zoe');
  await carol.button('Join').click();
  await carol.button('Leave').waitFor();
  for (const person of [bob, carol]) await person.assertNoProblems();
});

everywhereIfAsked('everybody is warned, and the link of the room copied, from menus', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser, CLIPBOARD), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Room…' }).click();
  const dialog = bob.page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Warn…' }).click();
  await bob.page.getByRole('heading', { name: 'Warn everyone' }).waitFor();
  await dialog.getByLabel('Message').fill('five minutes left');
  await bob.button('Warn').click();
  for (const { page } of [bob, alice]) await page.getByText('bob: five minutes left').first().waitFor();
  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Copy link' }).click();
  await bob.page.getByText('The link is copied.').first().waitFor();
  assert.equal(await bob.page.evaluate(() => navigator.clipboard.readText()), server.group('example'));
  for (const person of [bob, alice]) await person.assertNoProblems();
});
