// Keys that act in a call. One table: the list of them is shown from it, and people can change it.

import { camera, dialog, may, mic, panel, phase, pinned, talking } from './store.js';
import { changeSettings, settings } from './settings.js';
import { setCamera, setMic } from './capture.js';
import { toggleFullScreen } from './viewport.js';
import { nextLayout, pinNth } from './view.js';
import { toggleHand, togglePanel, toggleShare } from './actions.js';

/**
 * @typedef {object} Shortcut
 * @property {string} id
 * @property {string} key as the keyboard types it, in lower case
 * @property {'devices' | 'view' | 'panels' | 'general'} section of the list
 * @property {string} label key of the text
 * @property {() => unknown} act
 * @property {() => unknown} [release] when the key is let go
 */

/** @type {Shortcut[]} */
export const SHORTCUTS = [
  { id: 'mic', key: 'm', section: 'devices', label: 'shortcut.mic', act: () => may('present') && setMic(!mic.value.on) },
  { id: 'talk', key: ' ', section: 'devices', label: 'shortcut.talk', act: startTalking, release: stopTalking },
  { id: 'camera', key: 'v', section: 'devices', label: 'shortcut.camera', act: () => may('present') && setCamera(!camera.value.on) },
  { id: 'share', key: 'd', section: 'devices', label: 'shortcut.share', act: () => may('present') && toggleShare() },
  { id: 'hand', key: 'r', section: 'devices', label: 'shortcut.hand', act: toggleHand },
  { id: 'fullScreen', key: 's', section: 'view', label: 'shortcut.fullScreen', act: () => toggleFullScreen() },
  { id: 'layout', key: 'w', section: 'view', label: 'shortcut.layout', act: nextLayout },
  { id: 'unpin', key: '0', section: 'view', label: 'shortcut.unpin', act: () => { pinned.value = ''; } },
  { id: 'region', key: 'f6', section: 'view', label: 'shortcut.region', act: () => toNextRegion(1) },
  { id: 'chat', key: 'c', section: 'panels', label: 'shortcut.chat', act: () => togglePanel('chat') },
  { id: 'people', key: 'p', section: 'panels', label: 'shortcut.people', act: () => togglePanel('people') },
  { id: 'write', key: '/', section: 'panels', label: 'shortcut.write', act: write },
  { id: 'settings', key: ',', section: 'general', label: 'shortcut.settings', act: () => { dialog.value = { kind: 'settings' }; } },
  { id: 'list', key: '?', section: 'general', label: 'shortcut.list', act: () => { dialog.value = { kind: 'shortcuts' }; } },
];

/** Keys that mean something everywhere and stay as they are. */
const RESERVED = ['escape', 'enter', 'tab', 'arrowup', 'arrowdown', 'arrowleft', 'arrowright', 'home', 'end', 'pageup', 'pagedown', 'backspace', 'delete'];

function startTalking() {
  if (!may('present') || mic.value.on || mic.value.busy) return;
  talking.value = true;
  void setMic(true);
}

/** A microphone that is still being opened is closed again. */
function stopTalking() {
  if (talking.value) void setMic(false);
  talking.value = false;
}

function write() {
  if (panel.value !== 'chat') togglePanel('chat');
  const field = document.querySelector('.compose textarea');
  if (field instanceof HTMLElement) field.focus();
}

/**
 * Gives the focus to the next part of the page: stage, toolbar, panel.
 * @param {1 | -1} step
 */
function toNextRegion(step) {
  const regions = ['.stage', '.bar-tools', '.panel'].flatMap((part) => [...document.querySelectorAll(part)]);
  const at = regions.findIndex((e) => e.contains(document.activeElement));
  const next = regions[(at + step + regions.length) % regions.length];
  const target = next?.matches('.stage') ? next : next?.querySelector('textarea, [tabindex="0"], button:not([tabindex="-1"])');
  if (target instanceof HTMLElement) target.focus();
}

/**
 * @param {Shortcut} shortcut
 * @returns {string} the key that it has now; empty for none
 */
export function keyOf({ id, key }) {
  return settings.value.keys[id] ?? key;
}

/**
 * @param {string} id of a shortcut
 * @returns {string} the key that it has now, as keyboards show it; empty for none, and where keys are switched off
 */
export function keyHint(id) {
  const shortcut = SHORTCUTS.find((s) => s.id === id);
  return settings.value.shortcuts && shortcut ? keyOf(shortcut).toUpperCase() : '';
}

/**
 * Gives a shortcut another key, which is taken away from the one that has it.
 * @param {string} id
 * @param {string} key as the keyboard types it
 * @returns {boolean} false for a key that cannot be had
 */
export function changeKey(id, key) {
  const wanted = key.toLowerCase();
  if (RESERVED.includes(wanted)) return false;
  const keys = { ...settings.value.keys, [id]: wanted };
  for (const other of SHORTCUTS) if (other.id !== id && keyOf(other) === wanted) keys[other.id] = '';
  changeSettings({ keys });
  return true;
}

/** All keys are again what they were. */
export function resetKeys() {
  changeSettings({ keys: {} });
}

/** @typedef {Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'repeat'> & {shiftKey?: boolean}} Stroke */

/** Control with a letter, as other programs have it. @type {Record<string, string>} */
const WITH_CONTROL = { d: 'mic', e: 'camera' };

/**
 * @param {Stroke} e
 * @param {boolean} typing whether the key goes into a field
 * @param {boolean} [onControl] whether a button or the like has the focus, for which the space bar is
 * @returns {Shortcut | {act: () => unknown, release?: undefined} | null} what the key does now
 */
export function actionOf(e, typing, onControl = false) {
  if (phase.value !== 'joined' || dialog.value) return null;
  const key = e.key.toLowerCase();
  if (key === 'escape') return panel.value ? { act: () => togglePanel(panel.value) } : null;
  if (key === 'f6' && e.shiftKey) return { act: () => toNextRegion(-1) };
  if (!settings.value.shortcuts || e.repeat || e.altKey || e.metaKey) return null;
  if (e.ctrlKey) return (!e.shiftKey && SHORTCUTS.find((s) => s.id === WITH_CONTROL[key])) || null;
  if (typing && key.length === 1) return null;
  if (onControl && key === ' ') return null;
  const found = SHORTCUTS.find((s) => keyOf(s) === key);
  // Digits pin, as long as they have not been given to something else.
  return found ?? (/^[1-9]$/.test(key) ? { act: () => pinNth(Number(key)) } : null);
}

/** Listens to the keyboard from now on. */
export function watchKeyboard() {
  /** @type {(() => unknown) | undefined} */
  let release;
  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented) return;
    const target = e.target instanceof HTMLElement ? e.target : null;
    const typing = target !== null && (target.isContentEditable || target.matches('input, textarea, select'));
    const found = actionOf(e, typing, target?.matches('button, a, summary, [role="menuitem"], video') ?? false);
    if (!found) return;
    e.preventDefault();
    release = found.release ?? release;
    found.act();
  });
  document.addEventListener('keyup', () => {
    release?.();
    release = undefined;
  });
  globalThis.addEventListener('blur', () => {
    release?.();
    release = undefined;
  });
}
