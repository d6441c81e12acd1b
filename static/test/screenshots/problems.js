// The part of the tour that shows what does not go well: what is empty, what is not there yet, what is refused.

import { OPERATOR, PRESENTER, WATCHER } from './rooms.js';
import { holdPictures } from '../e2e/support/hold.js';
import { playing } from './crowd.js';

/** @typedef {import('./visits.js').Tour} Tour */
/** @typedef {import('../e2e/support/person.js').Person} Person */

/** @param {Tour} tour */
export async function problems(tour) {
  await emptyPages(tour);
  await devices(tour);
  await refusals(tour);
  await inTheCall(tour);
  await removed(tour);
}

/** @param {Tour} tour */
async function emptyPages({ server, arrive, take, administrator }) {
  const ada = await arrive();
  /** What the server answers from now on. @param {string} path @param {(route: import('playwright-core').Route) => unknown} answer */
  const answers = async (path, answer) => {
    await ada.page.unrouteAll();
    await ada.page.route(path, answer);
  };
  await answers('**/public-groups.json', () => {});
  await ada.page.goto(server.url);
  await ada.page.locator('.room.waiting').first().waitFor();
  await take(ada, 'landing-loading');
  await answers('**/public-groups.json', (route) => route.abort());
  await ada.page.goto(server.url);
  await ada.page.getByText('could not be loaded').waitFor();
  await take(ada, 'landing-failed');
  await answers('**/public-groups.json', (route) => route.fulfill({ json: [] }));
  await ada.page.goto(server.url);
  await ada.page.getByText('There are no public rooms').waitFor();
  await take(ada, 'landing-none');
  await ada.page.close();
  const root = await administrator();
  await root.page.route('**/stats.json', () => {});
  await root.page.goto(`${server.url}stats.html`);
  await root.page.locator('.card.waiting').waitFor();
  await take(root, 'statistics-loading');
  await root.page.unrouteAll();
  await root.page.route('**/stats.json', (route) => route.fulfill({ json: [] }));
  await root.page.goto(`${server.url}stats.html`);
  await root.page.getByText('No room is in use').waitFor();
  await take(root, 'statistics-empty');
  await root.page.unrouteAll();
  await root.page.route('**/stats.json', (route) => route.abort());
  await root.page.getByText('cannot be reached').waitFor();
  await take(root, 'statistics-stale');
  await root.page.close();
}

/** Cameras that cannot be had. @param {Tour} tour */
async function devices({ server, arrive, take }) {
  for (const [name, page, text] of /** @type {const} */ ([
    ['NotAllowedError', 'pre-join-denied', 'blocks the camera'], ['NotFoundError', 'pre-join-no-camera', 'No camera found'],
    ['NotReadableError', 'pre-join-camera-in-use', 'Another program'], ['', 'pre-join-prompt', 'Choose “Allow”'],
  ])) {
    const ada = await arrive();
    await ada.page.goto(server.group('physics/101'));
    await ada.page.getByLabel('Your name').fill(OPERATOR.name);
    await ada.page.evaluate((error) => {
      navigator.mediaDevices.getUserMedia = () => (error ? Promise.reject(new DOMException('', error)) : new Promise(() => {}));
    }, name);
    await ada.button('Camera').click();
    await ada.page.getByText(text).first().waitFor();
    await take(ada, page);
    await ada.page.close();
  }
}

