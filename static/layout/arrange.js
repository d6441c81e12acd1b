// Where each tile lies: chooses between grid, stage with strip, and floating self view.

import { grid, gridRects } from './grid.js';
import { pageOf } from './pages.js';
import { stage } from './stage.js';

/** @typedef {import('./grid.js').Rect} Rect */

/**
 * @typedef {object} Placed what the geometry has to know of a tile
 * @property {string} key
 * @property {boolean} self our own camera
 * @property {boolean} share a shared screen
 */

/**
 * @typedef {object} Arrangement
 * @property {Map<string, Rect & {floating: boolean}>} rects by key; a tile without one is on another page
 * @property {number} page the page shown, from 0
 * @property {number} pages at least 1
 */

/** Size of the floating self view, CSS pixels, and its distance from the edges of the stage. */
const FLOAT = { w: 208, h: 117, inset: 8 };
const FLOAT_PHONE = { w: 96, h: 128, inset: 8 };
/** Height kept free for the control that turns pages, CSS pixels. */
const PAGER_H = 36;

/**
 * @param {{w: number, h: number, phone: boolean, page: number, tiles: Placed[]}} area tiles in order of importance
 * @returns {Arrangement}
 */
export function arrange({ w, h, phone, page, tiles }) {
  const main = tiles.find((t) => t.share);
  if (main) return withShare({ w, h, page, main, rest: tiles.filter((t) => t !== main) });
  const self = tiles.find((t) => t.self);
  const floats = self !== undefined && (tiles.length === 2 || (phone && tiles.length === 3));
  const gridded = floats ? tiles.filter((t) => t !== self) : tiles;
  const result = inGrid({ w, h, phone, page, tiles: gridded });
  if (floats && self) {
    const only = gridded.length === 1 ? result.rects.get(gridded[0]?.key ?? '') : undefined;
    const within = only ?? { x: 0, y: 0, w, h: h - (result.pages > 1 ? PAGER_H : 0) };
    result.rects.set(self.key, floating(within, phone ? FLOAT_PHONE : FLOAT));
  }
  return result;
}

/**
 * The last corner of a rectangle: that of the only other picture, or that of the stage.
 * @param {Rect} within
 * @param {{w: number, h: number, inset: number}} size
 * @returns {Rect & {floating: boolean}}
 */
function floating(within, { w, h, inset }) {
  return { x: within.x + within.w - w - inset, y: within.y + within.h - h - inset, w, h, floating: true };
}

/**
 * @param {{w: number, h: number, phone: boolean, page: number, tiles: Placed[]}} area
 * @returns {Arrangement}
 */
function inGrid({ w, h, phone, page, tiles }) {
  /** @type {Pick<import('./grid.js').GridArea, 'aspect' | 'minTile' | 'maxPerPage'>} */
  const style = phone ? { aspect: [3 / 4, 16 / 9], minTile: 140, maxPerPage: 8 } : {};
  let height = h;
  let g = grid({ w, h, n: tiles.length, ...style });
  if (g.perPage < tiles.length) {
    height = h - PAGER_H;
    g = grid({ w, h: height, n: tiles.length, ...style });
  }
  const shown = pageOf(tiles, g.perPage, page);
  const places = gridRects(g, { w, h: height, n: shown.items.length });
  return { rects: assign(shown.items, places), page: shown.page, pages: shown.pages };
}

/**
 * @param {{w: number, h: number, page: number, main: Placed, rest: Placed[]}} area
 * @returns {Arrangement}
 */
function withShare({ w, h, page, main, rest }) {
  let height = h;
  let s = stage({ w, h, n: rest.length });
  if (s.strip.length < rest.length) {
    height = h - PAGER_H;
    s = stage({ w, h: height, n: rest.length });
  }
  const shown = pageOf(rest, Math.max(1, s.strip.length), page);
  const rects = assign(shown.items, s.strip);
  rects.set(main.key, { ...s.main, floating: false });
  return { rects, page: shown.page, pages: shown.pages };
}

/**
 * @param {Placed[]} tiles
 * @param {Rect[]} places
 */
function assign(tiles, places) {
  /** @type {Arrangement['rects']} */
  const rects = new Map();
  tiles.forEach((tile, i) => {
    const place = places[i];
    if (place) rects.set(tile.key, { ...place, floating: false });
  });
  return rects;
}
