// The tour through the pages that pictures are taken of.

import { crowd, playing, recordings } from './states.js';

/** @typedef {import('../e2e/support/chromium.js').Person} Person */
/**
 * @typedef {object} Tour
 * @property {import('../e2e/support/server.js').TestServer} server
 * @property {(options?: Parameters<typeof import('../e2e/support/chromium.js').Person.arrive>[1]) => Promise<Person>} arrive
 * @property {() => Promise<Person>} administrator somebody whose browser knows the password of the administrator
 * @property {boolean} isPhone
 * @property {boolean} whole also what the manual does not show
 * @property {(person: Person, page: string) => Promise<void>} take
 */

/** @param {Tour} tour */
export async function visits(tour) {
  await outside(tour);
  await call(tour);
  await rooms(tour);
  if (!tour.whole) return;
  await recordings(tour);
  await crowd(tour);
}

/** @param {Tour} tour */
async function outside({ server, arrive, take }) {
  const ada = await arrive();
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
  await ada.page.goto(`${server.url}change-password.html?group=coffee&username=ada`);
  await ada.button('Change password').waitFor();
  await take(ada, 'password');
  await ada.page.goto(server.group('physics/101'));
  await ada.page.getByLabel('Your name').waitFor();
  await ada.switchOnDevices();
  await ada.page.locator('video').first().evaluate(playing);
  await take(ada, 'pre-join');
  await ada.enter('bob', 'wrong');
  await ada.page.getByText('do not match').waitFor();
  await take(ada, 'pre-join-error');
  // Who has been somewhere is offered it again.
  await ada.join(server.group('physics/101'), 'bob', 'secret', { devices: false });
  await ada.page.goto(server.url);
  await ada.page.getByText('Recent').waitFor();
  await ada.page.getByLabel('Room name').fill('nowhere');
  await ada.button('Join').click();
  await ada.page.getByText('There is no room called').waitFor();
  await take(ada, 'landing-recent');
  await ada.page.close();
}

/**
 * What is done with pictures.
 * @param {Person} bob
 * @param {Pick<Tour, 'isPhone' | 'take'>} tour
 */
async function pictures(bob, { isPhone, take }) {
  if (!isPhone) {
    await bob.button('Layout').click();
    await take(bob, 'layouts');
    await bob.page.keyboard.press('Escape');
  }
  await bob.tile('alice').focus();
  await bob.page.keyboard.press('.');
  await bob.page.getByRole('menuitem', { name: 'Connection' }).click();
  await bob.page.getByText('Round trip').waitFor();
  await take(bob, 'connection');
  await bob.page.keyboard.press('Escape');
}

/** @param {Tour} tour */
async function call({ server, arrive, isPhone, take }) {
  const group = server.group('physics/101');
  const [bob, alice, arabic] = [await arrive(), await arrive(), await arrive({ locale: 'ar' })];
  await bob.join(group, 'bob', 'secret');
  await take(bob, 'alone');
  await alice.join(group, 'alice', 'wonder');
  await bob.tile('alice').waitFor();
  await take(bob, 'call-begins');
  await bob.pictureOf('alice');
  await take(bob, 'call');
  await pictures(bob, { isPhone, take });
  await bob.button('Chat').click();
  await alice.button('Chat').click();
  await alice.say('Is the second problem sheet due on Monday or Wednesday?');
  await bob.say('Wednesday. I moved it because of the holiday.');
  await alice.say('/msg bob My microphone is broken. I will type.');
  await bob.page.locator('.priv').waitFor();
  await bob.say('/wall The room closes at 15:45.');
  await bob.page.locator('.notice').first().waitFor();
  const [chooser] = await Promise.all([alice.page.waitForEvent('filechooser'), alice.button('Send a file').click()]);
  await chooser.setFiles({ name: 'notes-week-7.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(2_100_000) });
  await alice.page.getByRole('dialog').getByRole('button', { name: 'bob' }).click();
  await bob.page.getByRole('group', { name: 'notes-week-7.pdf' }).waitFor();
  await take(bob, 'chat');
  await bob.page.getByLabel('Message', { exact: true }).fill('/un');
  await bob.page.getByRole('option').first().waitFor();
  await take(bob, 'commands');
  await bob.page.getByLabel('Message', { exact: true }).fill('');
  await alice.say('/raise');
  if (isPhone) {
    await bob.button('Close').click();
    await bob.button('More').click();
    await bob.page.getByRole('menuitem', { name: /People/ }).click();
  } else {
    await bob.button('People').click();
  }
  await bob.button('Menu for alice').first().click();
  await take(bob, 'people');
  await bob.page.getByRole('menuitem', { name: 'Remove from room…' }).click();
  await bob.page.getByRole('dialog').waitFor();
  await take(bob, 'remove');
  await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('button', { name: 'Invite…' }).first().click();
  await bob.button('Create link').click();
  await bob.page.getByRole('img', { name: 'QR code of the link' }).scrollIntoViewIfNeeded();
  await take(bob, 'invite');
  await bob.page.keyboard.press('Escape');
  // The sheet of a phone covers the toolbar.
  if (isPhone) await bob.button('Close').click();
  await bob.button('More').click();
  await take(bob, 'more');
  await bob.page.getByRole('menuitem', { name: 'Room…' }).click();
  await bob.page.getByRole('row').first().waitFor();
  await take(bob, 'room');
  await bob.page.keyboard.press('Escape');
  await bob.page.keyboard.press(',');
  for (const tab of ['Audio', 'Video', 'Network', 'Accessibility', 'About']) {
    await bob.page.getByRole('tab', { name: tab }).click();
    if (tab === 'Video') await bob.page.locator('dialog video').evaluate(playing);
    await take(bob, `settings-${tab.toLowerCase()}`);
  }
  await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
  await bob.page.keyboard.press('?');
  await bob.page.getByRole('dialog').waitFor();
  await take(bob, 'shortcuts');
  await arabic.page.goto(group);
  await arabic.page.locator('#username').fill('carol');
  await arabic.page.locator('#password').fill('quiet');
  await arabic.page.locator('.preform [type="submit"]').click();
  await arabic.page.locator('.leave').waitFor();
  await arabic.page.locator('.tile video').nth(1).evaluate(playing);
  await take(arabic, 'call-arabic');
  await arabic.page.keyboard.press('c');
  await arabic.page.locator('.log .bub').first().waitFor();
  await take(arabic, 'chat-arabic');
  for (const person of [bob, alice, arabic]) await person.page.close();
}

/** @param {Tour} tour */
async function rooms({ server, arrive, take }) {
  const root = await arrive();
  await root.page.goto(`${server.url}admin/`);
  await root.page.getByLabel('Name').fill('root');
  await root.page.getByLabel('Password').fill('geheim');
  await root.button('Sign in').click();
  await root.page.getByRole('button', { name: /Lecture hall/ }).click();
  await root.page.getByLabel('People at most').fill('120');
  await take(root, 'rooms');
  await root.page.getByRole('tab', { name: 'People and passwords' }).click();
  await root.page.getByRole('row', { name: /alice/ }).waitFor();
  await take(root, 'rooms-people');
  await root.page.getByRole('tab', { name: 'Invitations' }).click();
  await root.page.getByRole('row').first().waitFor();
  await take(root, 'rooms-invitations');
  await root.page.close();
}
