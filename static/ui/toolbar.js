// The toolbar of the call.

import { camera, may, me, mic, panel, shares, talking, unread, users } from '../app/store.js';
import { canShare, setCamera, setMic } from '../app/capture.js';
import { h, useEffect, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { toggleHand, togglePanel, toggleShare } from '../app/actions.js';
import { DeviceArrow } from './device-arrow.js';
import { Icon } from './icon.js';
import { keyHint } from '../app/shortcuts.js';
import { leave } from '../app/session.js';
import { notify } from '../app/notices.js';
import { people } from '../app/roster.js';
import { phone } from '../app/viewport.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

export function Toolbar() {
  const bar = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => rove(bar.current));
  const presenting = may('present');
  return h('footer', { class: 'bar-tools', 'data-theme': 'dark' },
    h('div', { ref: bar, class: 'tools', role: 'toolbar', 'aria-label': t('toolbar.label'),
      onFocusIn: () => rove(bar.current), onKeyDown: (/** @type {KeyboardEvent} */ e) => moveFocus(bar.current, e) },
      presenting && h(MicTool, {}),
      presenting && h(CameraTool, {}),
      presenting && canShare() && !phone.value && h(Tool, {
        icon: shares.value.length > 0 ? 'screen-share-off' : 'screen-share', name: t('toolbar.share'), pressed: shares.value.length > 0,
        tip: t(shares.value.length > 0 ? 'tile.stopSharing' : 'toolbar.share.tip'), shortcut: 'share', onClick: toggleShare,
      }),
      h(HandTool, {}),
      h(Tool, {
        icon: 'message-square', name: t('toolbar.chat'), pressed: panel.value === 'chat', shortcut: 'chat', onClick: () => togglePanel('chat'),
      }, unread.value > 0 && h('span', { class: 'badge' }, Math.min(unread.value, 99))),
      !phone.value && h(Tool, {
        icon: 'users', name: t('toolbar.people'), pressed: panel.value === 'people', shortcut: 'people', onClick: () => togglePanel('people'),
      }, h('span', { class: 'badge quiet' }, people.value.length)),
      h(MoreTool, {})),
    h('button', { class: 'btn danger leave', type: 'button', onClick: leave, 'aria-label': t('toolbar.leave') },
      h(Icon, { name: 'log-out' }), h('span', { class: 'text' }, t('toolbar.leave'))));
}

/**
 * @param {string} text
 * @param {string} shortcut its id
 * @returns {string} the text, with the key that does the same
 */
function hinted(text, shortcut) {
  const key = keyHint(shortcut);
  return key ? t('toolbar.hint', { name: text, key }) : text;
}

/**
 * A button of the toolbar. Its name never changes; pressed means on.
 * @param {{icon: string, name: string, pressed: boolean, onClick: () => void, tip?: string, shortcut: string, children?: ComponentChildren}} props
 */
function Tool({ icon, name, pressed, onClick, tip = name, shortcut, children }) {
  return h('button', {
    class: `tool ${pressed ? 'on' : ''}`, type: 'button', 'aria-label': name, 'aria-pressed': pressed, onClick,
    title: hinted(tip, shortcut),
  }, h(Icon, { name: icon }), h('span', { class: 'text' }, name), children);
}

/** While the microphone is being opened the button does nothing; it stays focusable, so that the focus is not lost. */
function MicTool() {
  const { on, busy, error } = mic.value;
  return h('div', { class: `split ${on ? '' : 'off'} ${talking.value ? 'talking' : ''}` },
    h('button', {
      class: 'tool', type: 'button', 'aria-label': t('toolbar.mic'), 'aria-pressed': on, 'aria-disabled': busy, onClick: () => busy || setMic(!on),
      title: error ? t(error) : hinted(t(on ? 'toolbar.mic.turnOff' : 'toolbar.mic.turnOn'), 'mic'),
    }, h(Icon, { name: on ? 'mic' : 'mic-off' }), h('span', { class: 'text', 'data-on': t('toolbar.mic.short'), 'data-off': t('toolbar.mic.off') }, t(talking.value ? 'toolbar.talking' : 'toolbar.mic.short')),
    error && h('span', { class: 'badge alert' }, '!')),
    !phone.value && h(DeviceArrow, { kind: 'audio', icon: 'chevron-up' }));
}

