// Geometry of one large picture with a strip of small ones beside or below it.

/** @typedef {import('./grid.js').Rect} Rect */

/** Size of a tile of the strip, CSS pixels. */
export const STRIP_W = 216;
export const STRIP_H = 121;
/** Width divided by height of most screens. */
const ASPECT = 16 / 9;

/**
 * @typedef {object} Stage
 * @property {Rect[]} mains places of the large pictures
 * @property {Rect[]} strip places for the tiles of one page, at most as many as asked for
 */

/** @typedef {{w: number, h: number, n: number, mains: number, gap: number, pager?: number}} StageArea */

/**
 * The strip is on the right of a landscape area and at the bottom of a portrait one.
 * @param {{w: number, h: number, n: number, mains?: number, gap?: number, pager?: number}} area n: tiles that want a place in the strip; mains: large pictures;
 *   pager: height that stays free below the strip, CSS pixels
 * @returns {Stage}
 */
export function stage({ w, h, n, mains = 1, gap = 8, pager = 0 }) {
  if (n === 0) return { mains: large({ x: 0, y: 0, w, h }, mains, gap), strip: [] };
  return w >= h ? beside({ w, h, n, mains, gap, pager }) : below({ w, h: h - pager, n, mains, gap });
}

/**
 * @param {StageArea} area
 * @returns {Stage}
 */
function beside({ w, h, n, mains, gap, pager = 0 }) {
  const stripW = Math.min(STRIP_W, Math.floor(w / 4));
  const stripH = Math.round(stripW * STRIP_H / STRIP_W);
  const shown = Math.max(1, Math.min(n, Math.floor((h - pager + gap) / (stripH + gap))));
  const top = Math.max(0, Math.round((h - pager - shown * stripH - (shown - 1) * gap) / 2));
  return {
    mains: large({ x: 0, y: 0, w: w - stripW - gap, h }, mains, gap),
    strip: Array.from({ length: shown }, (_, i) => ({
      x: w - stripW, y: top + i * (stripH + gap), w: stripW, h: stripH,
    })),
  };
}

/**
 * @param {StageArea} area
 * @returns {Stage}
 */
function below({ w, h, n, mains, gap }) {
  const stripW = Math.floor((w - gap) / 2);
  const stripH = Math.round(Math.min(stripW * STRIP_H / STRIP_W, h / 3));
  // What the large pictures cannot use is for more of the small ones.
  const rows = Math.floor((h - mains * (w / ASPECT + gap) + gap) / (stripH + gap));
  const shown = Math.min(n, 2 * Math.max(1, rows));
  const top = h - Math.ceil(shown / 2) * (stripH + gap) + gap;
  return {
    mains: large({ x: 0, y: 0, w, h: top - gap }, mains, gap),
    strip: Array.from({ length: shown }, (_, i) => {
      const alone = i === shown - 1 && i % 2 === 0;
      return { x: alone ? Math.round((w - stripW) / 2) : i % 2 * (stripW + gap), y: top + Math.floor(i / 2) * (stripH + gap), w: stripW, h: stripH };
    }),
  };
}

/**
 * Large pictures of the usual shape that share an area, beside or above each other, whichever
 * makes them larger.
 * @param {Rect} area
 * @param {number} n
 * @param {number} gap
 * @returns {Rect[]}
 */
function large({ x, y, w, h }, n, gap) {
  const wide = { w: Math.floor((w - gap * (n - 1)) / n), h };
  const high = { w, h: Math.floor((h - gap * (n - 1)) / n) };
  const besides = fit(wide.w, wide.h).w >= fit(high.w, high.h).w;
  const cell = besides ? wide : high;
  return Array.from({ length: n }, (_, i) => {
    const r = fit(cell.w, cell.h);
    return { ...r, x: x + r.x + (besides ? i * (cell.w + gap) : 0), y: y + r.y + (besides ? 0 : i * (cell.h + gap)) };
  });
}

/**
 * The largest picture of the usual shape in the middle of an area.
 * @param {number} w
 * @param {number} h
 * @returns {Rect}
 */
function fit(w, h) {
  const width = Math.max(0, Math.floor(Math.min(w, h * ASPECT)));
  const height = Math.max(0, Math.floor(Math.min(h, w / ASPECT)));
  return { x: Math.floor((w - width) / 2), y: Math.floor((h - height) / 2), w: width, h: height };
}
