// Playing what the others send, though browsers play sound only after a gesture.

import { settings } from './settings.js';
import { soundBlocked } from './store.js';

/** @type {Set<HTMLMediaElement>} play without sound until the person allows it */
const silenced = new Set();

/**
 * Plays an element with sound, or without if the browser insists, until turnOnSound().
 * @param {HTMLMediaElement} element
 */
export async function play(element) {
  try {
    await element.play();
  } catch (e) {
    if (!(e instanceof Error) || e.name !== 'NotAllowedError' || element.muted) return;
    silenced.add(element);
    soundBlocked.value = true;
    element.muted = true;
    await element.play().catch(() => {});
  }
}

/** To be called from a click: gives every element its sound back. */
export function turnOnSound() {
  soundBlocked.value = false;
  for (const element of silenced) {
    element.muted = false;
    void play(element);
  }
  silenced.clear();
}

/** @param {HTMLMediaElement} element that leaves the document */
export function forget(element) {
  silenced.delete(element);
  if (silenced.size === 0) soundBlocked.value = false;
}

/**
 * Sends the sound of an element to the chosen loudspeaker, where the browser lets a page choose.
 * @param {HTMLMediaElement} element
 */
export function useChosenSpeaker(element) {
  const id = settings.value.speaker;
  if ('setSinkId' in element && element.sinkId !== id) void element.setSinkId(id).catch(() => {});
}