/** Rooms that let nobody in. @param {Tour} tour */
async function refusals({ server, arrive, take }) {
  const ada = await arrive();
  const first = await arrive();
  await first.join(server.group('standup'), 'Mei Chen', 'x', { devices: false });
  for (const [room, page, text] of /** @type {const} */ ([
    ['board', 'pre-join-locked', 'This room is locked'], ['standup', 'pre-join-full', 'The room is full'],
    ['exam', 'pre-join-not-yet', 'not open yet'], ['archive', 'pre-join-closed', 'is closed'],
  ])) {
    await ada.page.goto(server.group(room));
    await ada.enter('Lucas Almeida', 'x');
    await ada.page.getByRole('alert').getByText(text).waitFor();
    await take(ada, page);
  }
  await ada.page.goto(server.group('physics/101'));
  await ada.page.getByLabel('Your name').waitFor();
  await server.stop();
  await ada.enter(OPERATOR.name, OPERATOR.password);
  await ada.page.getByText('cannot be reached').waitFor();
  await take(ada, 'pre-join-unreachable');
  await server.start();
  await ada.page.goto(`${server.url}change-password.html`);
  await ada.page.getByText('needs a link').waitFor();
  await take(ada, 'password-incomplete');
  await ada.page.goto(`${server.url}change-password.html?group=coffee&username=${encodeURIComponent(OPERATOR.name)}`);
  await ada.page.getByLabel('Old password').fill('wrong');
  await ada.page.getByLabel('New password', { exact: true }).fill('new');
  await ada.page.getByLabel('New password again').fill('new');
  await ada.button('Change password').click();
  await ada.page.getByText('The old password is wrong').waitFor();
  await take(ada, 'password-wrong');
  await ada.page.goto(`${server.url}admin/`);
  await ada.page.getByLabel('Name').fill('root');
  await ada.page.getByLabel('Password').fill('wrong');
  await ada.button('Sign in').click();
  await ada.page.getByText('not the name and password').waitFor();
  await take(ada, 'rooms-wrong');
  for (const person of [ada, first]) await person.page.close();
}

/** @param {Tour} tour */
async function inTheCall({ server, arrive, take, isPhone }) {
  const group = server.group('physics/101');
  const [ada, grace, noor] = [await arrive(), await arrive({ look: 1 }), await arrive({ settings: { displayAll: false } })];
  await noor.join(group, WATCHER.name, WATCHER.password, { devices: false });
  await take(noor, 'watching-alone');
  await ada.join(group, OPERATOR.name, OPERATOR.password, { devices: false });
  await noor.page.getByText('Ada Moreau joined').first().waitFor({ state: 'attached' });
  await take(noor, 'watching');
  if (!isPhone) {
    await noor.button('Chat').click();
    await noor.page.getByText('You cannot write').waitFor();
    await take(noor, 'chat-no-right');
    await noor.button('Chat').click();
  }
  await grace.join(group, PRESENTER.name, PRESENTER.password);
  await ada.tile(PRESENTER.name).locator('video').evaluate(playing);
  const release = await holdPictures(ada);
  await grace.page.keyboard.press('d');
  await ada.page.getByText('Loading…').waitFor();
  await take(ada, 'share-loading');
  await release();
  await grace.page.keyboard.press('d');
  await ada.page.getByText('Loading…').waitFor({ state: 'detached' });
  await ada.page.keyboard.press('p');
  await ada.button('Lock room').click();
  await grace.page.getByText('The room is locked').first().waitFor();
  await take(grace, 'locked');
  await ada.button('Mute everyone').click();
  await grace.page.getByText('muted you').first().waitFor();
  await take(grace, 'muted');
  await ada.button('Unlock').first().click();
  await grace.page.getByText('is unlocked').first().waitFor();
  for (const person of [ada, grace, noor]) await person.page.close();
}

/** @param {Tour} tour */
async function removed({ server, arrive, take }) {
  const group = server.group('physics/101');
  const [ada, grace, silent] = [await arrive(), await arrive({ look: 1 }), await arrive({ look: 2 })];
  await ada.join(group, OPERATOR.name, OPERATOR.password);
  await silent.page.addInitScript(() => {
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function attempt() {
      return this.muted ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
    };
  });
  await silent.join(group, WATCHER.name, WATCHER.password, { devices: false });
  await silent.page.getByText('plays no sound').waitFor();
  await silent.tile(OPERATOR.name).locator('video').evaluate(playing);
  await take(silent, 'sound-blocked');
  await grace.join(group, PRESENTER.name, PRESENTER.password);
  await ada.button('Chat').click();
  await ada.say(`/kick "${PRESENTER.name}" The exam begins.`);
  await grace.page.getByRole('alert').getByText('You were removed').waitFor();
  await take(grace, 'removed');
  for (const person of [ada, grace, silent]) await person.page.close();
}
