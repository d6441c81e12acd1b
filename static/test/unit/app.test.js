import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { delayBefore } from '../../app/backoff.js';
import { deviceErrorKey } from '../../app/devices.js';
import { setMessages } from '../../app/i18n.js';
import { hue, initials } from '../../app/identity.js';
import { problemOf } from '../../app/join-problems.js';
import { levelOf } from '../../app/meter.js';
import { inCall, next } from '../../app/phase.js';
import { roomName, roomUrl } from '../../app/rooms.js';
import { people, recording, sorted } from '../../app/roster.js';
import { actionOf } from '../../app/shortcuts.js';
import { phase, users } from '../../app/store.js';
import { ROOT } from '../../app/paths.js';

setMessages(JSON.parse(await readFile(new URL('../../locales/en.json', import.meta.url), 'utf8')), 'en');

test('phases follow one another as the table says, and events out of place change nothing', () => {
  /** @type {[import('../../app/phase.js').Phase, import('../../app/phase.js').PhaseEvent, import('../../app/phase.js').Phase][]} */
  const cases = [
    ['loading', 'loaded', 'prejoin'], ['prejoin', 'join', 'joining'], ['joining', 'joined', 'joined'], ['joining', 'refused', 'prejoin'],
    ['joined', 'disconnected', 'reconnecting'], ['reconnecting', 'joined', 'joined'], ['reconnecting', 'refused', 'prejoin'],
    ['reconnecting', 'gaveUp', 'lost'], ['lost', 'retry', 'reconnecting'], ['joined', 'removed', 'prejoin'], ['joined', 'leave', 'left'],
    ['left', 'join', 'joining'], ['prejoin', 'disconnected', 'prejoin'], ['left', 'disconnected', 'left'], ['joined', 'join', 'joined'],
  ];
  for (const [from, event, to] of cases) assert.equal(next(from, event), to, `${from} ${event}`);
  assert.deepEqual((/** @type {const} */ (['prejoin', 'joined', 'reconnecting', 'lost', 'left'])).map(inCall), [false, true, true, true, false]);
});

test('attempts to reconnect are made after 1, 2, 4, 8 and then every 15 seconds, a little apart', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 99].map((n) => delayBefore(n, 0.5)), [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.deepEqual([delayBefore(0, 0), delayBefore(0, 1)], [800, 1200]);
});

test('a refusal is told in words, beside the field that mends it', () => {
  const context = { room: 'lab', username: 'ada' };
  /** @type {[{text: string, code?: string}, string, RegExp][]} */
  const cases = [
    [{ text: 'not authorised' }, 'password', /do not match/],
    [{ text: 'username required', code: 'need-username' }, 'username', /your name/],
    [{ text: 'not authorised: this username is taken', code: 'duplicate-username' }, 'username', /called ada is already here/],
    [{ text: 'group does not exist' }, '', /no room called “lab”/],
    [{ text: 'this group is locked' }, '', /locked/],
    [{ text: 'this group is not open yet' }, '', /not open yet/],
    [{ text: 'this group is closed' }, '', /is closed/],
    [{ text: 'there are no operators in this group' }, '', /operator/],
    [{ text: 'too many users' }, '', /full/],
    [{ text: 'exam in progress' }, '', /exam in progress/],
    [{ text: 'constructor' }, '', /constructor/],
  ];
  for (const [refusal, field, text] of cases) {
    const problem = problemOf(refusal, context);
    assert.equal(problem.field, field, refusal.text);
    assert.match(problem.text, text);
  }
});

test('why a device cannot be had', () => {
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia() {} } } });
  const error = (/** @type {string} */ name) => new DOMException('', name);
  assert.equal(deviceErrorKey('video', error('NotAllowedError')), 'device.camera.denied');
  assert.equal(deviceErrorKey('audio', error('NotFoundError')), 'device.mic.absent');
  assert.equal(deviceErrorKey('audio', error('NotReadableError')), 'device.mic.busy');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {} });
  assert.equal(deviceErrorKey('audio', error('TypeError')), 'device.insecure');
});

test('people: ourselves first, then by name, the nameless last, the recorder not at all', () => {
  let since = 0;
  const user = (/** @type {string} */ id, /** @type {string} */ username, more = {}) => ({ id, username, permissions: [], data: {}, since: ++since, handSince: 0, ...more });
  const list = sorted([user('1', ''), user('2', 'zoe', { handSince: 5 }), user('3', 'Ada', { handSince: 2 }), user('4', 'bob'), user('5', 'RECORDING', { permissions: ['system'] }), user('6', 'ada')], '2');
  assert.deepEqual(list.map((p) => [p.user.username, p.self, p.hand]), [['zoe', true, 2], ['ada', false, 0], ['Ada', false, 1], ['bob', false, 0], ['', false, 0]]);
});

test('the room is being recorded as long as the recorder of the server is in it, and nobody else of that name', () => {
  const user = (/** @type {string[]} */ permissions) => ({ id: 'r', username: 'RECORDING', permissions, data: {}, since: 1, handSince: 0 });
  for (const [permissions, want] of /** @type {[string[], boolean][]} */ ([[['system'], true], [['present'], false]])) {
    users.value = new Map([['r', user(permissions)]]);
    assert.deepEqual([recording.value, people.value.length], [want, want ? 0 : 1]);
  }
  users.value = new Map();
  assert.equal(recording.value, false);
});

test('initials and colours', () => {
  assert.deepEqual(['Ada Moreau', 'bob', '', '  ', 'Ana María de la Cruz', '李 雷', '😀x'].map(initials), ['AM', 'B', '?', '?', 'AC', '李雷', '😀']);
  assert.equal(hue('ada'), hue('ada'));
  assert.notEqual(hue('ada'), hue('bob'));
});

test('levels are on the scale of decibels', () => {
  assert.equal(levelOf(new Float32Array(100)), 0);
  assert.equal(levelOf(new Float32Array(100).fill(1)), 1);
  assert.ok(Math.abs(levelOf(new Float32Array(100).fill(0.0316)) - 0.5) < 0.01);
});

test('the address of a room', () => {
  for (const name of ['a', 'a/b c', 'ä?#%']) assert.equal(roomName(roomUrl(name)), name);
  assert.equal(roomName(`${ROOT}group/%E0%A4%A/`), '%E0%A4%A');
  assert.equal(roomUrl(' a/b c/'), `${ROOT}group/a/b%20c/`);
  assert.equal(roomUrl('../x?y#z'), `${ROOT}group/x%3Fy%23z/`);
});

test('control with a letter acts, together with the key for capitals it is the browser\u2019s', () => {
  phase.value = 'joined';
  const stroke = { key: 'd', ctrlKey: true, altKey: false, metaKey: false, repeat: false };
  assert.deepEqual([actionOf(stroke, false) !== null, actionOf({ ...stroke, key: 'D', shiftKey: true }, false)], [true, null]);
  phase.value = 'loading';
});
