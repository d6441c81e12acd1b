// Whether media can take the way over a TURN server.

/** How long the test may take, ms. */
const TIMEOUT = 5000;

/** Nothing came through. */
export class RelayError extends Error {
  /** @param {string[]} faults what is wrong with each relay, in English as browsers say it */
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
  // By the policy it is one of a relay.
  let candidate = false;
  try {
    const begun = performance.now();
    const channel = a.createDataChannel('test');
    const opened = new Promise((resolve) => { channel.onopen = resolve; });
    a.onicecandidate = (e) => {
      candidate ||= Boolean(e.candidate?.candidate);
      void b.addIceCandidate(e.candidate ?? undefined).catch(() => {});
    };
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
    if (!candidate) addSilent(faults, configuration);
    throw new RelayError([...faults]);
  } finally {
    a.close();
    b.close();
  }
}

/**
 * Browsers give up a relay that does not answer only after ten seconds and more, or say nothing of it at all: as long as none has answered, all are to blame of
 * which nothing else is known.
 * @param {Set<string>} faults
 * @param {RTCConfiguration} configuration
 */
function addSilent(faults, { iceServers = [] }) {
  for (const url of iceServers.flatMap(({ urls }) => urls)) {
    const [server = ''] = url.split('?');
    if (/^turns?:/i.test(url) && ![...faults].some((f) => f.startsWith(server))) faults.add(`${url}: 701 no answer`);
  }
}

/** @param {Promise<unknown>} what */
function inTime(what) {
  return Promise.race([what, new Promise((_, reject) => { setTimeout(() => reject(new Error('too late')), TIMEOUT); })]);
}
