// Choosing files and saving them, which browsers let a page do only by elements.

/** How long the browser has to begin with a file before its address goes away, ms. */
const SAVE_WITHIN = 60_000;

/** @returns {Promise<File[]>} none if the person thinks better of it */
export function pickFiles() {
  const input = document.createElement('input');
  input.type = 'file';
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
