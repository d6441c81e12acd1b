import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import * as management from '../../lib/management.js';

const original = globalThis.fetch;
afterEach(() => { globalThis.fetch = original; });

/**
 * Answers one request, and gives it.
 * @param {Response} answer
 * @param {() => Promise<unknown>} call
 */
async function requestOf(answer, call) {
  /** @type {{url: string, init: any} | undefined} */
  let made;
  globalThis.fetch = async (url, init) => {
    made = { url: String(url), init };
    return answer;
  };
  const result = await call();
  assert.ok(made);
  return { result, url: made.url, method: made.init.method, headers: made.init.headers, body: made.init.body, credentials: made.init.credentials };
}

const done = () => new Response(null, { status: 204 });

test('names stand in addresses with their slashes, and nothing else of theirs', async () => {
  const { url, method, headers, body } = await requestOf(done(), () => management.updateUser('a/b c', 'Zoë/?', { permissions: 'op' }, '"1-2"'));
  assert.equal(url, '/galene-api/v0/.groups/a/b%20c/.users/Zo%C3%AB/%3F');
  assert.deepEqual([method, body, headers['If-Match'], headers['Content-Type']], ['PUT', '{"permissions":"op"}', '"1-2"', 'application/json']);
});

test('creating does not overwrite, and changing does not create', async () => {
  assert.equal((await requestOf(done(), () => management.createGroup('g'))).headers['If-None-Match'], '*');
  assert.equal((await requestOf(done(), () => management.updateGroup('g', {}))).headers['If-Match'], '*');
  assert.equal((await requestOf(done(), () => management.deleteGroup('g', '"1"'))).headers['If-Match'], '"1"');
});

test('what is read comes with its tag, and only if it is new', async () => {
  const fresh = await requestOf(new Response('{"public":true}', { headers: { ETag: '"2"' } }), () => management.getGroup('g', '"1"'));
  assert.deepEqual(fresh.result, { etag: '"2"', data: { public: true } });
  assert.equal(fresh.headers['If-None-Match'], '"1"');
  assert.equal((await requestOf(new Response(null, { status: 304 }), () => management.getUser('g', null, '"2"'))).result, null);
});

test('users without a name have resources of their own', async () => {
  assert.match((await requestOf(done(), () => management.deleteUser('g', null))).url, /\/\.groups\/g\/\.wildcard-user$/);
  assert.match((await requestOf(done(), () => management.deleteUser('g', ''))).url, /\/\.groups\/g\/\.empty-user$/);
  assert.match((await requestOf(new Response('[]'), () => management.listTokens(''))).url, /\/\.groups\/\.tokens\/$/);
});

test('a new token is named by the server', async () => {
  const made = await requestOf(new Response(null, { status: 201, headers: { Location: 'q8ZrX0d1TtE' } }), () => management.createToken('g', { expires: 'x' }));
  assert.deepEqual([made.result, made.method, made.url], ['q8ZrX0d1TtE', 'POST', '/galene-api/v0/.groups/g/.tokens/']);
});

test('who changes the own password shows the old one, in UTF-8, and nothing that the browser has', async () => {
  const own = await requestOf(done(), () => management.setPassword('g', 'ä', false, 'neü', 'ö'));
  assert.deepEqual([own.headers.Authorization, own.credentials, own.body, own.headers['Content-Type']], ['Basic w6Q6w7Y=', 'omit', 'neü', 'text/plain']);
  const other = await requestOf(done(), () => management.setPassword('g', 'ä', true, 'neü'));
  assert.deepEqual([other.headers.Authorization, other.credentials], [undefined, undefined]);
  assert.match(other.url, /\/\.wildcard-user\/\.password$/);
});

test('refusals say what the server says', async () => {
  const refused = new Response('{"status":412,"error":"changed"}', { status: 412 });
  await assert.rejects(requestOf(refused, () => management.listGroups()), { name: 'ManagementError', status: 412, message: 'changed' });
  await assert.rejects(requestOf(new Response('<html>', { status: 502 }), () => management.listGroups()), { status: 502, message: 'the server answered 502' });
});
