// Single keys that act in a call.

import { toggleHand, togglePanel, toggleShare } from './actions.js';
import { camera, dialog, may, mic, panel, phase } from './store.js';
import { setCamera, setMic } from './capture.js';
import { settings } from './settings.js';

/** @type {Record<string, () => unknown>} by the character that the key types */
const KEYS = {
  m: () => may('present') && setMic(!mic.value.on),
  v: () => may('present') && setCamera(!camera.value.on),
  d: () => may('present') && toggleShare(),
  r: toggleHand,
  c: () => togglePanel('chat'),
  p: () => togglePanel('people'),
};

/**
 * @param {Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'repeat'>} e
 * @param {boolean} typing whether the key goes into a field
 * @returns {(() => unknown) | null} what the key does now
 */
export function actionOf(e, typing) {
  if (phase.value !== 'joined' || dialog.value) return null;
  if (e.key === 'Escape') return panel.value ? () => togglePanel(panel.value) : null;
  if (typing || !settings.value.shortcuts || e.repeat || e.ctrlKey || e.altKey || e.metaKey) return null;
  const key = e.key.toLowerCase();
  return Object.hasOwn(KEYS, key) ? KEYS[key] ?? null : null;
}

/** Listens to the keyboard from now on. */
export function watchKeyboard() {
  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented) return;
    const target = e.target;
    const typing = target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
    const act = actionOf(e, typing);
    if (!act) return;
    e.preventDefault();
    act();
  });
}
