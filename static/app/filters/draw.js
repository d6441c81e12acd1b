// What the simple filters do with a picture.

/** @typedef {OffscreenCanvasRenderingContext2D} Context */
/** @typedef {VideoFrame | ImageBitmap} Picture */
/**
 * @typedef {object} Filter
 * @property {(context: Context, picture: Picture, width: number, height: number) => void} draw fills the canvas
 * @property {() => void} [close]
 */

/** How the canvas lies for each: the first four of a matrix, and whether the origin goes to the right and to the bottom. */
const TURNS = /** @type {Record<string, [number, number, boolean, boolean]>} */ ({
  'mirror-h': [-1, 1, true, false],
  'mirror-v': [1, -1, false, true],
  rotate: [-1, -1, true, true],
});

/**
 * @param {string} name
 * @returns {Filter | null} null for one that is not simple
 */
export function turn(name) {
  const found = Object.hasOwn(TURNS, name) ? TURNS[name] : undefined;
  if (!found) return null;
  const [x, y, right, bottom] = found;
  return {
    draw(context, picture, width, height) {
      context.setTransform(x, 0, 0, y, right ? width : 0, bottom ? height : 0);
      context.drawImage(picture, 0, 0, width, height);
      context.setTransform(1, 0, 0, 1, 0, 0);
    },
  };
}
