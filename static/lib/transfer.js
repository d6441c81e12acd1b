// Files from one member to another, over a peer connection of their own. The server carries only the
// signalling: user messages of kind `filetransfer`.

import { BlockHash } from './block-hash.js';
import { CandidateBuffer } from './peer.js';
import { randomId } from './ids.js';
import { TransferError } from './errors.js';

/** Bytes of one message of the data channel. */
const CHUNK = 16_384;
/** Bytes that may wait in the channel before the sender pauses. */
const MAX_BUFFERED = 65_536;
/** How long the receiver waits, after the last byte, for the sender to close, ms. */
const FAREWELL = 2000;
/** Bytes after which what has come is put into a blob, which the browser may keep on disk. */
const GATHER = 1 << 20;
/** What older clients say; the answer is `cancel`. */
const OBSOLETE = ['upice', 'downice', 'reject', 'abort'];

/** @typedef {'' | 'inviting' | 'connecting' | 'connected' | 'done' | 'cancelled' | 'closed'} TransferState */
/**
 * The signalling.
 * @typedef {object} Signal
 * @property {string} type `invite`, `offer`, `answer`, `ice` or `cancel`
 * @property {string} id
 * @property {string[]} [version]
 * @property {string} [name]
 * @property {number} [size]
 * @property {string} [mimetype]
 * @property {string} [sdp]
 * @property {RTCIceCandidateInit | null} [candidate]
 * @property {string} [message]
 * @property {string} [hash] of the content, as BlockHash makes it; older clients neither send nor read it
 */

/** One file, on its way from or to one member. */
export class TransferredFile {
  /**
   * The state has changed: `done` comes with the file as a Blob at the receiver, `cancelled` with a TransferError.
   * Between them `connected` comes again whenever datalen has grown.
   * @type {((this: TransferredFile, state: TransferState, data: Blob | Error | null) => void) | null}
   */
  onevent = null;
  /** @type {TransferState} */
  state = '';
  /** Bytes that have been sent or received. */
  datalen = 0;
  /** The receiver has compared the content with what the sender said of it. */
  verified = false;

  #transfers;
  /** @type {Blob | null} what is sent */
  #file;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** @type {CandidateBuffer | null} */
  #candidates = null;
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** @type {(ArrayBuffer | Blob)[]} */
  #data = [];
  #gathered = 0;
  /** What has come so far. */
  #hash = new BlockHash();
  /** What the sender says of the whole. */
  #expected = '';
  /** @type {Promise<string> | null} what we say of the file that we send */
  #own = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {FileTransfers} transfers
   * @param {{id: string, userid: string, name: string, mimetype: string, size: number, file: Blob | null}} what
   */
  constructor(transfers, { id, userid, name, mimetype, size, file }) {
    this.#transfers = transfers;
    this.#file = file;
    this.id = id;
    /** Client id of the other side. */
    this.userid = userid;
    this.name = name;
    this.mimetype = mimetype;
    this.size = size;
    /** We are the sender. */
    this.up = file !== null;
  }

  /** Takes an offered file. The two sides learn each other's addresses. */
  async receive() {
    if (this.up || this.state !== 'inviting') throw new Error('nothing to receive');
    try {
      const pc = this.#connect();
      this.#watch(pc.createDataChannel('file'));
      this.#set('connecting', null);
      await pc.setLocalDescription(await pc.createOffer());
      this.#send({ type: 'offer', version: ['1'], sdp: pc.localDescription?.sdp ?? '' });
    } catch (e) {
      this.cancel(e);
    }
  }

