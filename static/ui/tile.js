// One tile of the stage: a person or a shared screen.

import { h, useRef, useState } from '../third-party/preact.js';
import { hue, initials } from '../app/identity.js';
import { Icon } from './icon.js';
import { PlayedFile } from './played-file.js';
import { settings } from '../app/settings.js';
import { looksAway } from '../app/capture.js';
import { loudness } from '../app/volume.js';
import { ownRates, qualities } from '../app/measuring.js';
import { may, phase, pinned, suspended } from '../app/store.js';
import { noRelay } from '../app/relay.js';
import { offerFiles } from '../app/transfers.js';
import { QualityMark } from './quality.js';
import { sentStream } from '../app/publish.js';
import { t } from '../app/i18n.js';
import { TileActions } from './tile-actions.js';
import { fullScreenElement, toggleFullScreen } from '../app/viewport.js';
import { togglePin } from '../app/view.js';
import { useDrag } from './drag.js';
import { useFileDrop } from './files.js';
import { Video } from './video.js';

/** @typedef {import('../app/tiles.js').Tile} TileState */
/** @typedef {import('../layout/arrange.js').Rect & {floating: boolean}} Place */

/**
 * The node stays the same as long as the tile lives; only its place changes. Without a place it is
 * on another page: not shown, but heard.
 * @param {{tile: TileState, place: Place | undefined, nth: number}} props nth: of those on the stage
 */
export function Tile({ tile, place, nth }) {
  const element = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [open, setOpen] = useState(/** @type {import('./tile-actions.js').Open} */ (''));
  const name = tile.name || t('people.anonymous');
  const floating = place?.floating ?? false;
  const drag = useDrag(element, floating);
  const { who } = tile;
  const [over, drop] = useFileDrop(who !== null && may('message') && ((files) => offerFiles(who, files)));
  const quality = qualities.value.get(tile.local ? sentStream(tile.key) : tile.stream);
  const still = !tile.local && (tile.state === 'frozen' || (tile.video && quality?.frozen));
  const classes = ['tile', tile.share && 'share', tile.self && 'me', tile.speaking && 'speaking', pinned.value === tile.key && 'pinned',
    (still || tile.state === 'failed') && 'frozen', tile.state === 'failed' && 'failed', floating && 'float', open && 'open', !place && 'away', over && 'over', place && place.h < 100 && 'low', place && place.w > place.h && 'wide'];
  return h('div', {
    ref: element, class: classes.filter(Boolean).join(' '), role: 'group', tabIndex: place ? 0 : -1, 'data-key': tile.key,
    'aria-label': described(tile, name), 'aria-hidden': !place, style: place ? { ...styleOf(place, tile.name), '--nth': nth } : { '--h': hue(tile.name) },
    onKeyDown: (/** @type {KeyboardEvent} */ e) => onKey(e, tile.key, setOpen),
    onDblClick: () => enlarge(tile.key, element.current), ...drag, ...drop,
  },
  // Under the picture, which covers them once it is there.
  !tile.file && h('span', { class: 'av', 'aria-hidden': 'true' }, initials(tile.name)),
  tile.share && !tile.local && tile.state === 'ok' && h('p', { class: 'st', 'aria-hidden': 'true' }, t('tile.loading')),
  tile.file ? h(PlayedFile, { id: tile.file }) : h(Video, {
    media: tile.media, muted: tile.local, hidden: !tile.video, volume: tile.who ? loudness(tile.who) : 1,
    class: tile.self && settings.value.mirrorView && !looksAway() ? 'mirror' : '',
  }),
  tile.state === 'connecting' && h('span', { class: 'prog', 'aria-hidden': 'true' }, h('i', {})),
  tile.state === 'failed' && h(Trouble, { text: t(noRelay.value ? 'tile.noRelay' : 'tile.failed'), cramped: place !== undefined && (place.h < 180 || place.w < 220) }),
  // What is the matter with all of them is said once, above them.
  still && phase.value === 'joined' && !suspended.value && h(Trouble, { text: t('quality.poor'), cramped: place !== undefined && place.h < 100 }),
  h('span', { class: 'foot' },
    h('span', { class: 'nm' }, h(Label, { tile, name }), tile.local && h(Rate, { tile })),
    quality && place && !floating && h(QualityMark, { quality, name, onClick: () => setOpen('connection') })),
  tile.hand > 0 && h('span', { class: 'hd', role: 'img', 'aria-label': t('people.handRaised') }, h(Icon, { name: 'hand' }), tile.hand),
  place && h(TileActions, { tile, name, element, floating, open, setOpen }));
}

