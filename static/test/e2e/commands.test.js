// What can be typed after a slash, each with what comes of it at the other end.

import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { film } from './support/film.js';
import { Person } from './support/person.js';
import { drawScreens } from './support/screen.js';
import { GROUP, startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

/** @param {Person} person @param {boolean} on */
const microphone = ({ page }, on) => page.locator(`button[aria-label="Microphone"][aria-pressed="${on}"]`).waitFor();

/** @param {Person} person @param {string} text of a notice */
const told = ({ page }, text) => page.locator('.toast', { hasText: text }).first().waitFor();

/**
 * Bob, who is an operator and has the chat open, and others who have not joined yet.
 * @param {import('node:test').TestContext} t
 * @param {import('./support/browsers.js').Start} start
 */
async function call(t, start) {
  const server = await startServer(t, { example: { ...GROUP, 'allow-recording': true, 'auto-subgroups': true } });
  const browser = await start(t);
  const [bob, alice, carol] = [await Person.arrive(browser), await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  return { server, bob, alice, carol };
}

everywhere('what an operator types about people is done', async (t, start) => {
  const { server, bob, alice } = await call(t, start);
  await alice.join(server.group('example'), 'alice', 'wonder');
  await untilMediaFlows('bob', () => bob.media());

  await t.test('muting and warning', async () => {
    await bob.say('/mute alice');
    await told(alice, 'bob muted you.');
    await microphone(alice, false);
    await alice.button('Microphone').click();
    await microphone(alice, true);
    await bob.say('/muteall');
    await microphone(alice, false);
    await bob.say('/warn alice not so loud');
    await told(alice, 'bob: not so loud');
    await bob.say('/wall five minutes left');
    for (const person of [bob, alice]) await told(person, 'bob: five minutes left');
    assert.equal(await bob.page.locator('.toast', { hasText: 'not so loud' }).count(), 0);
  });

  await t.test('what somebody may', async () => {
    await bob.say('/unpresent alice');
    await told(alice, 'You may no longer use camera and microphone.');
    await until('nothing of alice comes', async () => (await bob.media()).received === 0);
    await bob.say('/present alice');
    await alice.button('Camera').waitFor();
    for (const [command, text] of [
      ['shutup', 'You may no longer write.'], ['unshutup', 'You may write now.'], ['op', 'You are an operator now.'], ['unop', 'You are no longer an operator.'],
    ]) {
      await bob.say(`/${command} alice`);
      await told(alice, text);
    }
  });

  await t.test('who they are, and that they have to go', async () => {
    await bob.say('/identify alice');
    await bob.page.getByText(/alice has the id [0-9a-f]{32} and the address 127\.0\.0\.1:\d+/).first().waitFor();
    await bob.say('/kick alice see you tomorrow');
    await alice.page.locator('.preform [role="alert"]', { hasText: 'You were removed from this room: see you tomorrow' }).waitFor();
  });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('what an operator types about the room is done', async (t, start) => {
  const { server, bob, alice, carol } = await call(t, start);
  const output = bob.page.locator('.output');

  await t.test('its door', async () => {
    await bob.say('/lock exam in progress');
    await told(bob, 'The room is locked.');
    await alice.page.goto(server.group('example'));
    await alice.switchOnDevices();
    await alice.enter('alice', 'wonder');
    await alice.page.locator('.preform').getByRole('alert').getByText(/exam in progress/).waitFor();
    await bob.say('/unlock');
    await told(bob, 'The room is unlocked.');
    await alice.enter('alice', 'wonder');
    await untilMediaFlows('bob', () => bob.media());
  });

  await t.test('its invitations', async () => {
    await bob.say('/invite zoe 2d');
    const made = await output.last().locator('a').getAttribute('href') ?? '';
    await bob.say(`/revoke ${made}`);
    await output.getByText('Expired').waitFor();
    await carol.page.goto(made);
    await carol.page.getByText('This invitation is not valid, or not any more.').waitFor();
    await bob.say(`/reinvite ${made} 1h`);
    await until('three answers', async () => await output.count() === 3);
    await bob.say('/listtokens');
    await until('it is in the list', async () => await output.count() === 4 && /zoe[^]*Until/.test(await output.last().innerText()));
    await carol.page.goto(made);
    await carol.page.getByText('You join as zoe.').waitFor();
    await carol.button('Join').click();
    await bob.page.getByRole('button', { name: 'People' }).locator('.badge', { hasText: '3' }).waitFor();
    await carol.button('Leave').click();
  });

  await t.test('the rooms below it, and its chat', async () => {
    await carol.page.goto(server.group('example/board'));
    await carol.enter('carol', 'quiet');
    await carol.button('Leave').waitFor();
    await bob.say('/subgroups');
    await bob.page.getByRole('log').getByText('example/board (1 client)').waitFor();
    await bob.say('to be forgotten');
    await alice.button('Chat').click();
    await alice.page.getByRole('log').getByText('to be forgotten').waitFor();
    await bob.say('/clear');
    await alice.page.getByRole('log').getByText('to be forgotten').waitFor({ state: 'detached' });
  });

  await t.test('its recording, which the server refuses as long as it has no recorder', async () => {
    await bob.say('/record');
    await told(bob, 'The server: recording is not possible on this server yet');
    await alice.say('/record');
    await alice.page.getByRole('log').getByText('/record is for those who may record.').waitFor();
  });
  for (const person of [bob, alice, carol]) await person.assertNoProblems();
});

/** Runs in the page: the user fragments of its open connections. */
function fragments() {
  const open = Object(globalThis).peerConnections.filter((/** @type {RTCPeerConnection} */ pc) => pc.signalingState !== 'closed');
  return open.map((/** @type {RTCPeerConnection} */ pc) => /a=ice-ufrag:(\S+)/.exec(pc.localDescription?.sdp ?? '')?.[1] ?? '').sort().join();
}

everywhereIfAsked('what somebody types about themselves is done', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.page.addInitScript(drawScreens);
  await alice.join(server.group('example'), 'alice', 'wonder');
  await alice.button('Chat').click();
  await untilMediaFlows('bob', () => bob.media());

  await t.test('settings', async () => {
    await alice.say('/set mirrorView false');
    await alice.say('/set');
    await alice.page.locator('.output', { hasText: 'mirrorView: false' }).waitFor();
    await alice.say('/unset mirrorView');
    await alice.say('/set');
    await alice.page.locator('.output', { hasText: 'mirrorView: true' }).waitFor();
  });

  await t.test('media begin anew, by another way and as another stream', async () => {
    const [sent, received] = [await alice.page.evaluate(fragments), await bob.page.evaluate(fragments)];
    await alice.say('/renegotiate');
    await until('the connection of alice has other names', async () => await alice.page.evaluate(fragments) !== sent);
    await untilMediaFlows('bob', () => bob.media());
    await alice.say('/replace');
    await until('another connection comes', async () => await bob.page.evaluate(fragments) !== received);
    await untilMediaFlows('bob', () => bob.media());
  });

  await t.test('screens', async () => {
    const screens = bob.page.getByRole('group', { name: 'Screen of alice' });
    for (const count of [1, 2]) {
      await alice.say('/sharescreen');
      await until(`${count} shown`, async () => (await bob.media()).videos.filter((v) => v.key === 'Screen of alice').length === count);
    }
    await alice.say('/unsharescreen');
    await until('all are gone', async () => await screens.count() === 0);
  });

  await t.test('files, played and sent', async () => {
    const buffer = Buffer.from(await alice.page.evaluate(film), 'base64');
    for (const [command, name] of [['/presentfile', 'film.webm'], ['/sendfile bob', 'copy.webm']]) {
      const choosing = alice.page.waitForEvent('filechooser');
      await alice.say(command);
      await (await choosing).setFiles({ name, mimeType: 'video/webm', buffer });
    }
    await until('bob sees the film', async () => (await bob.media()).videos.some((v) => v.key === 'Played by alice' && v.time > 1));
    await bob.button('Chat').click();
    await bob.page.getByRole('group', { name: 'copy.webm' }).getByText('alice wants to send you this').waitFor();
  });
  await alice.say('/leave');
  await alice.page.getByRole('heading', { name: 'You left.' }).waitFor();
  await bob.tile('alice').waitFor({ state: 'detached' });
  for (const person of [bob, alice]) await person.assertNoProblems();
});
