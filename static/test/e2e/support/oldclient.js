// A client as those for Galene have always been: it knows what the old ones know, and nothing of static/lib.
//
// This is a classic script, which runs in a page before those of the page. Everything in it is written from the description of the protocol:
// members that are null rather than left out, requests before anything else, streams that are replaced without being closed, candidates that
// trickle, a close or an abort for ids that are not known.

/** @typedef {any} OldMessage */
const randomID = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

class OldClient {
  id = randomID();
  username = '';
  /** @type {string[]} */
  permissions = [];
  /** @type {Record<string, any>} */ users = {};
  /** @type {Record<string, any>} */ up = {};
  /** @type {Record<string, any>} */ down = {};
  /** @type {Record<string, any>} */ transfers = {};
  /** @type {OldMessage[]} what was heard, without descriptions and candidates */ heard = [];
  /** @type {string[]} what an old client would complain about */ complaints = [];
  /** @type {{code: number, reason: string} | null} */ closed = null;
  /** @type {any} */ configuration = {};
  muted = false;

  /**
   * @param {string} location of the group
   * @param {{username: string | null, password?: string, token?: string}} who
   */
  async connect(location, who) {
    const status = await (await fetch(`${location}.status`)).json();
    this.group = status.name;
    const socket = new WebSocket(status.endpoint);
    this.socket = socket;
    socket.onopen = () => this.send({ type: 'handshake', version: ['2'], id: this.id });
    socket.onclose = (e) => { this.closed = { code: e.code, reason: e.reason }; };
    let first = true;
    await new Promise((resolve) => {
      socket.onmessage = async (e) => {
        const m = JSON.parse(e.data);
        if (first) {
          if (m.type !== 'handshake' || !m.version.includes('2')) this.complaints.push(`first message ${e.data}`);
          first = false;
          this.send({
            type: 'join', kind: 'join', group: this.group, username: who.username, password: who.password ?? null, token: who.token ?? null, data: null,
          });
          // Before the answer is there.
          this.send({ type: 'request', request: { '': ['audio', 'video'] } });
          return;
        }
        this.heard.push({ ...m, sdp: undefined, candidate: undefined });
        if (m.type === 'joined') resolve(m);
        try {
          await this.got(m);
        } catch (error) {
          this.complaints.push(`${m.type}: ${error}`);
        }
      };
    });
  }

  /** @param {OldMessage} m */
  send(m) { this.socket?.send(JSON.stringify(m)); }

  /** @param {OldMessage} m */
  async got(m) {
    switch (m.type) {
      case 'ping': this.send({ type: 'pong' }); break;
      case 'pong': case 'chat': case 'chathistory': break;
      case 'joined':
        if (m.kind !== 'join' && m.kind !== 'change') break;
        if (m.group !== this.group || typeof m.username !== 'string' || !m.status || !m.rtcConfiguration) this.complaints.push(JSON.stringify(m));
        this.username = m.username;
        this.permissions = m.permissions ?? [];
        this.configuration = m.rtcConfiguration;
        break;
      case 'user': this.gotUser(m); break;
      case 'usermessage': await this.gotUserMessage(m); break;
      case 'offer': await this.gotOffer(m); break;
      case 'answer': await this.gotAnswer(m); break;
      case 'ice': await this.gotICE(m); break;
      case 'renegotiate': await this.negotiate(m.id, true); break;
      case 'close':
        if (!this.down[m.id]) this.complaints.push(`close of unknown ${m.id}`);
        this.forget(m.id);
        break;
      case 'abort':
        // It may be of one that is gone; the close is sent all the same.
        this.up[m.id]?.pc.close();
        delete this.up[m.id];
        this.send({ type: 'close', id: m.id });
        break;
      default: this.complaints.push(`unknown type ${m.type}`);
    }
  }

  /** @param {OldMessage} m */
  gotUser(m) {
    if (m.kind === 'delete') {
      if (!this.users[m.id]) this.complaints.push(`delete of unknown ${m.id}`);
      delete this.users[m.id];
      return;
    }
    if ((m.kind === 'add') === (m.id in this.users)) this.complaints.push(`${m.kind} of ${m.id}`);
    this.users[m.id] = { username: m.username, permissions: m.permissions ?? [], data: m.data ?? {} };
  }

