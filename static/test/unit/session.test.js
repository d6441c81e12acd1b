import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { FakeSocket } from '../fakes/socket.js';
import { FakeTrack } from '../fakes/media.js';
import { say, toggleHand, writeTo } from '../../app/actions.js';
import { removePerson } from '../../app/moderation.js';
import { setMic } from '../../app/capture.js';
import { setMessages } from '../../app/i18n.js';
import { ROOT } from '../../app/paths.js';
import { joinRoom, leave, rejoin, retryNow, start, typing } from '../../app/session.js';
import { republish, startPublishing } from '../../app/publish.js';
import { announcement, camera, cameraTrack, chat, entry, group, groupTitle, joinProblem, me, mic, micTrack, notices, phase, retryAt, sentStates, shares, streams, users } from '../../app/store.js';

setMessages(JSON.parse(await readFile(new URL('../../locales/en.json', import.meta.url), 'utf8')), 'en');

/** @type {{status: number, body: object}} */
let answer = { status: 200, body: {} };
globalThis.fetch = async () => /** @type {Response} */ ({ ok: answer.status === 200, status: answer.status, json: async () => answer.body });

after(() => leave());

beforeEach(async () => {
  leave();
  phase.value = 'loading';
  notices.value = [];
  joinProblem.value = null;
  answer = { status: 200, body: { name: 'lab', endpoint: 'wss://x/ws', displayName: 'The lab' } };
  await start(`${ROOT}group/lab/`);
});

/**
 * Joins as bob.
 * @param {string[]} [permissions]
 */
async function joined(permissions = ['present', 'message']) {
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const socket = await accept(permissions);
  await done;
  return socket;
}

/** The server accepts whoever comes next. @param {string[]} permissions @param {object} [resume] what it says of the seat */
async function accept(permissions = ['present', 'message'], resume) {
  const socket = FakeSocket.latest();
  socket.open(resume);
  await settle();
  const [shake] = socket.of('handshake');
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'bob', permissions, status: { name: 'lab' } });
  socket.receive({ type: 'user', kind: 'add', id: shake.id, username: 'bob', permissions });
  await settle();
  return socket;
}

test('the page asks for the status, and tells when the room is not there', async () => {
  assert.equal(phase.value, 'prejoin');
  assert.equal(group.value.displayName, 'The lab');
  answer = { status: 404, body: {} };
  phase.value = 'loading';
  await start(`${ROOT}group/no%20such/`);
  assert.match(joinProblem.value?.text ?? '', /no room called “no such”/);
  assert.equal(phase.value, 'prejoin');
});

test('after joining we ask for the streams of the others', async () => {
  const socket = await joined();
  assert.equal(socket.url, 'wss://x/ws');
  assert.equal(phase.value, 'joined');
  assert.deepEqual(socket.sent.slice(1), [
    { type: 'join', kind: 'join', group: 'lab', username: 'bob', password: 'secret' },
    { type: 'request', request: { '': ['audio', 'video'] } },
  ]);
  assert.equal(users.value.size, 1);
  assert.equal(chat.value.at(-1)?.kind, 'event');
});

test('a wrong password brings the form back and closes the socket', async () => {
  const done = joinRoom({ username: 'bob', password: 'x' });
  const socket = FakeSocket.latest();
  socket.open();
  await settle();
  socket.receive({ type: 'joined', kind: 'fail', value: 'not authorised' });
  await done;
  assert.deepEqual([phase.value, joinProblem.value?.field, socket.readyState], ['prejoin', 'password', 3]);
});

test('a server that is not there is told, and tried again by itself until it is back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const done = joinRoom({ username: 'bob', password: 'secret' });
  FakeSocket.latest().drop();
  await done;
  assert.match(joinProblem.value?.text ?? '', /cannot be reached/);
  answer = { status: 502, body: {} };
  t.mock.timers.tick(1300);
  await settle();
  assert.deepEqual([phase.value, joinProblem.value?.away, retryAt.value > 0], ['prejoin', true, true]);
  answer = { status: 200, body: { name: 'lab', endpoint: 'wss://x/ws' } };
  retryNow();
  await settle();
  await accept();
  await settle();
  assert.deepEqual([phase.value, joinProblem.value, me.value.username, retryAt.value], ['joined', null, 'bob', 0]);
});

