import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { enter, open } from '../fakes/room.js';
import { FakeTrack } from '../fakes/media.js';
import { say, writeTo } from '../../app/actions.js';
import { allCommands, quoted, splitFirst } from '../../app/commands.js';
import { completedName, suggestions } from '../../app/completion.js';
import { clearHistory } from '../../app/moderation.js';
import { parseExpiration } from '../../app/invitations.js';
import { leave } from '../../app/session.js';
import { settings } from '../../app/settings.js';
import { chat, me, mic, micTrack, notices } from '../../app/store.js';
import { offerFiles, sendFiles } from '../../app/transfers.js';

/** Everything that there is. */
const NAMES = 'clear help identify invite kick leave listtokens lock me msg mute muteall op present presentfile raise record reinvite relay-test renegotiate replace revoke ' +
  'sendfile set sharescreen shutup subgroups unlock unop unpresent unraise unrecord unset unsharescreen unshutup wall warn';
const OP = ['op', 'present', 'message', 'token', 'record'];

/** @type {import('../fakes/socket.js').FakeSocket} */
let socket;

after(() => leave());

/** @param {string[]} permissions */
async function inRoom(permissions) {
  await open();
  socket = await enter(permissions);
  for (const [id, username] of Object.entries({ a1: 'alice', e1: 'Ed Bo', e2: 'ed bo', x: 'twin', y: 'twin' })) {
    socket.receive({ type: 'user', kind: 'add', id, username, permissions: ['present'] });
  }
}

beforeEach(() => inRoom(OP));

test('there is every command', () => {
  assert.deepEqual(allCommands().map((c) => c.name).sort().join(' '), NAMES);
});

test('commands become messages to the server', async () => {
  const id = me.value.id;
  const user = (/** @type {string} */ kind, /** @type {object} */ more = {}) => ({ type: 'useraction', kind, source: id, dest: 'a1', ...more });
  const room = (/** @type {string} */ kind, /** @type {object} */ more = {}) => ({ type: 'groupaction', kind, source: id, username: 'bob', ...more });
  const message = (/** @type {string} */ kind, /** @type {object} */ more) => ({ type: 'usermessage', kind, source: id, username: 'bob', dest: '', ...more });
  /** @type {Record<string, object>} */
  const cases = {
    '/me waves': { type: 'chat', kind: 'me', source: id, username: 'bob', dest: '', value: 'waves' },
    '/msg alice two words': { type: 'chat', kind: '', source: id, username: 'bob', dest: 'a1', value: 'two words' },
    '/msg "Ed Bo" hi': { type: 'chat', kind: '', source: id, username: 'bob', dest: 'e1', value: 'hi' },
    '/msg ed\\ bo hi': { type: 'chat', kind: '', source: id, username: 'bob', dest: 'e2', value: 'hi' },
    '//msg x': { type: 'chat', kind: '', source: id, username: 'bob', dest: '', value: '/msg x' },
    '/raise': { type: 'useraction', kind: 'setdata', source: id, dest: id, value: { raisehand: true } },
    '/unraise': { type: 'useraction', kind: 'setdata', source: id, dest: id, value: { raisehand: null } },
    '/op Ed Bo': user('op', { dest: 'e1' }), '/kick ALICE': user('kick'), '/kick a1 class is over': user('kick', { value: 'class is over' }),
    '/identify alice': user('identify'), '/op alice': user('op'), '/unop alice': user('unop'), '/present alice': user('present'),
    '/unpresent alice': user('unpresent'), '/shutup alice': user('shutup'), '/unshutup alice': user('unshutup'),
    '/mute alice': message('mute', { dest: 'a1' }), '/muteall': message('mute', { noecho: true }),
    '/warn alice be quiet': message('warning', { dest: 'a1', value: 'be quiet' }), '/wall we close': message('warning', { value: 'we close' }),
    '/lock': room('lock'), '/lock exam in progress': room('lock', { value: 'exam in progress' }), '/unlock': room('unlock'),
    '/clear': room('clearchat'), '/record': room('record'), '/unrecord': room('unrecord'), '/subgroups': room('subgroups'),
  };
  for (const [line, want] of Object.entries(cases)) {
    socket.sent.length = 0;
    assert.equal(await say(line), true, line);
    assert.deepEqual(socket.sent, [want], line);
  }
});

