// What can be done with a tile: the buttons on it, and its menu.

import { canFloat, toggleFullScreen, toggleWindow } from '../app/viewport.js';
import { changeSettings, settings } from '../app/settings.js';
import { dialog, may, pinned, shares, streams } from '../app/store.js';
import { DotsMenu, MenuItem, MenuLine } from './menu.js';
import { h, useEffect, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { measured, qualities } from '../app/measuring.js';
import { notify } from '../app/notices.js';
import { Others } from './person-menu.js';
import { people } from '../app/roster.js';
import { Popover } from './popover.js';
import { qualityText } from './quality.js';
import { sentStream } from '../app/publish.js';
import { setHidden, togglePin } from '../app/view.js';
import { stopFile, stopShare } from '../app/capture.js';
import { t } from '../app/i18n.js';
import { volumeOf } from '../app/volume.js';
import { VolumePopover } from './volume.js';

/** @typedef {import('../app/tiles.js').Tile} TileState */
/** @typedef {'' | 'menu' | 'volume' | 'connection'} Open */

/** @type {Record<import('../layout/arrange.js').Corner, import('../layout/arrange.js').Corner>} */
const NEXT_CORNER = { 'end-bottom': 'start-bottom', 'start-bottom': 'start-top', 'start-top': 'end-top', 'end-top': 'end-bottom' };

/**
 * The buttons on a tile.
 * @param {{tile: TileState, name: string, element: {current: HTMLElement | null}, floating: boolean, open: Open, setOpen: (open: Open) => void}} props
 */
export function TileActions({ tile, name, element, floating, open, setOpen }) {
  const share = shares.value.find((s) => tile.key === `share:${s.id}`);
  const { file } = tile;
  const full = () => toggleFullScreen(element.current ?? undefined);
  return h('span', { class: `acts ${open ? 'open' : ''}`, onDblClick: (/** @type {Event} */ e) => e.stopPropagation() },
    !floating && h(PinButton, { tile }),
    tile.share && h(Act, { icon: 'maximize', label: t('top.fullScreen'), onClick: full }),
    file && h(Act, { icon: 'x', label: t('tile.stopFile'), onClick: () => stopFile(file) }),
    share && h(Act, { icon: 'x', label: t('tile.stopSharing'), onClick: () => stopShare(share) }),
    tile.who && tile.sound && h('span', { class: 'menubox' },
      h('button', {
        type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': open === 'volume', 'aria-label': t('volume.of', { name }), title: t('volume.of', { name }),
        onClick: () => setOpen(open === 'volume' ? '' : 'volume'),
      }, h(Icon, { name: volumeOf(tile.who).silent ? 'volume-x' : 'volume-2' })),
      open === 'volume' && h(VolumePopover, { who: tile.who, name, onClose: () => setOpen('') })),
    h(DotsMenu, { label: t('tile.menu', { name }), button: 'act', open: open === 'menu', setOpen: (o) => setOpen(o ? 'menu' : '') },
      open === 'menu' && h(TileMenu, { tile, element, setOpen })),
    open === 'connection' && h('span', { class: 'menubox' }, h(ConnectionPopover, { tile, name, onClose: () => setOpen('') })));
}

/** @param {{tile: TileState}} props */
function PinButton({ tile }) {
  const on = pinned.value === tile.key;
  return h('button', {
    type: 'button', 'aria-label': t('tile.pin'), 'aria-pressed': on, title: t(on ? 'tile.unpin' : 'tile.pin'), onClick: () => togglePin(tile.key),
  }, h(Icon, { name: on ? 'pin-off' : 'pin' }));
}

/** @param {{icon: string, label: string, onClick: () => void}} props */
function Act({ icon, label, onClick }) {
  return h('button', { type: 'button', 'aria-label': label, title: label, onClick }, h(Icon, { name: icon }));
}

/** @type {typeof import('./numbers.js').StreamNumbers | undefined} loaded when numbers are first wanted */
let StreamNumbers;

/**
 * The numbers of what a tile shows.
 * @param {{tile: TileState, name: string, onClose: () => void}} props
 */
function ConnectionPopover({ tile, name, onClose }) {
  const id = tile.local ? sentStream(tile.key) : tile.stream;
  const quality = qualities.value.get(id);
  const [, loaded] = useState(!!StreamNumbers);
  useEffect(() => {
    import('./numbers.js').then((module) => { ({ StreamNumbers } = module); loaded(true); }, () => { onClose(); notify('error', t('notice.notLoaded')); });
  }, []);
  if (!StreamNumbers) return null; // it is placed by its size
  return h(Popover, { label: t('connection.of', { name }), class: 'conn', onClose },
    h('h2', {}, t('connection.title')),
    quality && h('p', { class: 'small' }, qualityText(quality, name)),
    h(StreamNumbers, { measured: measured.value.get(id), asked: streams.value.get(id)?.asked }),
    h('button', { class: 'btn s', type: 'button', onClick: () => { onClose(); dialog.value = { kind: 'report' }; } }, h(Icon, { name: 'clipboard' }), t('report.title')));
}

/** @param {{tile: TileState, element: {current: HTMLElement | null}, setOpen: (open: Open) => void}} props */
function TileMenu({ tile, element, setOpen }) {
  const close = () => setOpen('');
  /** @param {() => unknown} act */
  const then = (act) => () => { close(); act(); };
  const person = tile.share || tile.self ? undefined : people.value.find((p) => p.user.id === tile.who?.id);
  return [
    h(MenuItem, { icon: pinned.value === tile.key ? 'pin-off' : 'pin', onClick: then(() => togglePin(tile.key)) }, t(pinned.value === tile.key ? 'tile.unpin' : 'tile.pin')),
    h(MenuItem, { icon: 'maximize', onClick: then(() => toggleFullScreen(element.current ?? undefined)) }, t('top.fullScreen')),
    canFloat() && !tile.local && tile.video && h(MenuItem, { icon: 'picture-in-picture-2', onClick: then(() => float(element.current)) }, t('tile.window')),
    tile.self && [
      h(MenuItem, { icon: 'move', onClick: then(() => changeSettings({ selfCorner: NEXT_CORNER[settings.value.selfCorner] ?? 'end-bottom' })) }, t('tile.otherCorner')),
      h(MenuItem, { icon: 'eye-off', onClick: then(hideSelf) }, t('tile.hideSelf')),
    ],
    !tile.local && h(MenuItem, { icon: 'eye-off', onClick: then(() => hideTile(tile)) }, t('tile.hide')),
    h(MenuItem, { icon: 'signal', onClick: () => setOpen('connection') }, t('connection.title')),
    person && (may('op') || may('message')) && [h(MenuLine, {}), h(Others, { person, close })],
  ];
}

/** @param {HTMLElement | null} tile */
async function float(tile) {
  if (!await toggleWindow(tile?.querySelector('video'))) notify('warning', t('tile.noWindow'));
}

/** @param {TileState} tile */
function hideTile({ key, name }) {
  setHidden(key, true);
  notify('info', t('tile.hidden', { name: name || t('people.anonymous') }), { label: t('tile.showAgain'), run: () => setHidden(key, false) });
}

function hideSelf() {
  changeSettings({ hideSelf: true });
  notify('info', t('tile.selfHidden'), { label: t('tile.showSelf'), run: () => changeSettings({ hideSelf: false }) });
}