test('where the server answers and the websocket does not, a proxy is blamed, and not the connection', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const done = joinRoom({ username: 'bob', password: 'secret' });
  FakeSocket.latest().drop();
  await done;
  assert.match(joinProblem.value?.text ?? '', /cannot be reached/, 'nobody knows yet');
  retryNow();
  await settle();
  FakeSocket.latest().drop();
  await settle();
  assert.match(joinProblem.value?.text ?? '', /The server answers, but/);
  assert.deepEqual([phase.value, joinProblem.value?.away, retryAt.value > 0], ['prejoin', true, true]);
});

test('a server that is back takes nobody in who is still typing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const socket = FakeSocket.latest();
  socket.drop();
  await done;
  typing();
  t.mock.timers.tick(1300);
  await settle();
  assert.deepEqual([phase.value, joinProblem.value, retryAt.value, FakeSocket.latest()], ['prejoin', null, 0, socket]);
});

test('a page that comes before the server waits for it, for two minutes', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  answer = { status: 503, body: {} };
  phase.value = 'loading';
  await start(`${ROOT}group/lab/`);
  for (let i = 0; i < 14 && retryAt.value > 0; i++) {
    t.mock.timers.tick(20_000);
    await settle();
  }
  assert.deepEqual([phase.value, joinProblem.value?.away, retryAt.value, group.value.displayName], ['prejoin', true, 0, undefined]);
  answer = { status: 200, body: { name: 'lab', displayName: 'The lab' } };
  retryNow();
  await settle();
  assert.deepEqual([joinProblem.value, group.value.displayName], [null, 'The lab']);
});

test('being removed ends at the form, with the reason, and does not come back', async () => {
  const socket = await joined();
  socket.receive({ type: 'usermessage', kind: 'kicked', privileged: true, value: 'class is over' });
  socket.drop(1000);
  assert.equal(phase.value, 'prejoin');
  assert.match(joinProblem.value?.text ?? '', /class is over/);
  assert.equal(entry.value.proposed, 'bob');
  assert.equal(FakeSocket.latest(), socket);
});

test('nobody but the server removes us', async () => {
  const socket = await joined();
  notices.value = [];
  socket.receive({ type: 'usermessage', kind: 'kicked', source: 'x', value: 'ha' });
  socket.receive({ type: 'usermessage', kind: 'warning', source: 'x', value: 'ha' });
  assert.deepEqual([phase.value, notices.value], ['joined', []]);
});

test('a lost connection is made again with a new id, what was on is published again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const first = await joined();
  mic.value = { on: true, busy: false, error: '' };
  micTrack.value = /** @type {any} */ (new FakeTrack('audio'));
  users.value = new Map([[me.value.id, { id: me.value.id, username: 'bob', permissions: [], data: {}, since: 1, handSince: 5 }]]);
  streams.value = new Map([['s', /** @type {any} */ ({ id: 's', label: 'camera' })]]);
  const oldId = me.value.id;
  first.drop();
  assert.equal(phase.value, 'reconnecting');
  assert.equal(streams.value.size, 1, 'the last pictures stay');
  t.mock.timers.tick(1300);
  FakeSocket.latest().drop();
  await settle();
  assert.equal(phase.value, 'reconnecting');
  t.mock.timers.tick(2500);
  const second = await accept();
  assert.equal(phase.value, 'joined');
  assert.notEqual(me.value.id, oldId);
  assert.equal(second.of('join')[0].password, 'secret');
  assert.deepEqual(second.of('join')[0].data, { raisehand: true });
  assert.deepEqual(second.of('offer').map((m) => [m.label, m.sdp]), [['camera', 'audio']]);
  assert.equal(streams.value.size, 0);
  await setMic(false, { keepOpen: false });
});

test('what is said while the connection is lost is said again if the seat is gone: to everybody at once, to one person once they are back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const first = await accept(undefined, { secret: 's', grace: 30 });
  await done;
  for (const [id, username] of [['a1', 'alice'], ['d1', 'dora']]) first.receive({ type: 'user', kind: 'add', id, username, permissions: ['present'] });
  first.drop();
  await say('one');
  await say('/me waves');
  await say('/msg alice two');
  await say('/msg dora three');
  t.mock.timers.tick(0);
  FakeSocket.latest().open({ resumed: false });
  await settle();
  assert.equal(phase.value, 'reconnecting');
  retryNow();
  const second = await accept();
  const said = () => second.of('chat').map((m) => [m.kind, m.dest, m.value]);
  assert.deepEqual(said(), [['', '', 'one'], ['me', '', 'waves']]);
  second.receive({ type: 'user', kind: 'add', id: 'a2', username: 'alice', permissions: ['present'] });
  t.mock.timers.tick(5000);
  assert.deepEqual(said().slice(2), [['', 'a2', 'two']]);
  assert.deepEqual(chat.value.slice(-2).map((e) => [e.kind, e.to, e.text]), [
    ['message', 'alice', 'two'], ['error', '', 'dora has left, so nothing was sent. Write to everybody, or choose them again when they are back.\nthree'],
  ]);
});

