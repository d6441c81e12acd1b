import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellDeviceErrors } from '../../app/device-notices.js';
import { setMessages } from '../../app/i18n.js';
import { announce, dismiss, notify } from '../../app/notices.js';
import { alarm, announcement, camera, mic, notices, phase } from '../../app/store.js';

tellDeviceErrors();

test('at most three notices, none twice, errors until they are dismissed', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const text of ['a', 'b', 'c', 'b', 'd']) notify('info', text);
  assert.deepEqual(notices.value.map((n) => n.text), ['c', 'b', 'd']);
  notify('error', 'e');
  t.mock.timers.tick(5000);
  assert.deepEqual(notices.value.map((n) => n.text), ['e']);
  assert.deepEqual([announcement.value, alarm.value], ['d', 'e']);
  dismiss(notices.value[0]?.id ?? 0);
  assert.equal(notices.value.length, 0);
});

test('what somebody points at stays until they look elsewhere', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let pointing = true;
  Object.assign(globalThis, { document: { querySelector: () => pointing || null } });
  t.after(() => { delete Object(globalThis).document; });
  notify('info', 'a');
  t.mock.timers.tick(60_000);
  assert.deepEqual(notices.value.map((n) => n.text), ['a']);
  pointing = false;
  t.mock.timers.tick(5000);
  assert.deepEqual(notices.value, []);
});

test('a device that fails during the call is told each time, before it the page does', () => {
  setMessages({ 'device.camera.denied': 'blocked' }, 'en');
  const fail = () => {
    camera.value = { on: true, busy: true, error: '' };
    camera.value = { on: false, busy: false, error: 'device.camera.denied' };
  };
  phase.value = 'prejoin';
  fail();
  assert.equal(notices.value.length, 0);
  phase.value = 'joined';
  for (let i = 0; i < 2; i++) {
    fail();
    assert.deepEqual(notices.value.map((n) => n.text), ['blocked']);
    dismiss(notices.value[0]?.id ?? 0);
    assert.equal(notices.value.length, 0, 'it does not come back by itself');
  }
});

test('what is told of a device goes once it works, or fails in another way', () => {
  setMessages({ 'device.camera.denied': 'blocked', 'device.camera.busy': 'in use', 'device.mic.busy': 'in use, too' }, 'en');
  phase.value = 'joined';
  const told = () => notices.value.map((n) => n.text);
  mic.value = { on: false, busy: false, error: 'device.mic.busy' };
  for (const [error, text] of /** @type {const} */ ([['device.camera.denied', 'blocked'], ['device.camera.busy', 'in use']])) {
    camera.value = { on: false, busy: false, error };
    assert.deepEqual(told(), ['in use, too', text]);
  }
  camera.value = { on: true, busy: true, error: '' };
  assert.deepEqual(told(), ['in use, too', 'in use'], 'it may fail again');
  camera.value = { on: true, busy: false, error: '' };
  assert.deepEqual(told(), ['in use, too']);
  mic.value = { on: true, busy: false, error: '' };
  assert.deepEqual(told(), []);
});

test('what is said a second time is read aloud a second time', () => {
  for (const say of [() => notify('info', 'muted'), () => announce('chat', 'ada: yes')]) {
    say();
    const before = announcement.value;
    say();
    assert.notEqual(announcement.value, before);
    assert.equal(announcement.value.trim(), before.trim());
  }
  notify('error', 'no');
  const before = alarm.value;
  notify('error', 'no');
  assert.notEqual(alarm.value, before);
});