/** As for the microphone. */
function CameraTool() {
  const { on, busy, error } = camera.value;
  return h('div', { class: `split ${on ? '' : 'off'}` },
    h('button', {
      class: 'tool', type: 'button', 'aria-label': t('toolbar.camera'), 'aria-pressed': on, 'aria-disabled': busy, onClick: () => busy || setCamera(!on),
      title: error ? t(error) : hinted(t(on ? 'toolbar.camera.turnOff' : 'toolbar.camera.turnOn'), 'camera'),
    }, h(Icon, { name: on ? 'video' : 'video-off' }), h('span', { class: 'text', 'data-on': t('toolbar.camera'), 'data-off': t('toolbar.camera.off') }, t('toolbar.camera')),
    error && h('span', { class: 'badge alert' }, '!')),
    !phone.value && h(DeviceArrow, { kind: 'video', icon: 'chevron-up' }));
}

function HandTool() {
  const up = Boolean(users.value.get(me.value.id)?.handSince);
  return h(Tool, { icon: 'hand', name: t('toolbar.hand'), tip: t(up ? 'people.lowerHand' : 'people.raiseHand'), pressed: up, shortcut: 'hand', onClick: toggleHand });
}

/** @type {typeof import('./more-menu.js').MoreMenu | undefined} */
let MoreMenu;

/** What is needed less often. It is loaded once the call is there, so that it opens even where the connection is lost later. */
function MoreTool() {
  const [open, setOpen] = useState(false);
  const load = async () => { ({ MoreMenu } = await import('./more-menu.js')); };
  useEffect(() => void load().catch(() => {}), []);
  const toggle = () => load().then(() => setOpen(!open), () => notify('error', t('notice.notLoaded')));
  return h('div', { class: 'more' },
    h('button', {
      class: `tool ${open ? 'open' : ''}`, type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-label': t('toolbar.more'),
      title: t('toolbar.more'), onClick: toggle,
    }, h(Icon, { name: 'ellipsis' }), h('span', { class: 'text' }, t('toolbar.more'))),
    open && MoreMenu && h(MoreMenu, { close: () => setOpen(false) }));
}

/**
 * Exactly one button of the toolbar takes part in the order of Tab.
 * @param {HTMLElement | null} bar
 */
function rove(bar) {
  const buttons = buttonsOf(bar);
  const current = buttons.find((b) => b === document.activeElement) ?? buttons.find((b) => b.tabIndex === 0 && b.dataset['rove']) ?? buttons[0];
  for (const b of buttons) {
    b.dataset['rove'] = 'yes';
    b.tabIndex = b === current ? 0 : -1;
  }
}

/**
 * @param {HTMLElement | null} bar
 * @param {KeyboardEvent} e
 */
function moveFocus(bar, e) {
  const buttons = buttonsOf(bar);
  const at = buttons.findIndex((b) => b === document.activeElement);
  const rtl = document.documentElement.dir === 'rtl' ? -1 : 1;
  const to = { ArrowRight: at + rtl, ArrowLeft: at - rtl, Home: 0, End: -1 }[e.key];
  if (at < 0 || to === undefined) return;
  e.preventDefault();
  buttons.at(to % buttons.length)?.focus();
  rove(bar);
}

/** @param {HTMLElement | null} bar */
function buttonsOf(bar) {
  return [...(bar?.querySelectorAll('button') ?? [])].filter((b) => !b.closest('[role="menu"]') && !b.disabled);
}