test('who is written to is known by the name where we had to come back, and not once somebody of that name has left', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const alice = (/** @type {string} */ id) => ({ type: 'user', kind: 'add', id, username: 'alice', permissions: ['present'] });
  let socket = await joined();
  socket.receive(alice('a1'));
  writeTo({ id: 'a1', username: 'alice' });
  const comeBack = async () => {
    socket.drop();
    retryNow();
    socket = await accept();
  };
  await comeBack();
  assert.equal(await say('one'), false, 'she is not back yet');
  socket.receive(alice('a2'));
  assert.equal(await say('two'), true);
  assert.deepEqual(socket.of('chat').map((m) => [m.dest, m.value]), [['a2', 'two']]);
  socket.receive({ type: 'user', kind: 'delete', id: 'a2' });
  socket.receive(alice('a3'));
  assert.equal(await say('three'), false, 'she left, and this is who has taken her name');

  writeTo({ id: 'a3', username: 'alice' });
  await comeBack();
  for (const id of ['a4', 'a5']) socket.receive(alice(id));
  assert.equal(await say('four'), false, 'it could be for either');
  socket.receive({ type: 'user', kind: 'delete', id: 'a4' });
  assert.equal(await say('four'), false, 'it may be she who has left');
  assert.deepEqual(socket.of('chat'), []);
});

test('what is said while the connection is lost is said once if the seat is still there', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const first = await accept(undefined, { secret: 's', grace: 30 });
  await done;
  first.drop();
  await say('one');
  t.mock.timers.tick(0);
  const same = FakeSocket.latest();
  same.open({ secret: 's2', grace: 30, received: 2, resumed: true });
  assert.deepEqual(same.of('chat').map((m) => m.value), ['one']);
  same.drop();
  t.mock.timers.tick(0);
  FakeSocket.latest().open({ resumed: false });
  await settle();
  retryNow();
  assert.deepEqual((await accept()).of('chat'), []);
});

test('after a farewell of a server that shuts down we come back, too', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const socket = await joined();
  socket.receive({ type: 'usermessage', kind: 'kicked', privileged: true, error: 'shutting-down', value: 'server is shutting down' });
  socket.drop(1000);
  assert.equal(phase.value, 'reconnecting');
  retryNow();
  await accept();
  assert.equal(phase.value, 'joined');
});

test('when coming back is refused the form says why, and what was shared ends: the form has no button for that', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  (await joined()).drop();
  const screen = new FakeTrack('video');
  shares.value = [{ id: 'screen', label: 'screenshare', media: /** @type {any} */ ({ getTracks: () => [screen] }) }];
  retryNow();
  const socket = FakeSocket.latest();
  socket.open();
  await settle();
  socket.receive({ type: 'joined', kind: 'fail', value: 'this group is locked' });
  await settle();
  assert.deepEqual([phase.value, joinProblem.value?.text.includes('locked'), shares.value.length, screen.readyState], ['prejoin', true, 0, 'ended']);
});

test('leaving closes the socket and releases the devices, and one click comes back', async () => {
  const socket = await joined();
  const track = new FakeTrack('video');
  camera.value = { on: true, busy: false, error: '' };
  cameraTrack.value = /** @type {any} */ (track);
  leave();
  assert.deepEqual([phase.value, socket.readyState, track.readyState, camera.value.on], ['left', 3, 'ended', false]);
  void rejoin();
  await settle();
  await accept();
  assert.equal(phase.value, 'joined');
});

test('what is typed, the hand, and removing somebody go to the server', async () => {
  const socket = await joined(['op', 'present', 'message']);
  const before = socket.sent.length;
  await say('  hello ');
  await say('/me waves');
  await say('/nothing');
  await say('   ');
  toggleHand();
  removePerson('x', ' bye ');
  removePerson('y', ' ');
  assert.deepEqual(socket.sent.slice(before).map((m) => [m.type, m.kind, m.dest, m.value]), [
    ['chat', '', '', 'hello'], ['chat', 'me', '', 'waves'], ['useraction', 'setdata', me.value.id, { raisehand: true }],
    ['useraction', 'kick', 'x', 'bye'], ['useraction', 'kick', 'y', undefined],
  ]);
  assert.equal(chat.value.at(-1)?.kind, 'error');
});