  /** @param {OldMessage} m */
  async gotUserMessage(m) {
    if (m.kind === 'filetransfer') {
      await this.gotTransfer(m.source, m.value);
    } else if (!m.privileged) {
      this.complaints.push(`unprivileged ${m.kind}`);
    } else if (m.kind === 'mute') {
      this.muted = true;
    } else if (m.kind === 'error' || m.kind === 'warning') {
      this.complaints.push(`${m.kind}: ${m.value}`);
    }
  }

  /**
   * Sends a stream; one that it replaces is dropped without a word.
   * @param {string} label
   * @param {MediaStream} stream
   * @param {{simulcast?: boolean, replace?: string | null}} [options]
   * @returns {Promise<string>} the id
   */
  async publish(label, stream, { simulcast = false, replace = null } = {}) {
    const id = randomID();
    const pc = new RTCPeerConnection(this.configuration);
    this.up[id] = { pc, label, replace, early: [], described: false };
    if (replace) {
      this.up[replace].pc.close();
      delete this.up[replace];
    }
    pc.onicecandidate = (e) => { if (e.candidate) this.send({ type: 'ice', id, candidate: e.candidate }); };
    pc.oniceconnectionstatechange = () => { if (pc.iceConnectionState === 'failed') void this.negotiate(id, true); };
    for (const track of stream.getTracks()) {
      const sendEncodings = track.kind === 'audio' ? [{}] : simulcast
        ? [{ rid: 'h', maxBitrate: 1_000_000_000 }, { rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 100_000 }]
        : [{ maxBitrate: 700_000 }];
      pc.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings });
    }
    await this.negotiate(id, false);
    return id;
  }

  /**
   * @param {string} id
   * @param {boolean} iceRestart
   */
  async negotiate(id, iceRestart) {
    const s = this.up[id];
    if (!s) return;
    await s.pc.setLocalDescription(await s.pc.createOffer({ iceRestart }));
    this.send({
      type: 'offer', source: this.id, username: this.username, kind: s.described ? 'renegotiate' : '', id,
      label: s.label, replace: s.described ? null : s.replace, sdp: s.pc.localDescription.sdp,
    });
  }

  /** @param {OldMessage} m */
  async gotAnswer(m) {
    const s = this.up[m.id];
    if (!s) {
      this.complaints.push(`answer for unknown ${m.id}`);
      return;
    }
    await s.pc.setRemoteDescription({ type: 'answer', sdp: m.sdp });
    s.described = true;
    for (const candidate of s.early.splice(0)) await s.pc.addIceCandidate(candidate);
  }

  /** @param {OldMessage} m */
  async gotOffer(m) {
    if (this.up[m.id]) {
      this.send({ type: 'abort', id: m.id });
      return;
    }
    if (!this.users[m.source] || this.users[m.source].username !== m.username) this.complaints.push(`offer of a stranger ${m.source}`);
    let s = this.down[m.id];
    if (m.replace) {
      if (!this.down[m.replace]) this.complaints.push(`replaces unknown ${m.replace}`);
      this.forget(m.replace);
    }
    if (!s) {
      const pc = new RTCPeerConnection(this.configuration);
      const video = document.createElement('video');
      video.autoplay = true;
      video.muted = true;
      s = { pc, video, label: m.label, source: m.source, offers: 0, early: [] };
      this.down[m.id] = s;
      pc.ontrack = (e) => { video.srcObject = e.streams[0] ?? null; };
      pc.onicecandidate = (e) => { if (e.candidate) this.send({ type: 'ice', id: m.id, candidate: e.candidate }); };
      pc.oniceconnectionstatechange = () => { if (pc.iceConnectionState === 'failed') this.send({ type: 'renegotiate', id: m.id }); };
    }
    s.offers++;
    s.ufrag = /a=ice-ufrag:(.*)/.exec(m.sdp)?.[1];
    try {
      await s.pc.setRemoteDescription({ type: 'offer', sdp: m.sdp });
      await s.pc.setLocalDescription(await s.pc.createAnswer());
    } catch (error) {
      this.complaints.push(`offer: ${error}`);
      this.send({ type: 'abort', id: m.id });
      return;
    }
    this.send({ type: 'answer', id: m.id, sdp: s.pc.localDescription.sdp });
  }

  /** @param {OldMessage} m */
  async gotICE(m) {
    const s = this.up[m.id] ?? this.down[m.id];
    if (!s) this.complaints.push(`candidate for unknown ${m.id}`);
    else if (s.pc.remoteDescription) await s.pc.addIceCandidate(m.candidate);
    else s.early.push(m.candidate);
  }

  /** @param {string} id */
  forget(id) {
    this.down[id]?.pc.close();
    delete this.down[id];
  }

  /** What is decoded of each stream that comes in. */
  async received() {
    /** @type {Record<string, {frames: number, width: number, label: string, offers: number, ufrag: string}>} */
    const all = {};
    for (const [id, s] of Object.entries(this.down)) {
      const stats = { frames: 0, width: 0, label: s.label, offers: s.offers, ufrag: s.ufrag };
      (await s.pc.getStats()).forEach((/** @type {any} */ r) => {
        if (r.type !== 'inbound-rtp' || r.kind !== 'video') return;
        stats.frames = r.framesDecoded ?? 0;
        stats.width = r.frameWidth ?? 0;
      });
      all[id] = stats;
    }
    return all;
  }

  /**
   * Acts on a member, or talks to one.
   * @param {string} type
   * @param {string} kind
   * @param {string | null} dest
   * @param {any} [value]
   * @param {boolean} [noecho]
   */
  act(type, kind, dest, value = null, noecho = undefined) {
    this.send({ type, source: this.id, username: this.username, dest, kind, value, noecho });
  }

  /**
   * @param {string} dest
   * @param {string} text
   */
  sendFile(dest, text) {
    const id = randomID();
    this.transfers[id] = { peer: dest, text, state: 'inviting', early: [] };
    this.act('usermessage', 'filetransfer', dest, { type: 'invite', version: ['1'], id, name: 'x.txt', size: text.length, mimetype: 'text/plain' });
    return id;
  }

  /** How far a transfer has come. @param {string} id */
  transferred(id) {
    const { state, received, pc, channel } = this.transfers[id] ?? {};
    return { state, received, ways: pc && `${pc.signalingState}, ${pc.iceConnectionState}, ${pc.connectionState}, channel ${channel?.readyState}` };
  }

  /**
   * @param {string} peer
   * @param {any} v
   */
  async gotTransfer(peer, v) {
    const say = (/** @type {any} */ value) => this.act('usermessage', 'filetransfer', peer, { id: v.id, ...value });
    const open = (/** @type {any} */ f) => {
      f.pc = new RTCPeerConnection(this.configuration);
      f.pc.onicecandidate = (/** @type {any} */ e) => say({ type: 'ice', candidate: e.candidate });
    };
    let f = this.transfers[v.id];
    if (v.type === 'invite') {
      f = { peer, state: 'connecting', early: [], received: '', size: v.size };
      this.transfers[v.id] = f;
      open(f);
      const channel = f.channel = f.pc.createDataChannel('file');
      channel.binaryType = 'arraybuffer';
      channel.onmessage = (/** @type {any} */ e) => {
        f.received += new globalThis.TextDecoder().decode(e.data);
        if (f.received.length === f.size) {
          channel.send('done');
          f.state = 'done';
        }
      };
      await f.pc.setLocalDescription(await f.pc.createOffer());
      say({ type: 'offer', version: ['1'], sdp: f.pc.localDescription.sdp });
    } else if (v.type === 'offer') {
      open(f);
      f.pc.ondatachannel = (/** @type {any} */ e) => {
        f.channel = e.channel; // else it may be collected
        e.channel.onopen = () => {
          const all = new globalThis.TextEncoder().encode(f.text);
          for (let i = 0; i < all.length; i += 16_384) e.channel.send(all.slice(i, i + 16_384));
        };
        e.channel.onmessage = (/** @type {any} */ d) => {
          f.state = d.data;
          f.pc.close();
        };
      };
      await f.pc.setRemoteDescription({ type: 'offer', sdp: v.sdp });
      await f.pc.setLocalDescription(await f.pc.createAnswer());
      say({ type: 'answer', sdp: f.pc.localDescription.sdp });
      for (const candidate of f.early.splice(0)) await f.pc.addIceCandidate(candidate);
    } else if (v.type === 'answer') {
      await f.pc.setRemoteDescription({ type: 'answer', sdp: v.sdp });
      for (const candidate of f.early.splice(0)) await f.pc.addIceCandidate(candidate);
    } else if (v.type === 'ice') {
      if (f.pc?.remoteDescription && f.pc.signalingState === 'stable') await f.pc.addIceCandidate(v.candidate);
      else f.early.push(v.candidate);
    } else {
      this.complaints.push(`transfer: ${JSON.stringify(v)}`);
    }
  }
}

Object(globalThis).OldClient = OldClient;
