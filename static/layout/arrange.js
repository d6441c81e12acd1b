// Where each tile lies: chooses between grid, stage with strip, spotlight, and floating self view.

import { grid, gridRects } from './grid.js';
import { stage } from './stage.js';

/** @typedef {import('./grid.js').Rect} Rect */
/** @typedef {'auto' | 'grid' | 'sidebar' | 'spotlight'} Mode */
/** @typedef {'end-bottom' | 'start-bottom' | 'end-top' | 'start-top'} Corner end: where lines of text end */

/**
 * @typedef {object} Placed what the geometry has to know of a tile
 * @property {string} key
 * @property {boolean} self our own camera
 * @property {boolean} share a shared screen
 */

/**
 * @typedef {object} Area
 * @property {number} w CSS pixels
 * @property {number} h CSS pixels
 * @property {boolean} phone
 * @property {number} page asked for, from 0
 * @property {Placed[]} tiles in order of importance
 * @property {Mode} [mode]
 * @property {string} [pinned] key of the tile that is to be large
 * @property {string} [speaker] key of the tile that is large where nothing is pinned or shared
 * @property {Corner} [corner] of the floating self view
 * @property {number} [most] most tiles on a page of a grid
 * @property {boolean} [rtl] lines of text end on the left
 */

/**
 * @typedef {object} Arrangement
 * @property {Map<string, Rect & {floating: boolean}>} rects by key; a tile without one is on another page
 * @property {number} page the page shown, from 0
 * @property {number} pages at least 1
 * @property {Rect} [free] the cell of the grid that is left for our own picture
 * @property {string[]} mains keys of the tiles that are large; none in a grid
 */

/** Size of the floating self view, CSS pixels, and its distance from the edges of the stage. */
const FLOAT = { w: 208, h: 117, inset: 8 };
const FLOAT_PHONE = { w: 96, h: 128, inset: 8 };
/** Height kept free for the control that turns pages, CSS pixels. */
const PAGER_H = 36;
/** How many cells a page of a phone has at most; one more where everybody has room then. */
const PHONE_CELLS = 8;
/** How many tiles are large at most. */
const MAX_MAINS = 2;

/**
 * @param {Area} area
 * @returns {Arrangement}
 */
export function arrange(area) {
  const mains = mainTiles(area);
  const self = area.tiles.find((t) => t.self);
  const floats = self !== undefined && !mains.includes(self) && selfFloats(area);
  const result = mains.length > 0 ? withStage(area, mains, floats ? self : undefined)
    : inGrid({ ...area, tiles: floats ? area.tiles.filter((t) => t !== self) : area.tiles }, floats && area.phone && (area.corner ?? 'end-bottom') === 'end-bottom');
  if (area.rtl) for (const rect of [...result.rects.values(), ...(result.free ? [result.free] : [])]) rect.x = area.w - rect.x - rect.w;
  if (floats && self) result.rects.set(self.key, float(area, result));
  return result;
}

/**
 * The tiles that are large: what is pinned, else the shared screens, else, where the mode asks for
 * one, who spoke last. None means a grid.
 * @param {Area} area
 * @returns {Placed[]}
 */
function mainTiles({ mode = 'auto', tiles, pinned, speaker }) {
  if (mode === 'grid') return [];
  const pin = tiles.find((t) => t.key === pinned);
  if (pin) return [pin];
  const shares = tiles.filter((t) => t.share).slice(0, mode === 'spotlight' ? 1 : MAX_MAINS);
  if (shares.length > 0 || mode === 'auto') return shares;
  const chosen = tiles.find((t) => t.key === speaker) ?? tiles.find((t) => !t.self) ?? tiles[0];
  return chosen ? [chosen] : [];
}

/**
 * Whether our own picture lies over the others instead of beside them.
 * @param {Area} area
 */
function selfFloats({ mode = 'auto', phone, tiles, pinned }) {
  if (tiles.length < 2) return false;
  if (mode === 'spotlight') return true;
  if (mode !== 'auto') return false;
  if (tiles.some((t) => t.share || t.key === pinned)) return false;
  return tiles.length === 2 || phone;
}

/**
 * The floating picture: in the cell that is left for it, where it covers nobody; else in its corner, of the only other picture, or of the stage,
 * where that leaves room on a phone.
 * @param {Area} area
 * @param {Arrangement} result
 * @returns {Rect & {floating: boolean}}
 */
