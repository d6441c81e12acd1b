// Choosing files, taking them and saving them, which browsers let a page do only by elements.

import { useState } from '../third-party/preact.js';

/** How long the browser has to begin with a file before its address goes away, ms. */
const SAVE_WITHIN = 60_000;

/**
 * @param {string} [kinds] MIME types of those to offer; all of them if empty
 * @returns {Promise<File[]>} none if the person thinks better of it
 */
export function pickFiles(kinds = '') {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = kinds;
  input.multiple = true;
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...input.files ?? []]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

/**
 * @param {Blob} blob
 * @param {string} name the browser takes out of it what a file name must not have
 */
export function saveFile(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name || 'file';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVE_WITHIN);
}

/**
 * Takes files that are dropped on an element.
 * @param {((files: File[]) => void) | false} take false where that is nothing for it
 * @returns {[boolean, object]} whether there are files over it, and its handlers
 */
export function useFileDrop(take) {
  const [over, setOver] = useState(false);
  if (!take) return [false, {}];
  /** @param {DragEvent} e @param {boolean} dragged */
  function files(e, dragged) {
    if (!e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();
    e.stopPropagation();
    setOver(dragged);
    if (!dragged) take && take([...e.dataTransfer.files]);
  }
  return [over, {
    onDragOver: (/** @type {DragEvent} */ e) => files(e, true), onDragLeave: () => setOver(false), onDrop: (/** @type {DragEvent} */ e) => files(e, false),
  }];
}
