import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { settle } from '../fakes/install.js';
import { FakeMediaStream, FakeTrack } from '../fakes/media.js';
import { accept, connected, open } from '../fakes/room.js';
import { FakeSocket } from '../fakes/socket.js';
import { joinRoom, leave, retryNow } from '../../app/session.js';
import { camera, cameraTrack, phase, shares } from '../../app/store.js';

after(() => leave());

test('after two minutes without success the person is asked, and nothing is captured any more before they are back', async (t) => {
  await open();
  const done = joinRoom({ username: 'bob', password: 'secret' });
  const socket = await connected();
  accept(socket, ['present']);
  await done;
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  socket.drop();
  const [face, screen, newFace] = [new FakeTrack('video'), new FakeTrack('video'), new FakeTrack('video')];
  camera.value = { on: true, busy: false, error: '' };
  cameraTrack.value = /** @type {any} */ (face);
  shares.value = [{ id: 'screen', label: 'screenshare', media: /** @type {any} */ ({ getTracks: () => [screen] }) }];
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true, value: { mediaDevices: { getUserMedia: async () => new FakeMediaStream([newFace]), enumerateDevices: async () => [] } },
  });
  for (let i = 0; i < 14 && phase.value === 'reconnecting'; i++) {
    t.mock.timers.tick(20_000);
    FakeSocket.latest().drop();
    await settle();
  }
  assert.equal(phase.value, 'lost');
  assert.deepEqual([face.readyState, screen.readyState, camera.value.on, shares.value], ['ended', 'ended', false, []]);
  retryNow();
  assert.equal(phase.value, 'reconnecting');
  accept(await connected(), ['present']);
  await settle();
  assert.deepEqual([phase.value, cameraTrack.value, shares.value], ['joined', newFace, []]);
});
