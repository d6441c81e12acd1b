// The ordinary part of the tour: the pages outside, a call of two, the rooms of the administrator.

import { OPERATOR, PRESENTER, WATCHER } from './rooms.js';
import { playing } from './crowd.js';

/** @typedef {import('../e2e/support/person.js').Person} Person */
/** @typedef {NonNullable<Parameters<typeof import('../e2e/support/person.js').Person.arrive>[1]> & {look?: number, speaks?: boolean}} Guest */
/**
 * @typedef {object} Tour
 * @property {import('../e2e/support/server.js').TestServer} server
 * @property {(guest?: Guest) => Promise<Person>} arrive
 * @property {() => Promise<Person>} administrator somebody whose browser knows the password of the administrator
 * @property {boolean} isPhone
 * @property {boolean} framed who speaks has a frame
 * @property {(person: Person, page: string) => Promise<void>} take takes its pictures
 */

/** @param {Tour} tour */
export async function outside({ server, arrive, take }) {
  const ada = await arrive({ speaks: true });
  await ada.page.goto(server.url);
  await ada.page.getByRole('link', { name: /Coffee/ }).waitFor();
  await take(ada, 'landing');
  await ada.page.goto(`${server.url}no/such/page`);
  await ada.page.getByRole('heading').waitFor();
  await take(ada, 'not-found');
  await ada.page.goto(`${server.url}admin/`);
  await ada.page.getByLabel('Password').waitFor();
  await take(ada, 'rooms-sign-in');
  await ada.page.goto(`${server.url}stats.html`);
  await ada.page.getByLabel('Password').waitFor();
  await take(ada, 'statistics-sign-in');
  await ada.page.goto(`${server.url}change-password.html?group=coffee&username=${encodeURIComponent(OPERATOR.name)}`);
  await ada.button('Change password').waitFor();
  await take(ada, 'password');
  const grace = await arrive({ look: 1 });
  await grace.join(server.group('physics/101'), PRESENTER.name, PRESENTER.password, { devices: false });
  await ada.page.goto(server.group('physics/101'));
  await ada.page.getByLabel('Your name').fill(OPERATOR.name);
  await ada.switchOnDevices();
  await ada.page.locator('video').first().evaluate(playing);
  await ada.page.getByText('1 person here').waitFor();
  await ada.page.getByLabel('Password', { exact: true }).focus();
  await take(ada, 'pre-join');
  await ada.enter(OPERATOR.name, 'wrong');
  await ada.page.getByText('do not match').waitFor();
  await take(ada, 'pre-join-error');
  // Who has been somewhere is offered it again.
  await ada.join(server.group('physics/101'), OPERATOR.name, OPERATOR.password, { devices: false });
  await ada.page.goto(server.url);
  await ada.page.getByText('Recent').waitFor();
  await ada.page.getByLabel('Room name').fill('nowhere');
  await ada.button('Join').click();
  await ada.page.getByText('There is no room called').waitFor();
  await take(ada, 'landing-recent');
  for (const person of [ada, grace]) await person.page.close();
}

/**
 * What is done with pictures.
 * @param {Person} ada
 * @param {Tour} tour
 */
async function pictures(ada, { isPhone, take }) {
  if (!isPhone) {
    await ada.button(/^Layout/).click();
    await take(ada, 'layouts');
    await ada.page.keyboard.press('Escape');
  }
  await ada.tile(PRESENTER.name).focus();
  await ada.page.keyboard.press('.');
  await ada.page.getByRole('menu').waitFor();
  await take(ada, 'tile-menu');
  await ada.page.getByRole('menuitem', { name: 'Connection' }).click();
  await ada.page.getByText('Round trip').waitFor();
  await take(ada, 'connection');
  await ada.page.keyboard.press('Escape');
}

/**
 * What is said and sent.
 * @param {Person} ada
 * @param {Person} grace
 * @param {Tour} tour
 */
