// Holding back pictures between the network and the decoder.

/** Where the worker comes from that does it: the page's own origin, for its policy lets no other through. */
const WORKER = '/test-hold.js';

/** Holds back until the first message. */
const PROGRAM = `const held = [];
let released = false;
const pass = ({ readable, writable }) => void readable.pipeTo(writable).catch(() => {});
onrtctransform = ({ transformer }) => { if (released) pass(transformer); else held.push(transformer); };
onmessage = () => { released = true; held.forEach(pass); };`;

/**
 * Of connections made from now on, nothing that arrives is decoded until the answer is called.
 * @param {import('./person.js').Person} person
 * @returns {Promise<() => Promise<void>>} lets it through
 */
export async function holdPictures({ page }) {
  await page.route(`**${WORKER}`, (route) => route.fulfill({ contentType: 'text/javascript', body: PROGRAM }));
  await page.evaluate((url) => {
    const worker = new Worker(url);
    Object.assign(globalThis, { release: () => worker.postMessage('') });
    const Before = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Before {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        super(configuration);
        this.addEventListener('track', ({ receiver }) => { receiver.transform = new globalThis.RTCRtpScriptTransform(worker); });
      }
    };
  }, WORKER);
  return () => page.evaluate(() => Object(globalThis).release());
}
