// Whether media can take the way over a TURN server.

/** How long the test may take, ms. */
const TIMEOUT = 5000;

/** Nothing came through. */
export class RelayError extends Error {
  /** @param {string[]} faults what the browser says of each relay, in English */
  constructor(faults) {
    super('nothing came through a relay');
    this.name = 'RelayError';
    this.faults = faults;
  }
}

/**
 * Connects two peers of this page through the relays only.
 * @param {RTCConfiguration} configuration with the servers
 * @returns {Promise<{setup: number, roundTrip: number}>} ms; rejected with RelayError if nothing comes through in time
 */
export async function testRelay(configuration) {
  const relayed = { ...configuration, iceTransportPolicy: /** @type {const} */ ('relay') };
  const [a, b] = [new RTCPeerConnection(relayed), new RTCPeerConnection(relayed)];
  /** @type {Set<string>} */
  const faults = new Set();
  a.onicecandidateerror = (e) => void faults.add(`${e.url}: ${e.errorCode} ${e.errorText}`);
  try {
    const begun = performance.now();
    const channel = a.createDataChannel('test');
    const opened = new Promise((resolve) => { channel.onopen = resolve; });
    a.onicecandidate = (e) => void b.addIceCandidate(e.candidate ?? undefined).catch(() => {});
    b.onicecandidate = (e) => void a.addIceCandidate(e.candidate ?? undefined).catch(() => {});
    b.ondatachannel = (e) => { e.channel.onmessage = () => e.channel.send('pong'); };
    await a.setLocalDescription(await a.createOffer());
    if (a.localDescription) await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription(await b.createAnswer());
    if (b.localDescription) await a.setRemoteDescription(b.localDescription);
    await inTime(opened);
    const connected = performance.now();
    const answered = new Promise((resolve) => { channel.onmessage = resolve; });
    channel.send('ping');
    await inTime(answered);
    return { setup: connected - begun, roundTrip: performance.now() - connected };
  } catch {
    throw new RelayError([...faults]);
  } finally {
    a.close();
    b.close();
  }
}

/** @param {Promise<unknown>} what */
function inTime(what) {
  return Promise.race([what, new Promise((_, reject) => { setTimeout(() => reject(new Error('too late')), TIMEOUT); })]);
}
