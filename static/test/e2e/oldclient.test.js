import assert from 'node:assert/strict';
import { everywhere } from './support/browsers.js';
import { Person } from './support/person.js';
import { startServer } from './support/server.js';
import { until, untilEqual } from './support/wait.js';

/** The page of somebody whose client is an old one, at `me` in the page. */
class OldPerson {
  /** @param {import('playwright-core').Page} page */
  constructor(page) { this.page = page; }

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {string} location of the group
   * @param {{username: string | null, password?: string, token?: string}} who
   */
  static async arrive(browser, location, who) {
    const { page } = await Person.arrive(browser);
    await page.addInitScript({ path: new URL('support/oldclient.js', import.meta.url).pathname });
    await page.goto(new URL('/stats.html', location).href);
    const person = new OldPerson(page);
    await page.evaluate(() => { Object(globalThis).me = new (Object(globalThis).OldClient)(); });
    await person.do('connect', location, who);
    return person;
  }

  /**
   * Has the client do something.
   * @param {string} method
   * @param {any[]} args
   */
  do(method, ...args) {
    return this.page.evaluate(([name, values]) => Object(globalThis).me[name](...values), /** @type {const} */ ([method, args]));
  }

  /** @param {string} field */
  get(field) {
    return this.page.evaluate((name) => Object(globalThis).me[name], field);
  }

  /**
   * Sends the camera, or a picture drawn for the purpose.
   * @param {string} label
   * @param {object} [options]
   * @returns {Promise<string>}
   */
  publish(label, options = {}) {
    return this.page.evaluate(async ([what, how]) => {
      let stream;
      if (what === 'camera') {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
      } else {
        const canvas = document.createElement('canvas');
        let n = 0;
        setInterval(() => {
          const context = canvas.getContext('2d');
          if (context) context.fillText(`${n++}`, 10 + n % 200, 10 + n % 100);
        }, 100);
        stream = canvas.captureStream(10);
      }
      return Object(globalThis).me.publish(what, stream, how);
    }, /** @type {const} */ ([label, options]));
  }

  /**
   * Waits until pictures of a stream come.
   * @param {string} id
   * @param {(s: any) => boolean} [condition]
   */
  async sees(id, condition = () => true) {
    const first = (await this.do('received'))[id]?.frames ?? 0;
    await until(`stream ${id} flows`, async () => {
      const s = (await this.do('received'))[id];
      return s !== undefined && s.frames > first + 5 && condition(s);
    });
  }

  /** @param {Record<string, any>} want members of a message that was heard */
  async hears(want) {
    return until(`heard ${JSON.stringify(want)}`, async () => (await this.get('heard'))
      .find((/** @type {any} */ m) => Object.entries(want).every(([k, v]) => JSON.stringify(m[k]) === JSON.stringify(v))) ?? false);
  }
}

/**
 * An operator and a presenter in a group, both with old clients.
 * @param {import('node:test').TestContext} t
 * @param {import('./support/browsers.js').Start} start
 */
async function arrive(t, start) {
  const server = await startServer(t);
  const browser = await start(t);
  const location = server.group('example');
  const bob = await OldPerson.arrive(browser, location, { username: 'bob', password: 'secret' });
  const alice = await OldPerson.arrive(browser, location, { username: 'alice', password: 'wonder' });
  const [bobID, aliceID] = [await bob.get('id'), await alice.get('id')];
  await bob.hears({ type: 'user', kind: 'add', id: aliceID, permissions: ['present', 'message'] });
  return { browser, location, bob, alice, bobID, aliceID };
}