  /**
   * Gives up; the other side is told.
   * @param {unknown} [reason]
   */
  cancel(reason) {
    if (this.#isOver()) return;
    const message = reason instanceof Error ? reason.message : String(reason ?? '');
    this.#send({ type: 'cancel', ...(message && { message }) });
    this.fail(reason instanceof TransferError ? reason : new TransferError(message ? 'connection' : 'cancelled', message || 'cancelled'));
  }

  /**
   * Ends here, without a word to the other side.
   * @param {Error} error
   */
  fail(error) {
    if (this.#isOver()) return;
    this.#set('cancelled', error);
    this.#close();
  }

  /** What has come stays, whatever follows. */
  #isOver() {
    return ['done', 'cancelled', 'closed'].includes(this.state);
  }

  /** Tells the other side of the file. */
  invite() {
    this.#own = this.#hashOfFile();
    this.#own.catch(() => this.cancel(new TransferError('unreadable', 'the file cannot be read')));
    this.#send({ type: 'invite', version: ['1'], name: this.name, size: this.size, mimetype: this.mimetype });
    this.#set('inviting', null);
  }

  /** The other side offers us the file; onevent is not called. */
  invited() {
    this.state = 'inviting';
  }

  /** @param {Signal} m */
  async signal(m) {
    try {
      switch (m.type) {
        case 'offer': await this.#gotOffer(m); break;
        case 'answer': await this.#gotAnswer(m); break;
        case 'ice': if (m.candidate) await this.#candidates?.add(m.candidate); break;
        case 'cancel': this.fail(new TransferError(this.up && this.state === 'inviting' ? 'refused' : 'cancelled', m.message || 'the other side has cancelled')); break;
        default: if (OBSOLETE.includes(m.type)) this.cancel(new TransferError('version', 'this version of the protocol is too old'));
      }
    } catch (e) {
      this.cancel(e);
    }
  }

  /** @param {Signal} m */
  async #gotOffer(m) {
    if (!this.up || this.state !== 'inviting') throw new Error('unexpected offer');
    if (m.version && !m.version.includes('1')) throw new Error('unknown version of file transfer');
    const pc = this.#connect();
    pc.ondatachannel = (e) => (this.#channel ? this.cancel('a second data channel') : this.#watch(e.channel));
    this.#set('connecting', null);
    await pc.setRemoteDescription({ type: 'offer', sdp: m.sdp ?? '' });
    await pc.setLocalDescription(await pc.createAnswer());
    await this.#candidates?.flush();
    const hash = await this.#own;
    if (/** @type {TransferState} */ (this.state) !== 'connecting') return;
    this.#send({ type: 'answer', sdp: pc.localDescription?.sdp ?? '', ...(hash && { hash }) });
  }

  /** @param {Signal} m */
  async #gotAnswer(m) {
    if (this.up || !this.#pc || this.#pc.signalingState !== 'have-local-offer') throw new Error('unexpected answer');
    this.#expected = m.hash ?? '';
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: m.sdp ?? '' });
    await this.#candidates?.flush();
  }

  #connect() {
    const pc = new RTCPeerConnection(this.#transfers.connection.rtcConfiguration);
    this.#pc = pc;
    this.#candidates = new CandidateBuffer(pc);
    pc.onicecandidate = (e) => this.#send({ type: 'ice', candidate: e.candidate?.toJSON() ?? null });
    pc.oniceconnectionstatechange = () => {
      if (pc.iceConnectionState === 'failed') this.cancel('there is no way between the two sides');
    };
    return pc;
  }

  /** @param {RTCDataChannel} channel */
  #watch(channel) {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = MAX_BUFFERED / 2;
    channel.onopen = () => {
      this.#set('connected', null);
      if (this.up) void this.#pump(channel).catch(() => this.cancel(new TransferError('unreadable', 'the file cannot be read')));
      else if (this.size === 0) void this.#complete();
    };
    channel.onmessage = (e) => (this.up ? this.#gotDone(e.data) : this.#gotData(e.data));
    channel.onclose = () => {
      if (this.state === 'done') this.#close();
      else this.cancel('the connection was closed too early');
    };
  }

  /** @param {RTCDataChannel} channel */
  async #pump(channel) {
    const file = this.#file;
    while (file && this.datalen < file.size && this.state === 'connected') {
      if (channel.bufferedAmount > MAX_BUFFERED) {
        await new Promise((resolve) => { channel.onbufferedamountlow = resolve; });
        continue;
      }
      const chunk = await file.slice(this.datalen, this.datalen + CHUNK).arrayBuffer();
      if (this.state !== 'connected' || channel.readyState !== 'open') return;
      channel.send(chunk);
      this.datalen += chunk.byteLength;
      this.onevent?.('connected', null);
    }
  }

  /** @param {unknown} data what the receiver says */
  #gotDone(data) {
    if (data !== 'done' || this.datalen !== this.size || this.state !== 'connected') {
      this.cancel('unexpected message');
      return;
    }
    this.#set('done', null);
    this.#close();
  }

  /** @param {unknown} data a piece of the file */
  #gotData(data) {
    if (!(data instanceof ArrayBuffer) || this.state !== 'connected') {
      this.cancel('unexpected message');
      return;
    }
    this.datalen += data.byteLength;
    if (this.datalen > this.size) {
      this.cancel('the file is larger than announced');
      return;
    }
    this.#hash.add(data);
    this.#data.push(data);
    if (this.datalen - this.#gathered >= GATHER) {
      this.#data = [new Blob(this.#data)];
      this.#gathered = this.datalen;
    }
    this.onevent?.('connected', null);
    if (this.datalen === this.size) void this.#complete();
  }

  /** @returns {Promise<string>} empty where it cannot be had */
  async #hashOfFile() {
    const hash = new BlockHash();
    const file = this.#file;
    for (let at = 0; file && at < file.size && this.state !== 'cancelled'; at += GATHER) hash.add(await file.slice(at, at + GATHER).arrayBuffer());
    return hash.finish();
  }

  async #complete() {
    const hash = this.#expected && await this.#hash.finish();
    if (this.state !== 'connected') return;
    if (hash && hash !== this.#expected) {
      this.cancel(new TransferError('damaged', 'the file was damaged on its way'));
      return;
    }
    this.verified = hash !== '';
    this.#channel?.send('done');
    const file = new Blob(this.#data, { type: this.mimetype });
    this.#data = [];
    this.#set('done', file);
    this.#timer = setTimeout(() => this.#close(), FAREWELL);
  }

  #close() {
    if (this.state === 'closed') return;
    clearTimeout(this.#timer);
    this.#data = [];
    if (this.#channel) this.#channel.onopen = this.#channel.onmessage = this.#channel.onclose = null;
    if (this.#pc) this.#pc.onicecandidate = this.#pc.oniceconnectionstatechange = this.#pc.ondatachannel = null;
    this.#pc?.close();
    this.#transfers.forget(this);
    this.#set('closed', null);
  }

  /**
   * @param {TransferState} state
   * @param {Blob | Error | null} data
   */
  #set(state, data) {
    this.state = state;
    this.onevent?.(state, data);
  }

  /** @param {Omit<Signal, 'id'>} m */
  #send(m) {
    this.#transfers.send(this.userid, { ...m, id: this.id });
  }
}