function float({ w, h, phone, corner = 'end-bottom', rtl = false }, { rects, pages, free }) {
  const size = phone ? FLOAT_PHONE : FLOAT;
  if (free) {
    const height = Math.min(size.h, free.h);
    const width = Math.round(height * size.w / size.h);
    return { x: Math.round(free.x + (free.w - width) / 2), y: Math.round(free.y + (free.h - height) / 2), w: width, h: height, floating: true };
  }
  const [only] = rects.size === 1 ? rects.values() : [];
  const room = only && phone ? Math.min(only.y, h - only.y - only.h) - size.h - size.inset : -1;
  const within = only && room < 0 ? only : { x: 0, y: 0, w, h: h - (pages > 1 ? PAGER_H : 0) };
  const right = corner.startsWith('end') !== rtl;
  return {
    x: right ? within.x + within.w - size.w - size.inset : within.x + size.inset,
    y: corner.endsWith('bottom') ? within.y + within.h - size.h - size.inset : within.y + size.inset,
    w: size.w, h: size.h, floating: true,
  };
}

/**
 * The corner that is nearest to where the floating picture was let go.
 * @param {{x: number, y: number, w: number, h: number, rtl: boolean}} at its middle, and the size of the stage
 * @returns {Corner}
 */
export function nearestCorner({ x, y, w, h, rtl }) {
  const right = x > w / 2;
  const bottom = y > h / 2;
  if (right !== rtl) return bottom ? 'end-bottom' : 'end-top';
  return bottom ? 'start-bottom' : 'start-top';
}

/**
 * @param {Area} area
 * @param {boolean} [beside] one more floats in a cell of its own, unless there are so few that it lies well over one of them
 * @returns {Arrangement}
 */
function inGrid({ w, h, phone, page, tiles, most = 49 }, beside = false) {
  const leaves = Number(beside && tiles.length > 2);
  const n = tiles.length + leaves;
  /** @type {Pick<import('./grid.js').GridArea, 'aspect' | 'minTile' | 'maxPerPage' | 'minCols'>} */
  const style = phone ? { aspect: [3 / 4, 16 / 9], minTile: 140, maxPerPage: n === PHONE_CELLS + leaves ? n : PHONE_CELLS, minCols: 1 + leaves } : { maxPerPage: most };
  let height = h;
  let g = grid({ w, h, n, ...style });
  if (g.perPage < n) {
    height = h - PAGER_H;
    g = grid({ w, h: height, n, ...style });
  }
  const shown = pageOf(tiles, Math.max(1, g.perPage - leaves), page);
  const places = gridRects(g, { w, h: height, n: shown.items.length + leaves });
  const last = leaves ? places.pop() : undefined;
  return { rects: assign(shown.items, places), page: shown.page, pages: shown.pages, mains: [], ...(last && { free: last }) };
}

/**
 * @param {Area} area
 * @param {Placed[]} mains
 * @param {Placed | undefined} floating
 * @returns {Arrangement}
 */
function withStage({ w, h, page, tiles, mode }, mains, floating) {
  const rest = mode === 'spotlight' ? [] : tiles.filter((t) => !mains.includes(t) && t !== floating);
  let s = stage({ w, h, n: rest.length, mains: mains.length });
  if (s.strip.length < rest.length) s = stage({ w, h, n: rest.length, mains: mains.length, pager: PAGER_H });
  const shown = pageOf(rest, Math.max(1, s.strip.length), page);
  const rects = assign(shown.items, s.strip);
  mains.forEach((tile, i) => rects.set(tile.key, { .../** @type {Rect} */ (s.mains[i]), floating: false }));
  return { rects, page: shown.page, pages: shown.pages, mains: mains.map((tile) => tile.key) };
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

/**
 * Divides a sequence into pages.
 * @template T
 * @param {T[]} items
 * @param {number} perPage at least 1
 * @param {number} wanted page asked for, from 0; a page beyond the last gives the last
 * @returns {{items: T[], page: number, pages: number}}
 */
export function pageOf(items, perPage, wanted) {
  const pages = Math.max(1, Math.ceil(items.length / perPage));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { items: items.slice(page * perPage, (page + 1) * perPage), page, pages };
}
