// Geometry of a grid of equal tiles.

/**
 * @typedef {object} GridArea
 * @property {number} w width of the area, CSS pixels
 * @property {number} h height of the area, CSS pixels
 * @property {number} n number of tiles
 * @property {number} [aspect] width divided by height of a tile, 16/9 if absent; 0 fills the cell
 * @property {number} [gap] distance between tiles, CSS pixels
 * @property {number} [minTile] narrowest useful tile, CSS pixels: below it the tiles go on several pages
 * @property {number} [maxPerPage] most tiles on a page
 */

/** @typedef {{cols: number, rows: number, tileW: number, tileH: number, perPage: number}} Grid */

/** The most columns that are tried: 49 tiles of a page make seven of them. */
const MAX_COLS = 49;

/**
 * The arrangement that gives the largest tiles.
 * @param {GridArea} area
 * @returns {Grid}
 */
export function grid({ w, h, n, aspect = 16 / 9, gap = 8, minTile = 180, maxPerPage = 49 }) {
  const count = Math.max(1, Math.min(n, maxPerPage));
  const best = largest({ w, h, n: count, aspect, gap });
  if (best.tileW >= minTile || count === 1) return best;
  for (let perPage = count - 1; perPage >= 1; perPage--) {
    const fewer = largest({ w, h, n: perPage, aspect, gap });
    if (fewer.tileW >= minTile || perPage === 1) return fewer;
  }
  return best;
}

/**
 * @param {{w: number, h: number, n: number, aspect: number, gap: number}} area
 * @returns {Grid}
 */
function largest({ w, h, n, aspect, gap }) {
  /** @type {Grid} */
  let best = { cols: 1, rows: n, tileW: 0, tileH: 0, perPage: n };
  for (let cols = 1; cols <= Math.min(n, MAX_COLS); cols++) {
    const rows = Math.ceil(n / cols);
    const cellW = Math.max(0, (w - gap * (cols - 1)) / cols);
    const cellH = Math.max(0, (h - gap * (rows - 1)) / rows);
    const tileW = aspect === 0 ? cellW : Math.min(cellW, cellH * aspect);
    const tileH = aspect === 0 ? cellH : tileW / aspect;
    if (tileW * tileH > best.tileW * best.tileH) {
      best = { cols, rows, tileW: Math.floor(tileW), tileH: Math.floor(tileH), perPage: n };
    }
  }
  return best;
}
