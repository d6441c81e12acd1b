// Holding back pictures between the network and the decoder.

/**
 * Of connections made from now on, nothing that arrives is decoded until the answer is called. The page must send nothing new meanwhile.
 * @param {import('./person.js').Person} person in Chromium
 * @returns {Promise<() => Promise<void>>} lets it through
 */
export async function holdPictures({ page }) {
  await page.evaluate(() => {
    const Before = RTCPeerConnection;
    const released = new Promise((resolve) => { Object.assign(globalThis, { release: resolve }); });
    globalThis.RTCPeerConnection = class extends Before {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        super(/** @type {RTCConfiguration} */ ({ ...configuration, encodedInsertableStreams: true }));
        this.addEventListener('track', ({ receiver }) => {
          const { readable, writable } = Object(receiver).createEncodedStreams();
          void released.then(() => readable.pipeTo(writable).catch(() => {}));
        });
      }
    };
  });
  return () => page.evaluate(() => Object(globalThis).release());
}
