// Blurs everything in a picture but the person. Runs in a worker.

import { FilesetResolver, ImageSegmenter } from '../../third-party/tasks-vision/vision_bundle.js';

/** @typedef {import('./draw.js').Filter} Filter */
/** @typedef {import('./draw.js').Picture} Picture */

const VISION = new URL('../../third-party/tasks-vision/', import.meta.url);
/** What the model looks at, pixels. */
const MODEL_WIDTH = 256;
const MODEL_HEIGHT = 144;
/** How wide the background is once all detail is gone, pixels. */
const BLURRED_WIDTH = 48;
/** How sure the model has to be that something is the person: none of it below, all of it above. */
const SURE_NOT = 0.3;
const SURE = 0.7;

/** @param {number} width @param {number} height */
function canvas(width, height) {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: false });
  if (!context) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  return context;
}

/**
 * Loads the library and the model.
 * @returns {Promise<Filter>}
 */
export async function blur() {
  const files = await FilesetResolver.forVisionTasks(new URL('wasm', VISION).href, true);
  const segmenter = await ImageSegmenter.createFromOptions(files, {
    baseOptions: { modelAssetPath: new URL('models/selfie_segmenter_landscape.tflite', VISION).href, delegate: 'CPU' },
    canvas: new OffscreenCanvas(MODEL_WIDTH, MODEL_HEIGHT),
    runningMode: 'VIDEO', outputCategoryMask: false, outputConfidenceMasks: true,
  });
  const seen = canvas(MODEL_WIDTH, MODEL_HEIGHT);
  const mask = canvas(MODEL_WIDTH, MODEL_HEIGHT);
  const alpha = mask.createImageData(MODEL_WIDTH, MODEL_HEIGHT);
  const person = canvas(MODEL_WIDTH, MODEL_HEIGHT);
  const background = smoother();
  let time = 0;

  return {
    draw(context, picture, width, height) {
      seen.drawImage(picture, 0, 0, MODEL_WIDTH, MODEL_HEIGHT);
      segmenter.segmentForVideo(seen.canvas, ++time, (result) => {
        const confidence = result.confidenceMasks?.[0];
        if (!confidence) return;
        confidence.getAsFloat32Array().forEach((c, i) => { alpha.data[4 * i + 3] = opacity(c); });
        mask.putImageData(alpha, 0, 0);
      });
      if (person.canvas.width !== width || person.canvas.height !== height) Object.assign(person.canvas, { width, height });
      person.globalCompositeOperation = 'copy';
      person.drawImage(mask.canvas, 0, 0, width, height);
      person.globalCompositeOperation = 'source-in';
      person.drawImage(picture, 0, 0, width, height);
      background(context, picture, width, height);
      context.drawImage(person.canvas, 0, 0);
    },
    close() {
      segmenter.close();
    },
  };
}

/**
 * @param {number} confidence 0 to 1 that this is the person
 * @returns {number} 0 to 255
 */
function opacity(confidence) {
  return 255 * Math.min(1, Math.max(0, (confidence - SURE_NOT) / (SURE - SURE_NOT)));
}

/**
 * Blurs by making a picture small and large again in steps of two, which every browser can.
 * @returns {Filter['draw']}
 */
function smoother() {
  /** @type {OffscreenCanvasRenderingContext2D[]} each half as large as the one before */
  let steps = [];
  let size = '';
  return (context, picture, width, height) => {
    if (size !== `${width} ${height}`) {
      size = `${width} ${height}`;
      steps = [];
      for (let w = width / 2, h = height / 2; w >= BLURRED_WIDTH / 2; w /= 2, h /= 2) steps.push(canvas(Math.ceil(w), Math.max(1, Math.ceil(h))));
    }
    /** @type {Picture | OffscreenCanvas} */
    let from = picture;
    for (const step of [...steps, ...steps.slice(0, -1).reverse(), context]) {
      const to = step === context ? { width, height } : step.canvas;
      step.drawImage(from, 0, 0, to.width, to.height);
      from = step.canvas;
    }
  };
}