/** The transfers of one connection. */
export class FileTransfers {
  /** Somebody offers us a file: `receive` or `cancel` it. @type {((file: TransferredFile) => void) | null} */
  oninvite = null;
  /** @type {Map<string, TransferredFile>} by the other side and the id */
  #files = new Map();

  /** @param {import('./connection.js').ServerConnection} connection */
  constructor(connection) {
    this.connection = connection;
    connection.on('usermessage', (m) => {
      if (m.kind === 'filetransfer' && m.source) this.#got(m.source, /** @type {Signal} */ (m.value));
    });
    connection.on('user', (m) => {
      if (m.kind === 'delete') this.#end((f) => f.userid === m.id, new TransferError('left', 'the other side has left'));
    });
    connection.on('close', () => this.#end(() => true, new TransferError('connection', 'the connection is lost')));
  }

  /**
   * Offers a file to somebody.
   * @param {string} userid client id
   * @param {File} file
   * @returns {TransferredFile} assign its onevent
   */
  offer(userid, file) {
    if (userid === this.connection.id) throw new Error('one cannot send a file to oneself');
    const f = new TransferredFile(this, {
      id: randomId(), userid, name: file.name, mimetype: file.type, size: file.size, file,
    });
    this.#files.set(`${userid} ${f.id}`, f);
    f.invite();
    return f;
  }

  /**
   * @param {string} userid
   * @param {Signal} m
   */
  #got(userid, m) {
    if (typeof m?.id !== 'string') return;
    const key = `${userid} ${m.id}`;
    const known = this.#files.get(key);
    if (m.type !== 'invite') {
      if (known) void known.signal(m);
      else if (m.type !== 'cancel' && m.type !== 'ice') this.send(userid, { type: 'cancel', id: m.id, message: 'no such file' });
      return;
    }
    const refusal = known ? 'this id is in use' : Array.isArray(m.version) && m.version.includes('1') ? '' : 'unknown version of file transfer';
    if (refusal || !this.oninvite) {
      this.send(userid, { type: 'cancel', id: m.id, message: refusal || 'this client takes no files' });
      return;
    }
    const f = new TransferredFile(this, {
      id: m.id, userid, name: String(m.name ?? '').replace(/\p{Bidi_Control}/gu, ''), mimetype: String(m.mimetype ?? ''), size: Number(m.size) || 0, file: null,
    });
    this.#files.set(key, f);
    f.invited();
    this.oninvite(f);
  }

  /**
   * @param {string} dest
   * @param {Signal} value
   */
  send(dest, value) {
    const { id, username } = this.connection;
    this.connection.send({ type: 'usermessage', kind: 'filetransfer', source: id, dest, username, value });
  }

  /** @param {TransferredFile} file that is over */
  forget(file) {
    this.#files.delete(`${file.userid} ${file.id}`);
  }

  /**
   * @param {(file: TransferredFile) => boolean} which
   * @param {TransferError} why
   */
  #end(which, why) {
    for (const f of [...this.#files.values()].filter(which)) f.fail(why);
  }
}
