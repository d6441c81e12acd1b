// A file that we play to everybody, with the browser's own controls.

import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { refuseFile, sendFile } from '../app/played-files.js';
import { stopFile } from '../app/capture.js';
import { playedFiles } from '../app/store.js';

/** @param {{id: string}} props of the file */
export function PlayedFile({ id }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const file = playedFiles.value.find((f) => f.id === id);
  useLayoutEffect(() => {
    // What is freed with the element is not read again.
    return () => ref.current?.removeAttribute('src');
  }, []);
  if (!file) return null;
  return h('video', {
    ref, class: 'played', src: file.url, controls: true, playsInline: true, preload: 'auto', 'aria-label': file.name,
    onLoadedData: () => { if (ref.current && file.media.getTracks().length === 0) sendFile(file, ref.current); },
    onEnded: () => stopFile(id), onError: () => { if (ref.current?.hasAttribute('src')) refuseFile(file); },
  });
}
