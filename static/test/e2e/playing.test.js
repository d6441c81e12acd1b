import assert from 'node:assert/strict';
import { everywhere, everywhereIfAsked } from './support/browsers.js';
import { Person } from './support/person.js';
import { film } from './support/film.js';
import { drawScreens } from './support/screen.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

everywhere('a file is played to the others with picture and sound, and is gone at its end', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.join(server.group('example'), 'bob', 'secret');
  const [recorded] = await Promise.all([bob.page.evaluate(film), alice.join(server.group('example'), 'alice', 'wonder', { devices: false })]);
  const buffer = Buffer.from(recorded, 'base64');
  await untilMediaFlows('alice', () => alice.media());
  const choosing = bob.page.waitForEvent('filechooser');
  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Play a file' }).click();
  assert.equal(await (await choosing).element().getAttribute('accept'), 'audio/*,video/*');
  await (await choosing).setFiles({ name: 'film.webm', mimeType: 'video/webm', buffer });
  await alice.page.getByRole('group', { name: 'Played by bob' }).waitFor();
  await alice.page.getByRole('group', { name: /^bob, camera on, muted/ }).waitFor();
  const before = await until('alice sees it', async () => {
    const m = await alice.media();
    const shown = m.videos.find((v) => v.key === 'Played by bob');
    return m.received === 2 && shown?.w === 300 && shown.time > 1 ? m : false;
  });
  // Of the microphone nothing is heard any more.
  await until('alice hears it', async () => (await alice.media()).energy > before.energy);
  await alice.page.getByRole('group', { name: 'Played by bob' }).waitFor({ state: 'detached' });
  await bob.page.getByRole('group', { name: 'film.webm' }).waitFor({ state: 'detached' });
  for (const person of [bob, alice]) await person.assertNoProblems();
});

everywhereIfAsked('a file that is no film is refused in words', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await bob.button('Chat').click();
  const choosing = bob.page.waitForEvent('filechooser');
  await bob.say('/presentfile');
  await (await choosing).setFiles({ name: 'a.webm', mimeType: 'video/webm', buffer: Buffer.from('nothing') });
  await bob.page.getByText('This browser cannot play “a.webm”.').first().waitFor();
  await bob.assertNoProblems();
});

everywhereIfAsked('several screens are shared at once, and each is stopped by itself', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.page.addInitScript(drawScreens);
  await bob.join(server.group('example'), 'bob', 'secret', { devices: false });
  await alice.join(server.group('example'), 'alice', 'wonder', { devices: false });
  await bob.button('Share').click();
  await bob.page.getByRole('group', { name: 'Your screen' }).waitFor();
  await bob.button('More').click();
  await bob.page.getByRole('menuitem', { name: 'Share another screen' }).click();
  const screens = alice.page.getByRole('group', { name: 'Screen of bob' });
  await until('alice gets two', async () => (await screens.count()) === 2);
  await until('both are shown', async () => (await alice.media()).videos.filter((v) => v.key === 'Screen of bob').length === 2);
  const own = bob.page.getByRole('group', { name: 'Your screen' }).first();
  // The buttons of a tile are there for who points at it, or comes by keyboard.
  await own.getByRole('button', { name: 'Stop sharing' }).press('Enter');
  await until('one is left', async () => (await screens.count()) === 1);
  assert.equal(await bob.page.getByRole('group', { name: 'Your screen' }).count(), 1);
  for (const person of [bob, alice]) await person.assertNoProblems();
});