test('losing the right to present releases the devices and says so', async () => {
  const socket = await joined();
  const track = new FakeTrack('audio');
  mic.value = { on: true, busy: false, error: '' };
  micTrack.value = /** @type {any} */ (track);
  notices.value = [];
  socket.receive({ type: 'joined', kind: 'change', group: 'lab', username: 'bob', permissions: ['message'], status: { name: 'lab', locked: true } });
  assert.equal(track.readyState, 'ended');
  assert.deepEqual(notices.value.map((n) => n.text), ['You may no longer use camera and microphone.', 'The room is locked. People inside stay.']);
});

test('the room is what the server says last, also where that is less than before', async () => {
  const socket = await joined();
  const change = (/** @type {object} */ status) => socket.receive({ type: 'joined', kind: 'change', group: 'lab', username: 'bob', permissions: ['message'], status: { name: 'lab', ...status } });
  change({ displayName: 'Physics', description: 'of light', locked: true, canChangePassword: true, clientCount: 3 });
  assert.equal(groupTitle.value, 'Physics');
  change({ clientCount: 3 });
  const { description, locked, canChangePassword, endpoint } = group.value;
  assert.deepEqual([groupTitle.value, description, locked, canChangePassword, endpoint], ['Lab', '', false, false, 'wss://x/ws']);
  socket.receive({ type: 'usermessage', kind: 'kicked', privileged: true, value: 'over' });
  socket.drop(1000);
  assert.deepEqual([phase.value, group.value.clientCount], ['prejoin', undefined]);
});

test('an operator mutes us, and the others are told', async () => {
  const socket = await joined();
  mic.value = { on: true, busy: false, error: '' };
  const track = new FakeTrack('audio');
  micTrack.value = /** @type {any} */ (track);
  notices.value = [];
  socket.receive({ type: 'usermessage', kind: 'mute', source: 'o', username: 'olga', privileged: true });
  assert.deepEqual([track.enabled, mic.value.on], [false, false]);
  assert.deepEqual(socket.of('useraction').map((m) => m.value), [{ muted: true }]);
  assert.deepEqual(notices.value.map((n) => n.text), ['olga muted you.']);
});

test('who leaves while the authorisation server is asked does not come back', async () => {
  const socket = await joined();
  group.value = { ...group.value, location: 'https://x/group/lab/', authServer: 'https://auth/' };
  /** @type {(r: Response) => void} */
  let tell = () => {};
  globalThis.fetch = () => new Promise((resolve) => { tell = resolve; });
  socket.drop();
  retryNow();
  await settle();
  leave();
  const before = FakeSocket.made.length;
  tell(/** @type {Response} */ ({ ok: true, status: 200, text: async () => 'a.b.c' }));
  await settle();
  assert.deepEqual([phase.value, FakeSocket.made.length], ['left', before]);
  globalThis.fetch = async () => /** @type {Response} */ ({ ok: answer.status === 200, status: answer.status, json: async () => answer.body });
});

test('nothing of what we sent is remembered after leaving', async () => {
  await joined();
  void setMic(true);
  micTrack.value = /** @type {any} */ (new FakeTrack('audio'));
  startPublishing();
  republish();
  assert.equal(sentStates.value.has('self'), true);
  leave();
  assert.equal(sentStates.value.size, 0);
});

test('those who are here already have not just come', async () => {
  announcement.value = '';
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const socket = FakeSocket.latest();
  socket.open();
  await settle();
  const [shake] = socket.of('handshake');
  socket.receive({ type: 'joined', kind: 'join', group: 'lab', username: 'bob', permissions: ['message'], status: { name: 'lab', clientCount: 3 } });
  for (const [id, username] of [[shake.id, 'bob'], ['a', 'ada'], ['z', 'zoe']]) socket.receive({ type: 'user', kind: 'add', id, username });
  await done;
  assert.doesNotMatch(announcement.value, /joined/);
  socket.receive({ type: 'user', kind: 'add', id: 'n', username: 'nina' });
  assert.match(announcement.value, /nina joined/);
});
