// A connection whose events are callbacks: properties that begin with "on".

import { ServerConnection as Connection } from './connection.js';
import { request } from './join.js';
import { UpStream } from './upstream.js';
import { FileTransfers } from './transfer.js';
import { Stream } from './classic-stream.js';

/** @typedef {import('./messages.js').Permission} Permission */
/** @typedef {import('./messages.js').UserData} UserData */
/** @typedef {import('./messages.js').Status} Status */

/**
 * @typedef {object} User a member of the group
 * @property {string} username
 * @property {Permission[]} permissions
 * @property {UserData} data
 * @property {Record<string, boolean>} streams labels of the streams that we receive from him
 */
/**
 * What to join with: a password, or an object.
 * @typedef {string | {type: 'password', password: string} | {type: 'token', token: string} |
 *   {type: 'authServer', authServer: string, location: string, password: string} | null | undefined} Credentials
 */

/**
 * @param {unknown} time as the protocol has it: a text, or the number of older servers
 * @returns {Date | null}
 */
function parseTime(time) {
  if (typeof time !== 'string' && typeof time !== 'number') return null;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A connection to the server. Assign the callbacks before connect. */
export class ServerConnection {
  /** The server has answered: it is time to join. @type {((this: ServerConnection) => void) | null} */
  onconnected = null;
  /** The connection is over. @type {((this: ServerConnection, code: number, reason: string) => void) | null} */
  onclose = null;
  /**
   * We have joined (kind `join`), may not (`fail`), something has changed (`change`), we have left (`leave`), or the
   * group is elsewhere (`redirect`).
   * @type {((this: ServerConnection, kind: string, group: string, permissions: Permission[], status: Partial<Status>,
   *   data: Record<string, unknown>, error: string, message: unknown) => void) | null}
   */
  onjoined = null;
  /** A member has come (kind `add`), changed, or gone (`delete`). @type {((this: ServerConnection, id: string, kind: string) => void) | null} */
  onuser = null;
  /**
   * @type {((this: ServerConnection, id: string, source: string, dest: string, username: string, time: Date | null,
   *   privileged: boolean, history: boolean, kind: string, message: unknown) => void) | null}
   */
  onchat = null;
  /**
   * Beware of kinds that act on others: they count only if privileged.
   * @type {((this: ServerConnection, source: string, dest: string, username: string, time: Date | null,
   *   privileged: boolean, kind: string, error: string, message: unknown) => void) | null}
   */
  onusermessage = null;
  /** Somebody else sends a stream. @type {((this: ServerConnection, stream: Stream) => void) | null} */
  ondownstream = null;
  /** Somebody offers us a file: assign its onevent, and receive or cancel it. @type {((this: ServerConnection, file: import('./transfer.js').TransferredFile) => void) | null} */
  onfiletransfer = null;
  /** What to make peer connections with, null for what the server says. @type {((this: ServerConnection) => RTCConfiguration | null) | null} */
  onpeerconnection = null;
  /** @type {((this: ServerConnection, error: Error) => void) | null} */
  onerror = null;

  /** @type {Record<string, User>} the members, ourselves included, by id */
  users = {};
  /** @type {Record<string, Stream>} our streams by id */
  up = {};
  /** @type {Record<string, Stream>} the streams of others by id */
  down = {};
  /** @type {Permission[]} */
  permissions = [];
  /** For the use of the application. @type {Record<string, unknown>} */
  userdata = {};
  /** The connection of lib/index.js beneath. */
  connection = new Connection();
  #transfers = new FileTransfers(this.connection);

  constructor() {
    const c = this.connection;
    // Who uses our join() hears of every refusal, and tries again or not.
    c.tryAgain = undefined;
    c.on('close', (e) => {
      this.permissions = [];
      for (const id of Object.keys(this.users)) this.#userGone(id);
      this.onclose?.(e.code, e.reason);
    });
    c.on('joined', (m) => this.#joined(m));
    c.on('user', (m) => this.#user(m));
    c.on('chat', (m) => this.onchat?.(
      m.id ?? '', m.source ?? '', m.dest ?? '', m.username ?? '', parseTime(m.time), m.privileged ?? false,
      m.type === 'chathistory', m.kind ?? '', m.value,
    ));
    c.on('usermessage', (m) => {
      if (m.kind === 'filetransfer') return;
      this.onusermessage?.(
        m.source ?? '', m.dest ?? '', m.username ?? '', parseTime(m.time), m.privileged ?? false, m.kind ?? '', m.error ?? '', m.value,
      );
    });
    this.#transfers.oninvite = (file) => (this.onfiletransfer ? this.onfiletransfer(file) : file.cancel('this client takes no files'));
    c.on('downstream', (inner) => {
      const stream = new Stream(this, inner);
      this.down[stream.id] = stream;
      const user = this.users[stream.source];
      if (user) user.streams[stream.label] = true;
      inner.on('close', () => {
        delete this.down[stream.id];
        const another = Object.values(this.down).some((s) => s.source === stream.source && s.label === stream.label);
        if (user && !another) delete user.streams[stream.label];
      });
      this.ondownstream?.(stream);
    });
    c.on('error', (e) => this.error(e));
  }

  /** Our id among the members. */
  get id() { return this.connection.id; }
  /** The name we were given. */
  get username() { return this.connection.username; }
  /** The group we are in, null outside. */
  get group() { return this.connection.group || null; }
  get rtcConfiguration() { return this.connection.rtcConfiguration; }

  /**
   * @param {string} url of the websocket
   * @returns {Promise<ServerConnection>}
   */
  async connect(url) {
    await this.connection.connect(url);
    this.onconnected?.();
    return this;
  }

  /**
   * Asks to join; the answer comes by onjoined.
   * @param {string} group
   * @param {string} username
   * @param {Credentials} [credentials]
   * @param {UserData} [data] what the others should know of us
   */
  async join(group, username, credentials, data) {
    /** @type {import('./messages.js').Join} */
    const m = { type: 'join', kind: 'join', group, username, ...(data && { data }) };
    if (typeof credentials === 'string') m.password = credentials;
    else if (credentials?.type === 'password') m.password = credentials.password;
    else if (credentials?.type === 'token') m.token = credentials.token;
    else if (credentials?.type === 'authServer') {
      const { authServer, location, password } = credentials;
      const token = await askAuthServer(authServer, { location, username, password });
      if (token === null) m.password = password;
      else m.token = token;
    }
    this.connection.send(m);
  }

  /** @param {string} group the one we are in */
  leave(group) {
    this.connection.send({ type: 'join', kind: 'leave', group });
  }

  close() {
    this.connection.close();
  }

  /**
   * Says which tracks we want, by label; the key `''` is for all other labels.
   * @param {Record<string, import('./messages.js').Wanted[]>} what
   */
  request(what) {
    request(this.connection, what);
  }

  /**
   * @param {string} [localId]
   * @returns {Stream | null} the latest stream of ours that has it
   */
  findByLocalId(localId) {
    return localId ? Object.values(this.up).findLast((s) => s.localId === localId) ?? null : null;
  }

  /**
   * Makes a stream of ours. Give it a label, and either call setStream or add tracks to its `pc`.
   * @param {string} [localId] a stream of the same local id is replaced
   */
  newUpStream(localId) {
    const old = this.findByLocalId(localId);
    const configuration = this.onpeerconnection?.();
    if (configuration) this.connection.rtcConfiguration = configuration;
    const inner = new UpStream(this.connection, { label: '', replace: old?.id ?? '' });
    const stream = new Stream(this, inner);
    if (localId) stream.localId = localId;
    this.up[stream.id] = stream;
    inner.on('close', () => { delete this.up[stream.id]; });
    return stream;
  }

  /**
   * @param {string} kind `''`, `me` or `caption`
   * @param {string} dest client id, `''` for everybody
   * @param {unknown} value
   */
  chat(kind, dest, value) {
    this.connection.send({ type: 'chat', kind, source: this.id, dest, username: this.username, value });
  }

  /**
   * @param {string} kind such as `op`, `kick`, `setdata`
   * @param {string} dest client id
   * @param {unknown} [value]
   */
  userAction(kind, dest, value) {
    this.connection.send({ type: 'useraction', kind: /** @type {import('./messages.js').UserActionKind} */ (kind), source: this.id, dest, value });
  }

  /**
   * @param {string} kind such as `mute`, or one of the application's own
   * @param {string} dest client id, `''` for everybody
   * @param {unknown} [value]
   * @param {boolean} [noecho] not to ourselves
   */
  userMessage(kind, dest, value, noecho) {
    this.connection.send({ type: 'usermessage', kind, source: this.id, dest, username: this.username, value, noecho });
  }

  /**
   * @param {string} kind such as `lock`, `clearchat`
   * @param {unknown} [value]
   */
  groupAction(kind, value) {
    this.connection.send({ type: 'groupaction', kind: /** @type {import('./messages.js').GroupActionKind} */ (kind), source: this.id, value });
  }

  /**
   * Offers a file to somebody.
   * @param {string} id client id
   * @param {File} file
   * @returns {import('./transfer.js').TransferredFile} assign its onevent
   */
  sendFile(id, file) {
    return this.#transfers.offer(id, file);
  }

  /** @param {unknown} e */
  error(e) {
    this.onerror?.(e instanceof Error ? e : new Error(String(e)));
  }

  /** @param {import('./messages.js').Joined} m */
  #joined(m) {
    if (m.kind === 'join' || m.kind === 'change') this.permissions = m.permissions ?? [];
    if (m.kind === 'leave') {
      this.permissions = [];
      for (const id of Object.keys(this.users)) this.#userGone(id);
    }
    this.onjoined?.(m.kind, m.group ?? '', m.permissions ?? [], m.status ?? {}, m.data ?? {}, m.error ?? '', m.value ?? null);
  }

  /** @param {import('./messages.js').UserMessage} m */
  #user(m) {
    if (m.kind === 'delete') {
      this.#userGone(m.id);
      return;
    }
    const streams = this.users[m.id]?.streams ?? {};
    this.users[m.id] = { username: m.username ?? '', permissions: m.permissions ?? [], data: m.data ?? {}, streams };
    this.onuser?.(m.id, m.kind);
  }

  /** @param {string} id */
  #userGone(id) {
    if (!this.users[id]) return;
    delete this.users[id];
    this.onuser?.(id, 'delete');
  }
}

/**
 * Asks an authorisation server.
 * @param {string} url
 * @param {{location: string, username: string, password: string}} credentials
 * @returns {Promise<string | null>} the token to join with, null to join with the password
 */
async function askAuthServer(url, credentials) {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(credentials) });
  if (response.status === 204) return null;
  const type = response.headers.get('Content-Type') ?? '';
  if (!response.ok || !/^application\/jwt\b/i.test(type)) throw new Error(`The authorisation server said ${response.status} ${response.statusText}`);
  return response.text();
}
