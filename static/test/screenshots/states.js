// The part of the tour that shows more than an ordinary call: a crowd, a lost connection, what administrators and recorders see.

import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {import('./visits.js').Tour} Tour */
/** @typedef {import('../e2e/support/chromium.js').Person} Person */

/** Those with a camera first. */
const CROWD = ['Grace Okafor', 'Kenji Watanabe', 'Barbara Lindqvist', 'Edsger Visser', 'Fatima Haddad', 'Lucas Almeida', 'Mei Chen'];
const WITH_CAMERA = 2;

/** @param {Tour} tour */
export async function crowd({ server, arrive, isPhone, take, administrator }) {
  const group = server.group('seminar');
  const bob = await arrive();
  await bob.join(group, 'Ada Moreau', 'x');
  /** @type {Person[]} */
  const others = [];
  for (const [i, name] of CROWD.entries()) {
    // Phones have no button for sharing in sight.
    const person = await arrive({ viewport: { width: 1024, height: 640 }, isMobile: false, hasTouch: false });
    await person.join(group, name, 'x', { devices: i < WITH_CAMERA });
    others.push(person);
  }
  const [grace, , , edsger] = others;
  if (!grace || !edsger) throw new Error('nobody came');
  await edsger.page.keyboard.press('r');
  await bob.tile('Mei Chen').waitFor({ state: 'attached' });
  await bob.pictureOf('Grace Okafor');
  await take(bob, 'crowd');
  await bob.page.keyboard.press('p');
  await bob.page.getByRole('region', { name: 'Hands' }).waitFor();
  await take(bob, 'crowd-people');
  await bob.button('Close').click();
  await devices(bob, { isPhone, take });
  await grace.button('Share').click();
  await bob.page.getByRole('group', { name: 'Screen of Grace Okafor' }).waitFor();
  await take(bob, 'share-begins');
  await bob.page.getByRole('group', { name: 'Screen of Grace Okafor' }).locator('video').evaluate(playing);
  await take(bob, 'share');
  const root = await administrator();
  await root.page.goto(`${server.url}stats.html`);
  await root.page.getByText(/Grace Okafor/).first().waitFor();
  await take(root, 'statistics');
  for (const person of [root, ...others]) await person.page.close();
  await server.stop();
  await bob.page.getByText('Connection lost').waitFor();
  await take(bob, 'reconnecting');
  await server.start();
  await bob.page.getByText('Connection lost').waitFor({ state: 'detached' });
  await bob.button('Leave').click();
  await bob.button('Rejoin').waitFor();
  await take(bob, 'left');
  await bob.page.close();
}

/** Waits for the first picture. @param {HTMLElement | SVGElement} video */
export async function playing(video) {
  const element = /** @type {HTMLVideoElement} */ (video);
  while (element.readyState < 2) await new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * @param {Person} bob
 * @param {Pick<Tour, 'isPhone' | 'take'>} tour
 */
async function devices(bob, { isPhone, take }) {
  if (isPhone) return;
  await bob.button('Video devices').click();
  await bob.page.getByRole('menu').waitFor();
  await take(bob, 'device-menu');
  await bob.page.keyboard.press('Escape');
}

/** @param {Tour} tour */
export async function recordings({ server, arrive, take }) {
  const directory = join(server.dir, 'recordings', 'physics', '101');
  await mkdir(directory, { recursive: true });
  for (const [name, bytes, end] of /** @type {const} */ ([
    ['2026-11-19T14:16:02.123-Grace Okafor.webm', 2_500_000, '2026-11-19T15:46:10'], ['2026-11-12T14:15:09.001-Grace Okafor.webm', 1_800_000, '2026-11-12T15:40:30'],
    ['2026-11-12T14:52:40.500-Kenji Watanabe.webm', 400_000, '2026-11-12T14:58:01'],
  ])) {
    await writeFile(join(directory, name), Buffer.alloc(bytes));
    await utimes(join(directory, name), new Date(end), new Date(end));
  }
  const bob = await arrive({ httpCredentials: { username: 'bob', password: 'secret' } });
  await bob.page.goto(`${server.url}recordings/physics/101/`);
  await bob.page.getByRole('button', { name: /^Play/ }).first().waitFor();
  await take(bob, 'recordings');
  await bob.page.getByRole('button', { name: 'Delete', exact: true }).first().click();
  await bob.page.getByRole('dialog').waitFor();
  await take(bob, 'recordings-delete');
  await bob.page.goto(`${server.url}recordings/coffee/`);
  await bob.page.getByText('Nothing has been recorded').waitFor();
  await take(bob, 'recordings-empty');
  await bob.page.close();
}
