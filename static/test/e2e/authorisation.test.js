import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { everywhereIfAsked } from './support/browsers.js';
import { Person } from './support/person.js';
import { freePort, startServer } from './support/server.js';

const SECRET = 'MYz3IfCq4Yq-UmPdNqWEOdPl4C_m9imHHs9uveDUJGQ';
const KEY = { kty: 'oct', alg: 'HS256', k: SECRET };
/** What the browser says of an answer that is no success. */
const REFUSED = [/Failed to load resource/];

/** @param {object} claims @returns {string} a signed token */
function sign(claims) {
  /** @param {object} part */
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iat: now, exp: now + 30, ...claims })}`;
  return `${text}.${createHmac('sha256', Buffer.from(SECRET, 'base64url')).update(text).digest('base64url')}`;
}

/**
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} listener
 * @returns {Promise<string>} address of a server of the test's own, without a slash at its end
 */
async function serve(t, listener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

everywhereIfAsked('the example of an authorisation server decides who comes in', async (t, start) => {
  const dir = await mkdtemp(join(tmpdir(), 'galene-e2e-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'key'), JSON.stringify(KEY));
  execFileSync('go', ['build', '-o', join(dir, 'authserver'), './docs/integrations/authserver'], { cwd: new URL('../../../', import.meta.url).pathname });
  const port = await freePort();
  const child = spawn(join(dir, 'authserver'), ['-listen', `127.0.0.1:${port}`, '-key', join(dir, 'key'), '-fallback',
    '-command', 'read -r p; case $NAME in ada) [ "$p" = lovelace ];; bob) exit 2;; *) false;; esac'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill());
  await once(child.stderr, 'data');
  const authServer = `http://127.0.0.1:${port}/`;
  const server = await startServer(t, { 'a/b': { authServer, authKeys: [KEY], users: { bob: { password: 'secret', permissions: 'op' } } } });
  const browser = await start(t);
  const [ada, bob] = await Promise.all([Person.arrive(browser), Person.arrive(browser)]);
  await ada.page.goto(server.group('a/b'));
  await ada.enter('ada', 'wrong');
  await ada.page.getByText('the authorisation server said 401 Unauthorized').waitFor();
  await ada.enter('ada', 'lovelace');
  await ada.button('Leave').waitFor();
  // The authorisation server leaves bob to the group.
  await bob.page.goto(server.group('a/b'));
  await bob.enter('bob', 'secret');
  await bob.button('Leave').waitFor();
  for (const person of [ada, bob]) await person.assertNoProblems(REFUSED, [new URL(authServer).origin]);
});

everywhereIfAsked('an authorisation server of 2021 decides who comes in', async (t, start) => {
  /** @type {any[]} */
  const asked = [];
  const authServer = await serve(t, (r, w) => {
    w.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Headers', 'Content-Type');
    if (r.method === 'OPTIONS') {
      w.end();
      return;
    }
    let body = '';
    r.on('data', (d) => { body += d; }).on('end', () => {
      const { group, username, password } = JSON.parse(body);
      asked.push(JSON.parse(body));
      if (password !== 'lovelace') {
        w.writeHead(403).end();
        return;
      }
      w.setHeader('Content-Type', 'aplication/jwt').end(sign({ sub: username, aud: group, permissions: { present: true } }));
    });
  });
  const server = await startServer(t, { 'a/b': { authServer: `${authServer}/`, authKeys: [KEY] } });
  const ada = await Person.arrive(await start(t));
  await ada.page.goto(server.group('a/b'));
  await ada.enter('ada', 'x');
  await ada.page.getByText('the authorisation server said 403 Forbidden').waitFor();
  await ada.enter('ada', 'lovelace');
  await ada.button('Leave').waitFor();
  assert.deepEqual(asked.at(-1), { location: server.group('a/b'), group: 'a/b', username: 'ada', password: 'lovelace' });
  await ada.page.getByLabel('Message', { exact: true }).or(ada.button('Chat')).first().waitFor();
  await ada.assertNoProblems(REFUSED, [authServer]);
});

everywhereIfAsked('visitors of a portal come back with a token, which the address does not keep', async (t, start) => {
  let group = '';
  const portal = await serve(t, (_, w) => {
    const token = sign({ sub: '', aud: group, permissions: ['present', 'message'] });
    w.writeHead(302, { Location: `${group}?token=${token}&username=ada` }).end();
  });
  const server = await startServer(t, { example: { authPortal: `${portal}/`, authKeys: [KEY] } });
  group = server.group('example');
  const ada = await Person.arrive(await start(t));
  await ada.page.goto(group);
  await ada.page.getByLabel('Your name').waitFor();
  await ada.page.waitForURL(group);
  assert.equal(await ada.page.getByLabel('Your name').inputValue(), 'ada');
  await ada.button('Join').click();
  await ada.button('Leave').waitFor();
  await ada.assertNoProblems(REFUSED);
});

everywhereIfAsked('an invitation that is not valid says so, and a password still does', async (t, start) => {
  const server = await startServer(t);
  const bob = await Person.arrive(await start(t));
  await bob.page.goto(`${server.group('example')}?token=no-such-token`);
  await bob.page.getByText('This invitation is not valid, or not any more.').waitFor();
  await bob.enter('bob', 'secret');
  await bob.button('Leave').waitFor();
  await bob.assertNoProblems(REFUSED);
});
