import { settle } from '../fakes/install.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enter, open } from '../fakes/room.js';
import { changeSettings } from '../../app/settings.js';
import { currentConnection, leave } from '../../app/session.js';
import { speakers } from '../../app/store.js';
import { watchActivity } from '../../app/activity.js';
import { inTurn } from '../../app/turns.js';
import { audioEnergy, audioLevel } from '../../lib/stats.js';

/** @param {object[]} receivers @returns {any} */
const streamOf = (...receivers) => ({ pc: { getReceivers: () => receivers } });
const audio = { kind: 'audio' };

test('the level is that of the packets, without waiting for anything', () => {
  const levels = (/** @type {object[]} */ ...sources) => ({ track: audio, getSynchronizationSources: () => sources });
  assert.equal(audioLevel(streamOf(levels({ audioLevel: 0.1 }, { audioLevel: 0.4 }), { track: { kind: 'video' } })), 0.4);
  assert.equal(audioLevel(streamOf(levels())), 0, 'no packet has come');
  assert.equal(audioLevel(streamOf()), 0, 'no sound');
  assert.equal(audioLevel(streamOf(levels({}))), null, 'the packets do not say it');
  assert.equal(audioLevel(streamOf({ track: audio })), null, 'the browser does not say it');
});

test('where the packets do not tell, the energy does', async () => {
  const report = new Map([['in', { type: 'inbound-rtp', totalAudioEnergy: 0.5, totalSamplesDuration: 2 }], ['codec', { type: 'codec' }]]);
  assert.deepEqual(await audioEnergy(streamOf({ track: audio, getStats: async () => report })), { energy: 0.5, duration: 2 });
});

test('it is the turn of everybody, and of nobody twice at a time', () => {
  const list = ['a', 'b', 'c', 'd', 'e'];
  assert.deepEqual([0, 2, 4].map((from) => inTurn(list, from, 2).join('')), ['ab', 'cd', 'ea']);
  assert.deepEqual(inTurn(list, 7, 9).join(''), 'cdeab');
  assert.deepEqual(inTurn([], 3, 2), []);
});

test('who says that their microphone is muted is not listened to, but what they share is', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  await open();
  changeSettings({ activityDetection: true });
  const socket = await enter();
  watchActivity();
  const loud = () => [{ track: audio, getSynchronizationSources: () => [{ audioLevel: 0.5 }] }];
  const speaking = async () => {
    for (let i = 0; i < 10; i++) {
      t.mock.timers.tick(200);
      await settle();
    }
    return [...speakers.value];
  };
  const offer = async (/** @type {string} */ id, /** @type {string} */ label) => {
    socket.receive({ type: 'offer', id, label, source: 'ada', username: 'ada', sdp: 'audio video' });
    await settle();
    Object.assign(currentConnection()?.down.get(id)?.pc ?? assert.fail(), { getReceivers: loud });
  };
  socket.receive({ type: 'user', kind: 'add', id: 'ada', username: 'ada', permissions: ['present'], data: { muted: true } });
  await offer('s1', 'camera');
  assert.deepEqual(await speaking(), []);
  await offer('s2', 'screenshare');
  assert.deepEqual(await speaking(), ['ada']);
  socket.receive({ type: 'close', id: 's2' });
  assert.deepEqual(await speaking(), []);
  socket.receive({ type: 'user', kind: 'change', id: 'ada', username: 'ada', permissions: ['present'], data: {} });
  assert.deepEqual(await speaking(), ['ada']);
  leave();
});
