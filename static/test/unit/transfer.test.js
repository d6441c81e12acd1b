import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import '../fakes/install.js';
import { BlockHash } from '../../lib/block-hash.js';
import { Emitter } from '../../lib/emitter.js';
import { FileTransfers, TransferError } from '../../lib/index.js';

/** bytes */
const BLOCK = 1 << 20;

/** @param {Buffer} data */
const sha256 = (data) => createHash('sha256').update(data).digest();

/** @param {Buffer} data @returns {ArrayBuffer} a copy of its own */
const own = (data) => /** @type {ArrayBuffer} */ (new Uint8Array(data).buffer);

test('the hash is that of the hashes of the blocks, however the file is cut', async () => {
  for (const size of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5]) {
    const data = randomBytes(size);
    const blocks = [];
    for (let at = 0; at < size; at += BLOCK) blocks.push(sha256(data.subarray(at, at + BLOCK)));
    const want = `sha256-1mib:${sha256(Buffer.concat(blocks)).toString('hex')}`;
    for (const piece of [16_384, 100_000, 3 * BLOCK]) {
      const hash = new BlockHash();
      for (let at = 0; at < size; at += piece) hash.add(own(data.subarray(at, at + piece)));
      assert.equal(await hash.finish(), want, `${size} bytes by ${piece}`);
    }
  }
});

/** A data channel whose other end is the test. */
class FakeChannel extends EventTarget {
  readyState = 'open';
  bufferedAmount = 0;
  /** @type {any[]} */ sent = [];
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;

  /** @param {any} data */
  send(data) {
    this.sent.push(data);
  }
}

/** Alice takes a file of bob, who is played by the test. @param {number} size @param {string | undefined} hash that bob tells */
async function taken(size, hash) {
  const channel = new FakeChannel();
  globalThis.RTCPeerConnection = /** @type {any} */ (class {
    signalingState = 'stable';
    localDescription = { sdp: 'sdp' };
    createDataChannel() { return channel; }
    async createOffer() { return {}; }
    async setLocalDescription() { this.signalingState = 'have-local-offer'; }
    async setRemoteDescription() { this.signalingState = 'stable'; }
    close() {}
  });
  /** @type {any[]} */
  const sent = [];
  const connection = Object.assign(new Emitter(), { id: 'alice', username: 'alice', rtcConfiguration: {}, send: (/** @type {any} */ m) => sent.push(m.value) });
  const transfers = new FileTransfers(/** @type {any} */ (connection));
  /** @type {import('../../lib/transfer.js').TransferredFile | undefined} */
  let file;
  transfers.oninvite = (f) => { file = f; };
  const say = (/** @type {object} */ value) => connection.emit('usermessage', { kind: 'filetransfer', source: 'bob', value: { id: 'f', ...value } });
  say({ type: 'invite', version: ['1'], name: 'a.bin', size, mimetype: '' });
  assert.ok(file);
  const ended = new Promise((resolve) => {
    if (file) file.onevent = (state, data) => { if (state === 'done' || state === 'cancelled') resolve([state, data]); };
  });
  await file.receive();
  say({ type: 'answer', sdp: 'sdp', hash });
  channel.onopen();
  return { channel, ended, file, sent };
}

test('what arrives is compared with what was sent, and not kept if it differs', async () => {
  const data = randomBytes(40_000);
  const right = new BlockHash();
  right.add(own(data));
  const hash = await right.finish();
  for (const [said, content, state, verified] of /** @type {[string | undefined, Buffer, string, boolean][]} */ ([
    [hash, data, 'done', true], [undefined, data, 'done', false], [hash, Buffer.from(data).fill(0, 5, 6), 'cancelled', false],
  ])) {
    if (state === 'cancelled') content[5] = (data[5] ?? 0) ^ 1;
    const { channel, ended, file, sent } = await taken(content.length, said);
    for (let at = 0; at < content.length; at += 16_384) channel.onmessage({ data: own(content.subarray(at, at + 16_384)) });
    const [end, detail] = /** @type {[string, any]} */ (await ended);
    assert.deepEqual([end, file.verified, channel.sent], [state, verified, state === 'done' ? ['done'] : []]);
    if (state === 'done') assert.equal(Buffer.from(await detail.arrayBuffer()).compare(content), 0);
    else {
      assert.ok(detail instanceof TransferError);
      assert.equal(detail.reason, 'damaged');
      assert.equal(sent.at(-1).type, 'cancel');
    }
  }
});

