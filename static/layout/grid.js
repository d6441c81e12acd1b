// Geometry of a grid of equal tiles.

/**
 * @typedef {object} GridArea
 * @property {number} w width of the area, CSS pixels
 * @property {number} h height of the area, CSS pixels
 * @property {number} n number of tiles
 * @property {[number, number]} [aspect] least and greatest width divided by height of a tile; 16/9 if absent
 * @property {number} [gap] distance between tiles, CSS pixels
 * @property {number} [minTile] narrowest useful tile, CSS pixels: below it the tiles go on several pages
 * @property {number} [maxPerPage] most tiles on a page
 * @property {number} [minCols] fewest columns
 */

/** @typedef {{cols: number, rows: number, tileW: number, tileH: number, perPage: number}} Grid */

/**
 * The arrangement that gives the largest tiles.
 * @param {GridArea} area
 * @returns {Grid}
 */
export function grid({ w, h, n, aspect = [16 / 9, 16 / 9], gap = 8, minTile = 180, maxPerPage = 49, minCols = 1 }) {
  for (let count = Math.max(1, Math.min(n, maxPerPage)); ; count--) {
    const best = largest({ w, h, n: count, aspect, gap, minCols });
    if (best.tileW >= Math.min(minTile, w) || count === 1) return best;
  }
}

/**
 * Tries every number of columns and keeps the one with the most area.
 * @param {{w: number, h: number, n: number, aspect: [number, number], gap: number, minCols: number}} area
 * @returns {Grid}
 */
function largest({ w, h, n, aspect: [least, greatest], gap, minCols }) {
  /** @type {Grid} */
  let best = { cols: 1, rows: n, tileW: 0, tileH: 0, perPage: n };
  for (let cols = Math.min(minCols, n); cols <= n; cols++) {
    const rows = Math.ceil(n / cols);
    const cellW = Math.max(0, (w - gap * (cols - 1)) / cols);
    const cellH = Math.max(0, (h - gap * (rows - 1)) / rows);
    const tileW = Math.floor(Math.min(cellW, cellH * greatest));
    const tileH = Math.floor(Math.min(cellH, tileW / least));
    if (tileW * tileH > best.tileW * best.tileH) best = { cols, rows, tileW, tileH, perPage: n };
  }
  return best;
}

/** @typedef {{x: number, y: number, w: number, h: number}} Rect */

/**
 * Where the n tiles of a page lie: rows from the top, the whole and the last row centred.
 * @param {Grid} g
 * @param {{w: number, h: number, n: number, gap?: number}} area
 * @returns {Rect[]}
 */
export function gridRects(g, { w, h, n, gap = 8 }) {
  const cols = Math.min(g.cols, n);
  const rows = Math.ceil(n / cols);
  const top = Math.max(0, (h - rows * g.tileH - (rows - 1) * gap) / 2);
  return Array.from({ length: n }, (_, i) => {
    const row = Math.floor(i / cols);
    const inRow = row === rows - 1 ? n - row * cols : cols;
    const left = Math.max(0, (w - inRow * g.tileW - (inRow - 1) * gap) / 2);
    return {
      x: Math.round(left + (i % cols) * (g.tileW + gap)),
      y: Math.round(top + row * (g.tileH + gap)),
      w: g.tileW,
      h: g.tileH,
    };
  });
}