/**
 * Keys on the tile itself, not on its buttons.
 * @param {KeyboardEvent} e
 * @param {string} key of the tile
 * @param {(open: 'menu') => void} setOpen
 */
function onKey(e, key, setOpen) {
  if (e.target !== e.currentTarget || e.ctrlKey || e.altKey || e.metaKey) return;
  if (e.key === 'Enter') togglePin(key);
  else if (e.key === '.' || e.key === 'ContextMenu') setOpen('menu');
  else return;
  e.preventDefault();
}

/**
 * A double click pins, one on what is pinned fills the screen, and one there goes back.
 * @param {string} key of the tile
 * @param {HTMLElement | null} element
 */
function enlarge(key, element) {
  if (fullScreenElement() || pinned.value === key) toggleFullScreen(element ?? undefined);
  else togglePin(key);
}

/**
 * What is wrong, in words; in a tile that has no room for them a sign stands for these.
 * @param {{text: string, cramped: boolean}} props
 */
function Trouble({ text, cramped }) {
  return cramped ? h('p', { class: 'mark', title: text }, h(Icon, { name: 'triangle-alert' }), h('span', { class: 'sr' }, text)) : h('p', { class: 'st' }, text);
}

/**
 * What our own picture takes, while somebody points at it.
 * @param {{tile: TileState}} props
 */
function Rate({ tile }) {
  const rate = ownRates.value.get(sentStream(tile.key));
  return rate ? h('span', { class: 'rate' }, t('tile.rate', { rate })) : null;
}

/** @param {{tile: TileState, name: string}} props */
function Label({ tile, name }) {
  if (tile.share) {
    return [h(Icon, { name: tile.played ? 'play' : 'screen-share' }), h('span', { class: 'cut', dir: 'auto' }, described(tile, name))];
  }
  return [
    tile.muted ? h(Icon, { name: 'mic-off' }) : tile.speaking && h('span', { class: 'eq' }, h('i', {}), h('i', {}), h('i', {})),
    h('span', { class: 'cut', dir: 'auto' }, name),
    tile.self && h('span', { class: 'you' }, t('people.you')),
    pinned.value === tile.key && h(Icon, { name: 'pin' }),
  ];
}

/**
 * @param {TileState} tile
 * @param {string} name
 * @returns {string} what a screen reader says
 */
function described(tile, name) {
  if (tile.played) return tile.local ? name : t('tile.playedBy', { name });
  if (tile.share) return tile.local ? t('tile.yourScreen') : t('tile.screenOf', { name });
  return [
    name, tile.self && t('people.you'), t(tile.video ? 'tile.cameraOn' : 'tile.cameraOff'), t(tile.muted ? 'tile.muted' : 'tile.micOn'),
    tile.speaking && t('tile.speaking'), tile.hand > 0 && t('people.handRaised'), pinned.value === tile.key && t('tile.pinned'),
  ].filter(Boolean).join(', ');
}

/**
 * @param {Place} place
 * @param {string} name
 */
function styleOf(place, name) {
  const avatar = Math.round(Math.min(88, place.h * 0.42));
  return {
    transform: `translate(${place.x}px, ${place.y}px)`, width: `${place.w}px`, height: `${place.h}px`,
    '--h': hue(name), '--av': `${avatar}px`, '--avf': `${Math.round(avatar * 0.33)}px`,
  };
}
