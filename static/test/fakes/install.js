// Puts the fakes where the client looks for the browser's own.

import { FakeMediaStream } from './media.js';
import { FakePeer } from './peer.js';
import { FakeSocket } from './socket.js';

Object.assign(globalThis, { WebSocket: FakeSocket, RTCPeerConnection: FakePeer, MediaStream: FakeMediaStream });

/** Lets everything that waits for a promise go on. */
export async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