test('more than was announced ends the transfer', async () => {
  const { channel, ended } = await taken(10, undefined);
  channel.onmessage({ data: new ArrayBuffer(11) });
  assert.equal(/** @type {any[]} */ (await ended)[0], 'cancelled');
});

/** A data channel whose network takes nothing by itself. */
class SlowChannel extends FakeChannel {
  /** @type {(() => void) | null} */ onbufferedamountlow = null;

  /** @param {any} data */
  send(data) {
    super.send(data);
    this.bufferedAmount += data.byteLength;
  }

  /** All that waited has gone. */
  drain() {
    this.bufferedAmount = 0;
    this.onbufferedamountlow?.();
  }
}

test('a sender stops while the browser has as much as it should, and goes on once that has gone', async () => {
  const content = randomBytes(200_000);
  const channel = new SlowChannel();
  /** @type {any} */
  let pc;
  globalThis.RTCPeerConnection = /** @type {any} */ (class {
    localDescription = { sdp: 'sdp' };
    constructor() { pc = this; }
    async setRemoteDescription() {}
    async createAnswer() { return {}; }
    async setLocalDescription() {}
    close() {}
  });
  /** @type {any[]} */
  const sent = [];
  const connection = Object.assign(new Emitter(), { id: 'bob', username: 'bob', rtcConfiguration: {}, send: (/** @type {any} */ m) => sent.push(m.value) });
  const file = new FileTransfers(/** @type {any} */ (connection)).offer('alice', new globalThis.File([content], 'a.bin'));
  /** @type {string[]} */
  const states = [];
  file.onevent = (state) => { if (states.at(-1) !== state) states.push(state); };
  const turns = async (/** @type {() => boolean} */ over) => { for (let i = 0; i < 1000 && !over(); i++) await new Promise((resolve) => { setImmediate(resolve); }); };
  connection.emit('usermessage', { kind: 'filetransfer', source: 'alice', value: { type: 'offer', id: file.id, version: ['1'], sdp: 'sdp' } });
  await turns(() => sent.some((m) => m.type === 'answer'));
  pc.ondatachannel({ channel });
  channel.onopen();
  // 16 KiB at a time, of which no more than 64 KiB wait before another.
  for (const count of [5, 10, 13]) {
    await turns(() => channel.sent.length >= count);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    assert.equal(channel.sent.length, count);
    channel.drain();
  }
  assert.equal(file.datalen, content.length);
  assert.equal(Buffer.concat(channel.sent.map((part) => Buffer.from(part))).compare(content), 0);
  channel.onmessage({ data: 'done' });
  assert.deepEqual(states, ['connecting', 'connected', 'done', 'closed']);
});

test('a file that has come is there, whoever leaves then', async () => {
  const { channel, ended, file, sent } = await taken(1, undefined);
  channel.onmessage({ data: new ArrayBuffer(1) });
  assert.equal(/** @type {any[]} */ (await ended)[0], 'done');
  /** @type {string[]} */
  const states = [];
  file.onevent = (state) => { states.push(state); };
  const before = sent.length;
  file.fail(new TransferError('left', ''));
  file.cancel('unexpected message');
  assert.deepEqual([states, file.state, sent.length], [[], 'done', before]);
});

test('an offer that makes no sense is refused', () => {
  /** @type {any[]} */
  const sent = [];
  const connection = Object.assign(new Emitter(), { id: 'alice', username: 'alice', rtcConfiguration: {}, send: (/** @type {any} */ m) => sent.push(m.value) });
  new FileTransfers(/** @type {any} */ (connection)).oninvite = () => assert.fail('it was taken');
  for (const version of [5, {}, null, 'one', [['1']]]) connection.emit('usermessage', { kind: 'filetransfer', source: 'bob', value: { id: 'f', type: 'invite', version } });
  assert.deepEqual(sent.map((m) => m.type), Array(5).fill('cancel'));
});
