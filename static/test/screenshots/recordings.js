// The part of the tour that shows what was recorded.

import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPERATOR } from './rooms.js';

/** @typedef {import('./visits.js').Tour} Tour */

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
  const ada = await arrive({ httpCredentials: { username: OPERATOR.name, password: OPERATOR.password } });
  await ada.page.goto(`${server.url}recordings/physics/101/`);
  await ada.page.getByRole('button', { name: /^Play/ }).first().waitFor();
  await take(ada, 'recordings');
  await ada.page.getByRole('button', { name: /^Play/ }).first().click();
  await ada.page.getByText('browser cannot play').waitFor();
  await take(ada, 'recordings-broken');
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('button', { name: 'Delete', exact: true }).first().click();
  await ada.page.getByRole('dialog').waitFor();
  await take(ada, 'recordings-delete');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await ada.page.getByText('Deleted.').waitFor();
  await take(ada, 'recordings-deleted');
  await ada.page.goto(`${server.url}recordings/coffee/`);
  await ada.page.getByText('Nothing has been recorded').waitFor();
  await take(ada, 'recordings-empty');
  await ada.page.close();
  const nobody = await arrive({ httpCredentials: { username: OPERATOR.name, password: 'wrong' } });
  await nobody.page.goto(`${server.url}recordings/coffee/`);
  await nobody.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await take(nobody, 'recordings-refused');
  await nobody.page.close();
}
