import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { accept, connected, elsewhere, open, posts } from '../fakes/room.js';
import { FakeSocket } from '../fakes/socket.js';
import { joinRoom, leave, start } from '../../app/session.js';
import { entry, joinProblem, loggedIn, phase } from '../../app/store.js';

after(() => leave());

/** The page is opened with a token, and the server answers the probe. @param {object} joined @param {string} [query] */
async function probed(joined, query = 'token=T') {
  const before = FakeSocket.made.length;
  const done = open({}, query);
  await settle();
  assert.equal(FakeSocket.made.length, before + 1);
  const socket = await connected();
  socket.receive({ type: 'joined', group: 'lab', ...joined });
  await done;
  return socket;
}

test('a link with a token is tried without a name, and again when the button is pressed', async () => {
  const probe = await probed({ kind: 'join', username: 'noor', permissions: ['present'] });
  assert.deepEqual(probe.of('join'), [{ type: 'join', kind: 'join', group: 'lab', token: 'T' }]);
  assert.equal(probe.readyState, 3, 'the probe is closed');
  assert.deepEqual([entry.value, phase.value], [{ needs: 'nothing', proposed: 'noor' }, 'prejoin']);
  const done = joinRoom({});
  const socket = await connected();
  assert.deepEqual(socket.of('join'), [{ type: 'join', kind: 'join', group: 'lab', token: 'T' }]);
  accept(socket, ['present']);
  await done;
  assert.deepEqual([phase.value, loggedIn.value.withPassword], ['joined', false]);
});

test('a token that leaves the name open asks for one, and is kept when the name is taken', async () => {
  await probed({ kind: 'fail', error: 'need-username', value: 'username required' });
  assert.equal(entry.value.needs, 'name');
  assert.equal(joinProblem.peek(), null);
  const done = joinRoom({ username: 'bob' });
  const socket = await connected();
  assert.equal(socket.of('join')[0].username, 'bob');
  socket.receive({ type: 'joined', kind: 'fail', error: 'duplicate-username', value: 'not authorised: this username is taken' });
  await done;
  assert.deepEqual([entry.value.needs, joinProblem.value?.field], ['name', 'username']);
  const again = joinRoom({ username: 'bert' });
  const second = await connected();
  assert.deepEqual([second.of('join')[0].username, second.of('join')[0].token], ['bert', 'T']);
  accept(second, []);
  await again;
});

test('a bad token is forgotten, and the form asks for a password', async () => {
  await probed({ kind: 'fail', value: 'not authorised' });
  assert.deepEqual([entry.value.needs, joinProblem.value?.field], ['password', '']);
  assert.match(joinProblem.value?.text ?? '', /invitation is not valid/);
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const socket = await connected();
  assert.deepEqual(socket.of('join'), [{ type: 'join', kind: 'join', group: 'lab', username: 'bob', password: 'secret' }]);
  accept(socket, []);
  await done;
});

test('the name that a portal gives is proposed where the token leaves it open', async () => {
  const probe = await probed({ kind: 'fail', error: 'need-username', value: 'username required' }, 'token=T&username=noor');
  assert.equal('username' in probe.of('join')[0], false);
  assert.deepEqual(entry.value, { needs: 'name', proposed: 'noor' });
});

test('without a token the name in the address fills the field', async () => {
  await open({}, 'username=noor');
  assert.deepEqual(entry.value, { needs: 'password', proposed: 'noor' });
});

test('an authorisation server gets the password, and we its token', async () => {
  await open({ authServer: 'https://auth.example/' });
  posts.length = 0;
  const status = { ok: true, status: 200, text: async () => 'a.b.c\n' };
  elsewhere.answer = () => status;
  const done = joinRoom({ username: 'bob', password: 'secret' });
  await settle();
  const socket = await connected();
  assert.deepEqual(posts, [{ url: 'https://auth.example/', body: { location: 'https://x/group/lab/', group: 'lab', username: 'bob', password: 'secret' } }]);
  assert.deepEqual(socket.of('join'), [{ type: 'join', kind: 'join', group: 'lab', username: 'bob', token: 'a.b.c' }]);
  accept(socket, []);
  await done;
  assert.equal(loggedIn.value.withPassword, false);
});

test('an authorisation server that leaves it to us, refuses, or is not there', async () => {
  for (const [answer, want] of /** @type {[() => any, RegExp | null][]} */ ([
    [() => ({ ok: true, status: 204 }), null],
    [() => ({ ok: false, status: 403, statusText: 'Forbidden', text: async () => '' }), /said 403 Forbidden/],
    [() => ({ ok: true, status: 200, text: async () => '<html>' }), /did not answer as it should/],
    [() => { throw new TypeError('network'); }, /cannot be reached/],
  ])) {
    await open({ authServer: 'https://auth.example/' });
    elsewhere.answer = answer;
    const before = FakeSocket.made.length;
    const done = joinRoom({ username: 'bob', password: 'secret' });
    await settle();
    if (want) {
      await done;
      assert.match(joinProblem.value?.text ?? '', want);
      assert.deepEqual([FakeSocket.made.length, phase.value], [before, 'prejoin']);
    } else {
      const socket = await connected();
      assert.equal(socket.of('join')[0].password, 'secret');
      accept(socket, []);
      await done;
    }
  }
});

test('a page that came by TLS opens no websocket without, whatever the server knows of its proxy', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const [page, endpoint, want] of [
    ['https://x/group/lab/', 'ws://x/ws', 'wss://x/ws'], ['https://x/group/lab/', 'wss://y/ws', 'wss://y/ws'], ['http://x/group/lab/', 'ws://x/ws', 'ws://x/ws'],
  ]) {
    await open({ endpoint });
    phase.value = 'loading';
    await start(/** @type {string} */ (page));
    const done = joinRoom({ username: 'bob' });
    const socket = FakeSocket.latest();
    assert.equal(socket.url, want);
    socket.drop();
    await done;
  }
});