async function talk(ada, grace, { take }) {
  await ada.button('Chat').click();
  // What was said when the tour was here on another device.
  await ada.say('/clear');
  await ada.page.getByText('No messages yet').waitFor();
  await take(ada, 'chat-empty');
  await grace.button('Chat').click();
  await grace.say('Is the second problem sheet due on Monday or Wednesday?');
  await ada.say('Wednesday. I moved it because of the holiday.');
  await grace.say(`/msg "${OPERATOR.name}" My microphone is broken. I will type.`);
  await ada.page.locator('.priv').waitFor();
  await ada.say('/wall The room closes at 15:45.');
  await ada.page.locator('.notice').first().waitFor();
  const [chooser] = await Promise.all([grace.page.waitForEvent('filechooser'), grace.button('Send a file').click()]);
  await chooser.setFiles({ name: 'notes-week-7.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(2_100_000) });
  await grace.page.getByRole('dialog').waitFor();
  await take(grace, 'recipient');
  await grace.page.getByRole('dialog').getByRole('button', { name: OPERATOR.name }).click();
  await ada.page.getByRole('group', { name: 'notes-week-7.pdf' }).waitFor();
  await take(ada, 'chat');
  await ada.page.getByLabel('Message', { exact: true }).fill('/un');
  await ada.page.getByRole('option').first().waitFor();
  await take(ada, 'commands');
  await ada.page.getByLabel('Message', { exact: true }).fill('');
  await grace.say('/raise');
}

/**
 * What an operator does with people and the room.
 * @param {Person} ada
 * @param {Tour} tour
 */
async function moderate(ada, { isPhone, take }) {
  if (isPhone) {
    await ada.button('Close').click();
    await ada.button('More').click();
    await ada.page.getByRole('menuitem', { name: /People/ }).click();
  } else {
    await ada.button('People').click();
  }
  await ada.button(`Menu for ${PRESENTER.name}`).first().click();
  await take(ada, 'people');
  await ada.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await ada.page.getByRole('dialog').waitFor();
  await take(ada, 'remove');
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('button', { name: 'Invite…' }).first().click();
  await ada.page.getByRole('dialog').waitFor();
  await take(ada, 'invite-new');
  await ada.button('Create link').click();
  await ada.page.getByRole('img', { name: 'QR code of the link' }).scrollIntoViewIfNeeded();
  await take(ada, 'invite');
  await ada.page.keyboard.press('Escape');
  // The sheet of a phone covers the toolbar.
  if (isPhone) await ada.button('Close').click();
  await ada.button('More').click();
  await take(ada, 'more');
  await ada.page.getByRole('menuitem', { name: 'Room…' }).click();
  await ada.page.getByRole('row').first().waitFor();
  await take(ada, 'room');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Clear…' }).click();
  await ada.page.getByText('Clear the chat?').waitFor();
  await take(ada, 'confirm');
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** @param {Tour} tour */
export async function call(tour) {
  const { server, arrive, take, framed } = tour;
  const group = server.group('physics/101');
  const [ada, grace, noor] = [await arrive(), await arrive({ look: 1, speaks: true }), await arrive({ locale: 'ar' })];
  await ada.join(group, OPERATOR.name, OPERATOR.password);
  await take(ada, 'alone');
  await grace.join(group, PRESENTER.name, PRESENTER.password);
  await ada.tile(PRESENTER.name).waitFor();
  await take(ada, 'call-begins');
  await ada.tile(PRESENTER.name).locator('video').evaluate(playing);
  if (framed) await ada.tile(`${PRESENTER.name}.*speaking`).waitFor();
  await take(ada, 'call');
  await pictures(ada, tour);
  await talk(ada, grace, tour);
  await moderate(ada, tour);
  await ada.page.keyboard.press(',');
  for (const tab of ['Audio', 'Video', 'Network', 'Accessibility', 'About']) {
    await ada.page.getByRole('tab', { name: tab }).click();
    if (tab === 'Video') await ada.page.locator('dialog video').evaluate(playing);
    await take(ada, `settings-${tab.toLowerCase()}`);
  }
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
  await ada.page.keyboard.press('?');
  await ada.page.getByRole('dialog').waitFor();
  await take(ada, 'shortcuts');
  await noor.page.goto(group);
  await noor.page.locator('#username').fill(WATCHER.name);
  await noor.page.locator('#password').fill(WATCHER.password);
  await noor.page.locator('.preform [type="submit"]').click();
  await noor.page.locator('.leave').waitFor();
  await noor.page.locator('.tile video').nth(1).evaluate(playing);
  await take(noor, 'call-arabic');
  await noor.page.keyboard.press('c');
  await noor.page.locator('.log .bub').first().waitFor();
  await take(noor, 'chat-arabic');
  for (const person of [ada, grace, noor]) await person.page.close();
}

/** @param {Tour} tour */
export async function rooms({ server, arrive, take }) {
  const grace = await arrive({ look: 1 });
  await grace.join(server.group('coffee'), PRESENTER.name, PRESENTER.password, { devices: false });
  const root = await arrive();
  await root.page.goto(`${server.url}admin/`);
  await root.page.getByLabel('Name').fill('root');
  await root.page.getByLabel('Password').fill('geheim');
  await root.button('Sign in').click();
  const hall = root.page.getByRole('button', { name: /Lecture hall/ });
  await hall.waitFor();
  await take(root, 'rooms-list');
  await hall.click();
  await root.page.getByLabel('People at most').fill('120');
  await take(root, 'rooms');
  for (const tab of ['People and passwords', 'Invitations', 'Sign-in', 'JSON']) {
    await root.page.getByRole('tab', { name: tab }).click();
    if (tab === 'People and passwords') await root.page.getByRole('row', { name: new RegExp(PRESENTER.name) }).waitFor();
    await take(root, `rooms-tab-${tab.split(' ')[0]?.toLowerCase()}`);
  }
  for (const person of [root, grace]) await person.page.close();
}