test('what is wrong with a command is said in the chat, and it is not done', async () => {
  const cases = {
    '/nothing': /no command \/nothing/, '/msg': /Type it like this: \/msg PERSON TEXT/, '/msg alice': /\/msg PERSON TEXT/, '/msg nobody hi': /Nobody here is called nobody/,
    '/op alice now': /Nobody here is called alice now/, '/kick twin': /More than one is called twin.*x, y/, '/msg "alice hi': /quotation mark is not closed/, '/raise now': /takes nothing/,
    '/invite x soon': /“soon” is no time/, '/sharescreen': /browser cannot do/, '/set theme dark': /no JSON/, '/sendfile bob': /to yourself/,
  };
  for (const [line, want] of Object.entries(cases)) {
    assert.equal(await say(line), false, line);
    const last = chat.value.at(-1);
    assert.equal(last?.kind, 'error', line);
    assert.match(last?.text ?? '', want, line);
  }
  assert.deepEqual(socket.sent, []);
});

test('without a permission the command says whose it is, and help does not list it', async () => {
  await inRoom(['message']);
  for (const [line, want] of Object.entries({ '/lock': /is for operators/, '/record': /may record/, '/unsharescreen': /may present/, '/invite': /permission “token”/ })) {
    assert.equal(await say(line), false);
    assert.match(chat.value.at(-1)?.text ?? '', want);
  }
  await say('/help');
  const help = chat.value.at(-1)?.text ?? '';
  assert.match(help, /^\/me TEXT$/m);
  assert.doesNotMatch(help, /\/lock|\/set\b|\/record/);
});

test('help lists what an operator may, but not what is hidden', async () => {
  await say('/help');
  const help = chat.value.at(-1)?.text ?? '';
  assert.match(help, /^\/kick PERSON \[MESSAGE\]$/m);
  assert.match(help, /^\/invite \[NAME\] \[TIME\]$/m);
  assert.doesNotMatch(help, /\/relay-test|\/set\b/);
});

test('invitations: made, extended, revoked and listed, with their links', async () => {
  const token = { token: 'T1', group: 'lab', username: 'noor', permissions: ['present'], expires: '2999-01-01T00:00:00Z', issuedBy: 'bob', issuedAt: '2026-01-01T00:00:00Z' };
  const done = say('/invite noor 2d');
  await settle();
  await new Promise((resolve) => { setImmediate(resolve); });
  const [asked] = socket.of('groupaction');
  assert.deepEqual([asked.kind, asked.value.username, asked.value.group, asked.value.permissions], ['maketoken', 'noor', 'lab', ['present', 'message']]);
  assert.ok(Math.abs(Date.parse(asked.value.expires) - Date.now() - 2 * 86_400_000) < 60_000);
  socket.receive({ type: 'usermessage', kind: 'token', privileged: true, value: token });
  await done;
  assert.match(chat.value.at(-1)?.text ?? '', /Invitation for noor[\s\S]*https:\/\/x\/.*\?token=T1/);

  socket.sent.length = 0;
  const revoked = say('/revoke https://x/group/lab/?token=T1');
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(socket.of('groupaction')[0].value, { token: 'T1', expires: -1000 });
  socket.receive({ type: 'usermessage', kind: 'token', privileged: true, error: 'error', value: 'no such token' });
  assert.equal(await revoked, false);
  assert.match(chat.value.at(-1)?.text ?? '', /refused: no such token/);

  const listed = say('/listtokens');
  await new Promise((resolve) => { setImmediate(resolve); });
  socket.receive({ type: 'usermessage', kind: 'tokenlist', privileged: true, value: [token, { token: 'T2', expires: '2001-01-01T00:00:00Z' }] });
  await listed;
  assert.match(chat.value.at(-1)?.text ?? '', /T1[\s\S]*anybody[\s\S]*Expired[\s\S]*T2/);
});

test('where the connection is lost, whoever waits for invitations is told', async () => {
  const listed = say('/listtokens');
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.equal(socket.of('groupaction').length, 1);
  socket.drop();
  assert.equal(await listed, false);
  assert.match(chat.value.at(-1)?.text ?? '', /connection/i);
});

test('an operator takes back one message, what one person has written, or everything', () => {
  for (const which of [{ id: 'm1', userId: 'a1' }, { userId: 'a1' }, undefined]) {
    socket.sent.length = 0;
    clearHistory(which);
    assert.deepEqual(socket.of('groupaction').map((m) => [m.kind, m.value]), [['clearchat', which]]);
  }
});

test('arguments in quotation marks', () => {
  for (const [text, want] of /** @type {[string, [string, string]][]} */ ([
    ['a b c', ['a', 'b c']], ['"a b" c', ['a b', 'c']], ["'a \"b' c", ['a "b', 'c']], ['"a\\"b"  c ', ['a"b', 'c']], ['\'\' 2d', ['', '2d']], ['a\\ b', ['a b', '']], ['', ['', '']], ['"a"b c', ['"a"b', 'c']],
  ])) {
    if (text === '"a"b c') assert.throws(() => splitFirst(text));
    else assert.deepEqual(splitFirst(text), want, text);
  }
  for (const name of ['ada', 'Ada B', 'a"b', "O'Neil", 'a\\b', '']) assert.equal(splitFirst(`${quoted(name)} x`)[0], name);
});

