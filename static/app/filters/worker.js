// The worker that changes our picture before it is sent. It gets one message that says what to do, and then takes pictures from a stream of
// frames, or from further messages where the browser has no such streams.

import { Slowness } from './slowness.js';
import { turn } from './draw.js';

/** @typedef {import('./draw.js').Filter} Filter */
/**
 * @typedef {{name: string, rate?: number, readable?: ReadableStream<VideoFrame>, writable?: WritableStream<VideoFrame>}} Start rate: how many
 *   pictures a second to ask for
 * @typedef {{picture: ImageBitmap}} Picture
 */

// MediaPipe tells its whole life. What goes wrong is thrown.
Object.assign(console, { log() {}, info() {}, warn() {}, error() {} });

const canvas = new OffscreenCanvas(16, 16);
const context = canvas.getContext('2d', { alpha: false });
const slowness = new Slowness();
/** @type {Filter | null} */
let filter = null;

globalThis.onmessage = async (/** @type {MessageEvent<Start | Picture>} */ e) => {
  try {
    if ('picture' in e.data) {
      draw(e.data.picture, e.data.picture.width, e.data.picture.height);
      e.data.picture.close();
      const picture = canvas.transferToImageBitmap();
      postMessage({ picture }, { transfer: [picture] });
      return;
    }
    const { name, rate, readable, writable } = e.data;
    filter = turn(name) ?? await (await import('./blur.js')).blur();
    postMessage({ ready: true });
    // The clock of a page that is hidden goes slowly, that of a worker does not.
    if (rate) setInterval(() => { if (!slowness.rests(performance.now())) postMessage({ due: true }); }, 1000 / rate);
    if (readable && writable) await readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable);
  } catch (error) {
    postMessage({ error: String(error) });
  }
};

/**
 * @param {VideoFrame} frame
 * @param {TransformStreamDefaultController<VideoFrame>} controller
 */
function transform(frame, controller) {
  if (slowness.rests(performance.now())) {
    frame.close();
    return;
  }
  draw(frame, frame.displayWidth, frame.displayHeight);
  const { timestamp } = frame;
  frame.close();
  controller.enqueue(new VideoFrame(canvas, { timestamp, alpha: 'discard' }));
}

/**
 * @param {VideoFrame | ImageBitmap} picture
 * @param {number} width
 * @param {number} height
 */
function draw(picture, width, height) {
  const start = performance.now();
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  if (context) filter?.draw(context, picture, width, height);
  const now = performance.now();
  if (slowness.took(now - start, now)) postMessage({ slow: true });
}
