import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { addLine, addPrivate, clearChat, clearMessages, gotChat, grouped, withLinks } from '../../app/chat.js';
import { caption, chat, me, panel, unread } from '../../app/store.js';

const TIME = Date.parse('2030-01-02T09:00:00Z');

/** @param {Partial<import('../../app/chat.js').Chat>} m */
const message = (m) => ({ type: /** @type {const} */ ('chat'), source: 'a', username: 'ada', time: '2030-01-02T09:00:00Z', value: 'hello', ...m });

beforeEach(() => {
  clearChat();
  panel.value = '';
  caption.value = '';
  me.value = { id: 'me', username: 'bob', permissions: [] };
});

test('a message is shown with what the server says of it', () => {
  gotChat(message({ id: 'm1' }));
  assert.deepEqual(chat.value, [{ id: 'm1', kind: 'message', source: 'a', username: 'ada', time: TIME, text: 'hello', own: false, private: false, to: '', group: chat.value[0]?.group }]);
});

test('a time that is none is now', () => {
  gotChat(message({ time: 'soon' }));
  assert.ok(Math.abs((chat.value[0]?.time ?? 0) - Date.now()) < 60_000);
});

test('messages that are not text, captions, and messages of the server', () => {
  gotChat(message({ value: { a: 1 } }));
  gotChat(message({ kind: 'caption' }));
  gotChat(message({ source: undefined, username: undefined, value: 'notice' }));
  gotChat(message({ kind: 'me', value: 'waves' }));
  assert.deepEqual(chat.value.map((e) => [e.kind, e.text]), [['message', '{"a":1}'], ['server', 'notice'], ['me', 'waves']]);
});

test('unread counts what others say while the chat is closed, and not the history', () => {
  gotChat(message({ type: 'chathistory' }));
  gotChat(message({}));
  gotChat(message({ source: 'me' }));
  assert.equal(unread.value, 1);
  panel.value = 'chat';
  gotChat(message({}));
  assert.equal(unread.value, 1);
});

test('messages of one sender within a minute share a header', () => {
  const at = (/** @type {number} */ s, more = {}) => message({ time: new Date(TIME + s * 1000).toISOString(), ...more });
  const cases = /** @type {[ReturnType<typeof message>[], number[]][]} */ ([
    [[at(0), at(60), at(121)], [2, 1]],
    [[at(0), at(1, { source: 'b' }), at(2)], [1, 1, 1]],
    [[at(0), at(1, { username: 'b' })], [1, 1]],
    [[at(0), at(1, { dest: 'me' }), at(2, { dest: 'me' })], [1, 2]],
    [[at(0, { kind: 'me' }), at(1, { kind: 'me' })], [1, 1]],
    [[], []],
  ]);
  for (const [messages, sizes] of cases) {
    clearChat();
    messages.forEach(gotChat);
    assert.deepEqual(grouped(chat.value).map((g) => g.entries.length), sizes);
  }
});

test('private messages to two people do not share a header', () => {
  for (const username of ['ada', 'ada', 'eve']) addPrivate('hello', { id: username, username });
  assert.deepEqual(grouped(chat.value).map((g) => g.entries.length), [2, 1]);
});

test('the server clears all, one person, or one message', () => {
  const fill = () => {
    clearChat();
    gotChat(message({ id: '1' }));
    gotChat(message({ id: '2' }));
    gotChat(message({ id: '3', source: 'b' }));
  };
  const cases = /** @type {const} */ ([[undefined, []], [{}, []], [{ userId: 'a' }, ['3']], [{ userId: 'a', id: '2' }, ['1', '3']], [{ userId: 'b', id: '2' }, ['1', '2', '3']]]);
  for (const [value, left] of cases) {
    fill();
    clearMessages(value);
    assert.deepEqual(chat.value.map((e) => e.id), left, JSON.stringify(value));
  }
});

test('the pane does not grow without bound, and its oldest entries go many at a time', () => {
  for (let i = 0; i < 1100; i++) gotChat(message({ id: `m${i}` }));
  for (const [length, first] of /** @type {const} */ ([[1100, 'm0'], [1001, 'm100'], [1002, 'm100']])) {
    assert.deepEqual([chat.value.length, chat.value[0]?.id], [length, first]);
    gotChat(message({}));
  }
});

test('one message has few others be looked at, whoever says how much', () => {
  for (let i = 0; i < 45; i++) gotChat(message({ id: `m${i}` }));
  assert.deepEqual(grouped(chat.value).map((g) => g.entries.length), [20, 20, 5]);
});

test('web addresses become links, nothing else does', () => {
  const links = (/** @type {string} */ text) => withLinks(text).filter((p) => p.href).map((p) => p.href);
  const cases = {
    'see https://example.org/a?b=c#d.': ['https://example.org/a?b=c#d'],
    '(http://example.org), and https://two.example/': ['http://example.org/', 'https://two.example/'],
    'javascript:alert(1) data:text/html,x ftp://x mailto:a@b': [],
    'https://': [],
    '<a href="https://x.example">': ['https://x.example/'],
  };
  for (const [text, want] of Object.entries(cases)) {
    assert.deepEqual(links(text), want, text);
    assert.equal(withLinks(text).map((p) => p.text).join(''), text);
  }
});

test('a caption is shown for a while and is not said in the chat; those of the history are over', () => {
  gotChat(message({ type: 'chathistory', kind: 'caption', value: 'old' }));
  assert.equal(caption.value, '');
  gotChat(message({ kind: 'caption', value: 'spoken words' }));
  assert.deepEqual([caption.value, chat.value.length], ['spoken words', 0]);
});

test('what the server says to one alone is of the server, also when it gives itself a name', () => {
  gotChat(message({ source: undefined, username: 'Server', dest: 'me', value: 'lab/one (2 clients)\n' }));
  assert.equal(chat.value[0]?.kind, 'server');
});

test('a long row of points costs no time', () => {
  const start = Date.now();
  assert.equal(withLinks(`http://a${'.'.repeat(300_000)}b http://x${')'.repeat(300_000)}`).filter((p) => p.href).length, 2);
  // One look at each of them for each of them took minutes.
  assert.ok(Date.now() - start < 10_000);
});

test('what is under a header stays what it is while older messages go', () => {
  for (const senders of [1, 7]) {
    clearChat();
    addLine('event', 'a header of its own');
    for (let i = 0; i < 1099; i++) gotChat(message({ id: `m${i}`, source: `s${i % senders}` }));
    const before = new Set(grouped(chat.value).map((g) => g.key));
    gotChat(message({ id: 'last', source: 'somebody' }));
    assert.equal(chat.value.length, 1001);
    const fresh = grouped(chat.value).filter((g) => !before.has(g.key));
    assert.deepEqual(fresh.map((g) => g.first.id), ['last']);
  }
});

test('what is under a header stays what it is while a message among many of one person is cleared', () => {
  for (let i = 0; i < 50; i++) gotChat(message({ id: `m${i}` }));
  const headers = () => grouped(chat.value).map((g) => [g.key, g.entries.at(-1)?.id]);
  const before = headers();
  for (const id of ['m0', 'm7', 'm20']) {
    clearMessages({ userId: 'a', id });
    assert.deepEqual(headers(), before, id);
  }
  gotChat(message({ id: 'm50' }));
  assert.deepEqual(headers().map(([, last]) => last), ['m19', 'm39', 'm50']);
});

test('files on their way stay when the server clears the chat', () => {
  addLine('file', 'transfer-1');
  gotChat(message({ id: '1' }));
  clearMessages(undefined);
  assert.deepEqual(chat.value.map((e) => e.kind), ['file']);
});