test('times of expiry', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const after_ = (/** @type {string} */ text) => ((parseExpiration(text, now)?.getTime() ?? NaN) - now) / 1000;
  assert.deepEqual(['30s', '5min', '2 h', '1d', '1mon', '1yr'].map(after_), [30, 300, 7200, 86_400, 31 * 86_400, 365 * 86_400]);
  assert.equal(parseExpiration('2026-01-02T00:00:00Z', now)?.toISOString(), '2026-01-02T00:00:00.000Z');
  assert.equal(parseExpiration('whenever', now), null);
});

test('what is typed is completed: commands, people as their arguments, names anywhere', () => {
  assert.deepEqual(suggestions('/un').map((s) => s.text), ['/unlock', '/unop ', '/unpresent ', '/unraise', '/unrecord', '/unsharescreen', '/unshutup '].filter((x) => x));
  assert.deepEqual(suggestions('/kick e').map((s) => s.text), ['/kick "ed bo" ', '/kick "Ed Bo" ']);
  assert.deepEqual(suggestions('hello'), []);
  assert.deepEqual(suggestions('//x'), []);
  assert.equal(completedName('thanks ali'), 'thanks alice');
  assert.equal(completedName('thanks zz'), null);
});

test('settings can be set by hand and given back, also those that are not ours', async () => {
  await say('/set theme "dark"');
  await say('/set mine');
  assert.deepEqual([settings.value.theme, Object(settings.value).mine], ['dark', true]);
  await say('/unset theme');
  await say('/unset mine');
  assert.deepEqual([settings.value.theme, 'mine' in settings.value], ['', false]);
});

test('the microphone is muted by a setting, as scripts do it, and the list of settings says so', async () => {
  const track = new FakeTrack('audio');
  mic.value = { on: true, busy: false, error: '' };
  micTrack.value = /** @type {any} */ (track);
  await say('/set localMute');
  assert.deepEqual([mic.value.on, track.enabled, 'localMute' in settings.value], [false, false, false]);
  await say('/set');
  assert.match(chat.value.at(-1)?.text ?? '', /^localMute: true$/m);
  await say('/set localMute false');
  assert.deepEqual([mic.value.on, track.enabled], [true, true]);
});

test('what is for one person goes to nobody else: not to everybody when they leave, and not to who comes by their name', async () => {
  const said = () => socket.of('chat').map((m) => [m.dest, m.value]);
  writeTo({ id: 'a1', username: 'alice' });
  assert.equal(await say('one'), true);
  socket.receive({ type: 'user', kind: 'delete', id: 'a1' });
  assert.equal(await say('two'), false, 'the text stays in the field');
  assert.equal(chat.value.at(-1)?.text, 'alice has left, so nothing was sent. Write to everybody, or choose them again when they are back.');
  sendFiles([/** @type {File} */ ({ name: 'secret.txt', size: 1 })]);
  assert.match(notices.value.at(-1)?.text ?? '', /alice has left/);
  socket.receive({ type: 'user', kind: 'add', id: 'a2', username: 'alice', permissions: ['present'] });
  assert.equal(await say('two'), false, 'names are free to take');
  sendFiles([/** @type {File} */ ({ name: 'secret.txt', size: 1 })]);
  assert.deepEqual(socket.of('usermessage'), []);
  writeTo({ id: 'a2', username: 'alice' });
  assert.equal(await say('three'), true);
  writeTo(null);
  assert.equal(await say('four'), true);
  assert.deepEqual(said(), [['a1', 'one'], ['a2', 'three'], ['', 'four']]);
});

test('nothing is offered to somebody who has left while a file was being chosen', async () => {
  socket = await enter();
  socket.receive({ type: 'user', kind: 'add', id: 'x', username: 'carol' });
  socket.receive({ type: 'user', kind: 'delete', id: 'x', username: 'carol' });
  offerFiles({ id: 'x', username: 'carol' }, [/** @type {File} */ ({ name: 'a.txt', size: 1 })]);
  assert.deepEqual([socket.of('usermessage').length, notices.value.at(-1)?.level], [0, 'error']);
  assert.match(notices.value.at(-1)?.text ?? '', /carol has left/);
});

test('a setting takes no value that the page cannot use', async () => {
  await inRoom(OP);
  for (const [line, taken] of /** @type {[string, boolean][]} */ ([
    ['/set keys null', false], ['/set selfCorner 5', false], ['/set mirrorView "no"', false], ['/set resolution [640]', false],
    ['/set resolution [640, 480]', true], ['/set mirrorView', true], ['/set mine null', true],
  ])) assert.equal(await say(line), taken, line);
  await say('/unset resolution');
  await say('/unset mine');
});
