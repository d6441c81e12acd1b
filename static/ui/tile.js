// One tile of the stage: a person or a shared screen.

import { h, useRef } from '../third-party/preact.js';
import { hue, initials } from '../app/identity.js';
import { Icon } from './icon.js';
import { PlayedFile } from './played-file.js';
import { settings } from '../app/settings.js';
import { shares } from '../app/store.js';
import { looksAway, stopFile, stopShare } from '../app/capture.js';
import { t } from '../app/i18n.js';
import { toggleFullScreen } from '../app/viewport.js';
import { Video } from './video.js';

/** @typedef {import('../app/tiles.js').Tile} TileState */
/** @typedef {import('../layout/arrange.js').Rect & {floating: boolean}} Place */

/**
 * The node stays the same as long as the tile lives; only its place changes. Without a place it is
 * on another page: not shown, but heard.
 * @param {{tile: TileState, place: Place | undefined}} props
 */
export function Tile({ tile, place }) {
  const element = useRef(/** @type {HTMLDivElement | null} */ (null));
  const name = tile.name || t('people.anonymous');
  const classes = ['tile', tile.share && 'share', tile.self && 'me', tile.speaking && 'speaking',
    tile.state === 'frozen' && !tile.local && 'frozen', place?.floating && 'float', !place && 'away'];
  return h('div', {
    ref: element, class: classes.filter(Boolean).join(' '), role: 'group', tabIndex: place ? 0 : -1,
    'aria-label': described(tile, name), 'aria-hidden': !place, style: place ? styleOf(place, tile.name) : { '--h': hue(tile.name) },
  },
  tile.file ? h(PlayedFile, { id: tile.file }) : h(Video, {
    media: tile.media, muted: tile.local, hidden: !tile.video,
    class: tile.self && settings.value.mirrorView && !looksAway() ? 'mirror' : '',
  }),
  !tile.video && h('span', { class: 'av', 'aria-hidden': 'true' }, initials(tile.name)),
  tile.state === 'connecting' && h('span', { class: 'prog', 'aria-hidden': 'true' }, h('i', {})),
  tile.state === 'failed' && h('p', { class: 'st' }, t('tile.failed')),
  h('span', { class: 'nm' }, h(Label, { tile, name })),
  tile.hand > 0 && h('span', { class: 'hd', role: 'img', 'aria-label': t('people.handRaised') }, h(Icon, { name: 'hand' }), tile.hand),
  tile.share && h(ShareActions, { tile, element }));
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
  ];
}

/** @param {{tile: TileState, element: {current: HTMLElement | null}}} props */
function ShareActions({ tile, element }) {
  const share = shares.value.find((s) => tile.key === `share:${s.id}`);
  const { file } = tile;
  return h('span', { class: 'acts' },
    h('button', {
      type: 'button', 'aria-label': t('top.fullScreen'), title: t('top.fullScreen'), onClick: () => toggleFullScreen(element.current ?? undefined),
    }, h(Icon, { name: 'maximize' })),
    file && h('button', {
      type: 'button', 'aria-label': t('tile.stopFile'), title: t('tile.stopFile'), onClick: () => stopFile(file),
    }, h(Icon, { name: 'x' })),
    share && h('button', {
      type: 'button', 'aria-label': t('tile.stopSharing'), title: t('tile.stopSharing'), onClick: () => stopShare(share),
    }, h(Icon, { name: 'x' })));
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
    tile.speaking && t('tile.speaking'), tile.hand > 0 && t('people.handRaised'),
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