everywhere('a client that was written for Galene sends and receives as ever', async (t, start) => {
  const { bob, alice, aliceID } = await arrive(t, start);

  await t.test('publishes without simulcast, replaces that by simulcast, and chooses the encoding', async () => {
    const plain = await alice.publish('camera');
    await bob.sees(plain);
    const simulcast = await alice.publish('camera', { simulcast: true, replace: plain });
    await bob.hears({ type: 'offer', id: simulcast, replace: plain, source: aliceID, username: 'alice', label: 'camera' });
    await bob.sees(simulcast);
    assert.deepEqual(Object.keys(await bob.do('received')), [simulcast]);
    await bob.do('send', { type: 'requestStream', id: simulcast, request: ['audio', 'video-low'] });
    await bob.sees(simulcast, (s) => s.width > 0 && s.width <= 320);
    await bob.do('send', { type: 'requestStream', id: simulcast, request: null });
    await bob.sees(simulcast, (s) => s.width > 320);
  });

  await t.test('shares two screens', async () => {
    const screens = [await alice.publish('screenshare'), await alice.publish('screenshare')];
    for (const id of screens) await bob.sees(id, (s) => s.label === 'screenshare');
    await alice.do('send', { type: 'close', id: screens[0] });
    await bob.hears({ type: 'close', id: screens[0] });
    await bob.do('send', { type: 'abort', id: screens[1] });
    await bob.hears({ type: 'close', id: screens[1] });
    await bob.do('send', { type: 'request', request: { camera: ['audio', 'video'], '': [] } });
  });

  await t.test('survives restarts of ICE from either side', async () => {
    const [[id, before]] = /** @type {[[string, any]]} */ (Object.entries(await bob.do('received')));
    await bob.do('send', { type: 'renegotiate', id });
    await bob.sees(id, (s) => s.offers > before.offers && s.ufrag !== before.ufrag);
    await alice.do('negotiate', id, true);
    await until('there is an answer to the restart', async () => (await alice.get('heard')).filter((/** @type {any} */ m) => m.type === 'answer' && m.id === id).length >= 2);
    await bob.sees(id);
  });

  for (const person of [bob, alice]) assert.deepEqual(await person.get('complaints'), []);
});

everywhere('a client that was written for Galene talks and moderates as ever', async (t, start) => {
  const { browser, location, bob, alice, bobID, aliceID } = await arrive(t, start);

  await t.test('is muted, alone and with everybody', async () => {
    await bob.do('act', 'usermessage', 'mute', aliceID);
    await until('alice is muted', () => alice.get('muted'));
    await bob.do('act', 'usermessage', 'mute', null, null, true);
    await until('alice hears it again', async () => (await alice.get('heard')).filter((/** @type {any} */ m) => m.kind === 'mute').length === 2);
    assert.equal(await bob.get('muted'), false);
  });

  await t.test('transfers a file', async () => {
    const text = '0123456789abcdef'.repeat(10_000);
    const id = await alice.do('sendFile', bobID, text);
    await untilEqual('it has arrived', async () => {
      const [to, from] = [await bob.do('transferred', id), await alice.do('transferred', id)];
      return to.received === text ? 'whole' : `${to.received?.length} bytes; receiver: ${to.ways}; sender: ${from.ways}`;
    }, 'whole');
    await until('alice knows', async () => (await alice.do('transferred', id)).state === 'done');
  });

  await t.test('creates, lists and revokes a token', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    await bob.do('act', 'groupaction', 'maketoken', null, { group: 'example', username: null, 'not-before': null, expires, permissions: ['message'] });
    const { value: made } = await bob.hears({ type: 'usermessage', kind: 'token', error: undefined });
    const guest = await OldPerson.arrive(browser, location, { username: 'guest', token: made.token });
    await guest.hears({ type: 'joined', kind: 'join', username: 'guest', permissions: ['message'] });
    await guest.page.close();
    await bob.do('act', 'groupaction', 'listtokens', null);
    const { value: list } = await bob.hears({ type: 'usermessage', kind: 'tokenlist' });
    assert.deepEqual(list.map((/** @type {any} */ x) => [x.token, x.issuedBy]), [[made.token, 'bob']]);
    await bob.do('act', 'groupaction', 'edittoken', null, { token: made.token, expires: -1000 });
    await until('it is revoked', async () => (await bob.get('heard')).filter((/** @type {any} */ m) => m.kind === 'token').length === 2);
    const late = await OldPerson.arrive(browser, location, { username: 'late', token: made.token });
    await late.hears({ type: 'joined', kind: 'fail', value: 'not authorised' });
    await late.page.close();
  });

  await t.test('is made an operator, and kicked', async () => {
    await bob.do('act', 'useraction', 'op', aliceID);
    await until('alice is an operator', async () => (await alice.get('permissions')).includes('op'));
    await bob.hears({ type: 'user', kind: 'change', id: aliceID, permissions: ['present', 'message', 'op'] });
    await alice.do('act', 'useraction', 'kick', bobID, 'class is over');
    await bob.hears({ type: 'usermessage', kind: 'kicked', id: aliceID, username: 'alice', value: 'class is over' });
    await until('the socket is closed', () => bob.get('closed'));
    assert.deepEqual(await bob.get('closed'), { code: 1000, reason: 'kicked out (class is over) by alice' });
    await alice.hears({ type: 'user', kind: 'delete', id: bobID });
  });

  for (const person of [bob, alice]) assert.deepEqual(await person.get('complaints'), []);
});
