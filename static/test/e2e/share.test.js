import { everywhere } from './support/browsers.js';
import { Person } from './support/person.js';
import { drawScreens } from './support/screen.js';
import { startServer } from './support/server.js';
import { until, untilMediaFlows } from './support/wait.js';

everywhere('a shared screen takes the stage beside the camera, and goes', async (t, start) => {
  const server = await startServer(t);
  const browser = await start(t);
  const [bob, alice] = [await Person.arrive(browser), await Person.arrive(browser)];
  await bob.page.addInitScript(drawScreens);
  await bob.join(server.group('example'), 'bob', 'secret');
  await alice.join(server.group('example'), 'alice', 'wonder');
  await bob.button('Share').click();
  await bob.page.getByRole('group', { name: 'Your screen' }).waitFor();
  const screen = alice.page.getByRole('group', { name: 'Screen of bob' });
  await screen.waitFor();
  await untilMediaFlows('alice', () => alice.media(), 2);
  await until('the screen is shown', async () => (await alice.media()).videos.some((v) => v.key === 'Screen of bob'));
  await until('it takes the stage', async () => ((await screen.boundingBox())?.width ?? 0) > 900);
  await bob.button('Share').click();
  await screen.waitFor({ state: 'detached' });
  await alice.tile('bob').waitFor();
  for (const person of [bob, alice]) await person.assertNoProblems();
});
