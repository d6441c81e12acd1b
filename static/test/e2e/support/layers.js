// Functions that run in a page: a publisher who decides himself how his picture is encoded, and a subscriber who looks at what arrives.

/**
 * @typedef {object} Sending
 * @property {string} mimeType
 * @property {(RTCRtpEncodingParameters & {scalabilityMode?: string})[]} encodings
 * @property {boolean} [descriptor] with the dependency descriptor
 */

/**
 * Publishes a picture of 640 by 360 that is never still.
 * @param {{url: string, sending: Sending}} options url: of the websocket
 */
export async function publishLayers({ url, sending }) {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let n = 0;
  setInterval(() => {
    n++;
    context.fillStyle = `hsl(${n % 360} 60% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < 40; i++) {
      context.fillStyle = `hsl(${(i * 37 + n * 5) % 360} 80% 40%)`;
      context.fillRect((i * 97 + n * 7) % canvas.width, (i * 61 + n * 3) % canvas.height, 80, 60);
    }
  }, 50);
  const pc = new RTCPeerConnection();
  // Neither the processor of a test machine nor the start of an estimate is to choose the size.
  const [track] = canvas.captureStream(20).getVideoTracks();
  const transceiver = pc.addTransceiver(/** @type {MediaStreamTrack} */ (track), { direction: 'sendonly', sendEncodings: sending.encodings });
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  const parameters = transceiver.sender.getParameters();
  parameters.degradationPreference = 'maintain-resolution';
  await transceiver.sender.setParameters(parameters);
  transceiver.setCodecPreferences(codecs.filter((c) => c.mimeType === sending.mimeType || c.mimeType === 'video/rtx'));
  if (sending.descriptor) {
    const extensions = Object(transceiver).getHeaderExtensionsToNegotiate();
    for (const x of extensions) if (/dependency-descriptor/.test(x.uri)) x.direction = 'sendrecv';
    Object(transceiver).setHeaderExtensionsToNegotiate(extensions);
  }
  const socket = new WebSocket(url); // after all that is waited for, lest it open before anybody listens
  const send = (/** @type {unknown} */ m) => socket.send(JSON.stringify(m));
  pc.onicecandidate = (e) => e.candidate && send({ type: 'ice', id: 'layers', candidate: e.candidate });
  socket.onopen = () => {
    send({ type: 'handshake', version: ['2'], id: 'publisher' });
    send({ type: 'join', kind: 'join', group: 'layers', username: 'pub', password: 'x' });
  };
  socket.onmessage = async (e) => {
    const m = JSON.parse(e.data);
    if (m.type === 'ping') send({ type: 'pong' });
    if (m.type === 'joined') {
      await pc.setLocalDescription();
      send({ type: 'offer', id: 'layers', label: 'camera', sdp: pc.localDescription?.sdp });
    }
    if (m.type === 'answer') await pc.setRemoteDescription({ type: 'answer', sdp: m.sdp });
  };
  Object.assign(globalThis, { publishing: pc });
}

/**
 * Receives what is published, at first as good as it can be had.
 * @param {{url: string}} options
 */
export function subscribeLayers({ url }) {
  const socket = new WebSocket(url);
  const pc = new RTCPeerConnection();
  const send = (/** @type {unknown} */ m) => socket.send(JSON.stringify(m));
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true });
  document.body.append(video);
  pc.ontrack = (e) => { video.srcObject = e.streams[0] ?? null; };
  let id = '';
  pc.onicecandidate = (e) => e.candidate && send({ type: 'ice', id, candidate: e.candidate });
  const ask = (/** @type {string} */ word) => send({ type: 'request', request: { '': [word] } });
  socket.onopen = () => {
    send({ type: 'handshake', version: ['2'], id: 'subscriber' });
    send({ type: 'join', kind: 'join', group: 'layers', username: 'sub', password: 'x' });
  };
  socket.onmessage = async (e) => {
    const m = JSON.parse(e.data);
    if (m.type === 'ping') send({ type: 'pong' });
    if (m.type === 'joined') ask('video');
    if (m.type === 'offer') {
      id = m.id;
      await pc.setRemoteDescription({ type: 'offer', sdp: m.sdp });
      await pc.setLocalDescription();
      send({ type: 'answer', id, sdp: pc.localDescription?.sdp });
    }
  };
  Object.assign(globalThis, { subscribing: pc, ask });
}

/** What the subscriber has received. */
export async function receivedLayers() {
  const got = { frames: 0, width: 0, fps: 0, packets: 0, lost: 0, codec: '', keyframes: 0, dropped: 0, bytes: 0 };
  const report = await Object(globalThis).subscribing.getStats();
  report.forEach((/** @type {any} */ s) => {
    if (s.type !== 'inbound-rtp') return;
    Object.assign(got, {
      frames: s.framesDecoded, width: s.frameWidth ?? 0, fps: s.framesPerSecond ?? 0, packets: s.packetsReceived, lost: s.packetsLost,
      codec: report.get(s.codecId)?.mimeType ?? '', keyframes: s.keyFramesDecoded, dropped: s.framesDropped, bytes: s.bytesReceived,
    });
  });
  return got;
}
