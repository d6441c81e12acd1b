// The stage: every tile in its place.

import { arrange } from '../layout/arrange.js';
import { AloneCard } from './alone.js';
import { h, useEffect, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { Banners } from './banner.js';
import { bringIntoSight, lastSpeaker, shownOrder } from '../app/view.js';
import { Icon } from './icon.js';
import { loudness } from '../app/volume.js';
import { caption, page, pinned, speakers } from '../app/store.js';
import { mostTiles, phone } from '../app/viewport.js';
import { placement } from '../app/subscribe.js';
import { facesFirst, promotion } from '../layout/rank.js';
import { settings } from '../app/settings.js';
import { t } from '../app/i18n.js';
import { Tile } from './tile.js';
import { heardOnly, shownTiles, soundOnly, tiles } from '../app/tiles.js';
import { Toasts } from './toast.js';
import { useSwipe } from './drag.js';
import { Video } from './video.js';

/** How often those who can be seen are brought to the first page, ms: long enough for all pictures of a room that one comes into. */
const FACES = 2000;

/** The stage takes the focus when the call begins: what had it before is gone. */
export function Stage() {
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const area = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [size, setSize] = useState({ w: 0, h: 0 });
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    const measure = () => setSize({ w: element.clientWidth, h: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => main.current?.focus(), []);
  const { layout: mode, selfCorner: corner } = settings.value;
  const placed = arrange({
    ...size, phone: phone.value, page: page.value, tiles: shownTiles.value, mode, corner, pinned: pinned.value, speaker: lastSpeaker.value,
    rtl: document.documentElement.dir === 'rtl', most: mostTiles(),
  });
  const order = [...placed.mains, ...placed.rects.keys()];
  const swipe = useSwipe(placed);
  useEffect(() => {
    placement.value = placed.rects;
    shownOrder.value = shownTiles.value.map((tile) => tile.key).filter((key) => placed.rects.has(key));
  });
  const others = shownTiles.value.filter((tile) => !tile.self && !tile.share && !placed.mains.includes(tile.key));
  const unseen = others.filter((tile) => !placed.rects.has(tile.key));
  const bring = useRef(/** @type {(rule: typeof promotion) => void} */ (() => {}));
  bring.current = (rule) => {
    if (placed.pages > 1) bringIntoSight(rule, others.filter((tile) => !unseen.includes(tile)), unseen);
  };
  useEffect(() => bring.current(promotion), [speakers.value, unseen.length, placed.page]);
  const waiting = unseen.some((tile) => tile.face);
  useEffect(() => {
    // Whoever talks meanwhile: who waits for a place of somebody silent must not begin to wait anew.
    const timer = waiting ? setInterval(() => bring.current(facesFirst), FACES) : 0;
    return () => clearInterval(timer);
  }, [waiting, placed.page]);
  return h('main', { ref: main, class: 'stage', 'aria-label': t('stage.label'), tabIndex: -1 },
    h(Banners, {}),
    h('div', { class: 'tiles', ref: area, ...swipe },
      useStableOrder(tiles.value).map((tile) => h(Tile, { key: tile.key, tile, place: placed.rects.get(tile.key), nth: order.indexOf(tile.key) })),
      soundOnly.value.map((s) => h('div', { key: s.key, class: 'tile away' }, h(Video, { media: s.media, hidden: true, volume: loudness({ id: s.source, username: s.username }) }))),
      h(Pager, { key: 'pager', shown: placed.page, pages: placed.pages, beside: placed.mains.length > 0 && size.w >= size.h })),
    h(HeardOnly, {}),
    h(AloneCard, {}),
    h(Captions, {}),
    h(Toasts, {}));
}

/** What is being said, written over the stage. */
function Captions() {
  if (!caption.value || settings.value.captionSize === 'off') return null;
  return h('p', { class: `caption ${settings.value.captionSize}`, dir: 'auto' }, caption.value);
}

/** Turns the pages of the stage. @param {{shown: number, pages: number, beside: boolean}} props shown counts from 0; beside: the pages are those of a strip at the side */
function Pager({ shown, pages, beside }) {
  if (pages < 2) return null;
  return h('div', { class: beside ? 'pager beside' : 'pager' },
    h('button', { class: 'btn plain icon s', type: 'button', disabled: shown === 0, 'aria-label': t('pager.previous'), onClick: () => { page.value = shown - 1; } },
      h(Icon, { name: 'chevron-left' })),
    h('span', { class: 'num' }, t('pager.position', { page: shown + 1, pages })),
    h('button', { class: 'btn plain icon s', type: 'button', disabled: shown === pages - 1, 'aria-label': t('pager.next'), onClick: () => { page.value = shown + 1; } },
      h(Icon, { name: 'chevron-right' })));
}

/** Those who have no tile, where only pictures have one. */
function HeardOnly() {
  const list = heardOnly.value;
  if (list.length === 0) return null;
  return h('ul', { class: 'heard', 'aria-label': t('stage.heard') }, list.map((tile) => h('li', { key: tile.key, class: tile.speaking ? 'speaking' : '' },
    h(Icon, { name: tile.muted ? 'mic-off' : 'mic' }), h('span', { class: 'cut', dir: 'auto' }, tile.name || t('people.anonymous')))));
}

/**
 * Tiles in the order in which they first appeared: a node that does not move among its siblings
 * keeps playing.
 * @param {import('../app/tiles.js').Tile[]} list
 */
function useStableOrder(list) {
  const order = useRef(/** @type {Map<string, number>} */ (new Map()));
  const known = order.current;
  const last = Math.max(0, ...known.values());
  list.forEach((tile, i) => {
    if (!known.has(tile.key)) known.set(tile.key, last + i + 1);
  });
  const keys = new Set(list.map((tile) => tile.key));
  for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
  return [...list].sort((a, b) => (known.get(a.key) ?? 0) - (known.get(b.key) ?? 0));
}
