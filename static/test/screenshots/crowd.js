// The part of the tour that shows a room full of people.

import { OPERATOR } from './rooms.js';

/** @typedef {import('./visits.js').Tour} Tour */
/** @typedef {import('../e2e/support/person.js').Person} Person */

/** Those with a camera first. */
const CROWD = ['Grace Okafor', 'Kenji Watanabe', 'Barbara Lindqvist', 'Edsger Visser', 'Fatima Haddad', 'Lucas Almeida', 'Mei Chen'];
const WITH_CAMERA = 3;

/**
 * People who stay for the whole tour. They look at nothing: eight decoders of eight pictures are not what is photographed.
 * @param {Tour} tour
 */
export async function gather({ server, arrive }) {
  /** @type {Person[]} */
  const guests = [];
  for (const [i, name] of CROWD.entries()) {
    const guest = await arrive({ look: i + 1, speaks: i === 0, settings: { request: '', displayAll: false } });
    await guest.page.goto(server.group('seminar'));
    if (i < WITH_CAMERA) await guest.switchOnDevices();
    await guest.page.getByLabel('Your name').fill(name);
    await guest.page.getByLabel('Password', { exact: true }).fill(i === 0 ? 'wonder' : 'x');
    await guest.button('Join').click();
    await guest.button('Leave').waitFor();
    guests.push(guest);
  }
  const [, kenji, , edsger] = guests;
  await kenji?.button('Microphone').click();
  await edsger?.page.keyboard.press('r');
  return guests;
}

/**
 * @param {Tour} tour
 * @param {Person[]} guests
 */
export async function crowd({ server, arrive, isPhone, take, administrator }, guests) {
  const [grace] = guests;
  if (!grace) throw new Error('nobody came');
  const ada = await arrive();
  await ada.join(server.group('seminar'), OPERATOR.name, OPERATOR.password);
  await ada.tile('Mei Chen').waitFor({ state: 'attached' });
  for (const name of CROWD.slice(0, WITH_CAMERA)) await ada.tile(name).locator('video').evaluate(playing);
  await ada.tile('Grace Okafor.*speaking').waitFor();
  await take(ada, 'crowd');
  await ada.page.keyboard.press('p');
  await ada.page.getByRole('region', { name: 'Hands' }).waitFor();
  await take(ada, 'crowd-people');
  await ada.button('Close').click();
  if (!isPhone) await devices(ada, take);
  await grace.button('Share').click();
  const screen = ada.page.getByRole('group', { name: 'Screen of Grace Okafor' });
  await screen.locator('video').evaluate(playing);
  await take(ada, 'share');
  const root = await administrator();
  await root.page.goto(`${server.url}stats.html`);
  await root.page.getByText(/Grace Okafor/).first().waitFor();
  await take(root, 'statistics');
  await root.page.getByText('Camera, video').first().evaluate((e) => e.scrollIntoView({ block: 'start' }));
  await take(root, 'statistics-tracks');
  await root.page.close();
  await grace.page.keyboard.press('d');
  await screen.waitFor({ state: 'detached' });
  await server.stop();
  await ada.page.getByText('Next try').waitFor();
  await take(ada, 'reconnecting');
  await server.start();
  await ada.page.getByText('Back online').first().waitFor();
  await take(ada, 'back-online');
  await ada.button('Leave').click();
  await ada.button('Rejoin').waitFor();
  await take(ada, 'left');
  await ada.page.close();
  for (const guest of guests) await guest.page.getByText('Connection lost').waitFor({ state: 'detached' });
}

/** Waits until a picture is as sharp as it gets: the first ones are not. @param {HTMLElement | SVGElement} video */
export async function playing(video) {
  const element = /** @type {HTMLVideoElement} */ (video);
  while (element.readyState < 2 || element.currentTime < 3) await new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * @param {Person} ada
 * @param {Tour['take']} take
 */
async function devices(ada, take) {
  for (const [button, name] of /** @type {const} */ ([['Audio devices', 'device-menu-audio'], ['Video devices', 'device-menu']])) {
    await ada.button(button).click();
    await ada.page.getByRole('menu').waitFor();
    await take(ada, name);
    await ada.page.keyboard.press('Escape');
  }
  await ada.page.mouse.move(0, 0);
}
