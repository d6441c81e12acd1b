// The element that plays a stream.

import { forget, play, useChosenSpeaker } from '../app/sound.js';
import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { settings } from '../app/settings.js';

/**
 * Plays a stream, with its sound unless muted. The element stays when the stream changes.
 * @param {{media: MediaStream | null, muted?: boolean, class?: string, hidden?: boolean, label?: string, volume?: number}} props
 */
export function Video({ media, muted = false, class: extra = '', hidden = false, label, volume = 1 }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    element.muted = muted;
    if (element.srcObject !== media) element.srcObject = media;
    if (media) void play(element);
  }, [media, muted]);
  useLayoutEffect(() => {
    if (ref.current) ref.current.volume = volume;
  }, [volume]);
  const { speaker } = settings.value;
  useLayoutEffect(() => {
    if (ref.current && !muted) useChosenSpeaker(ref.current);
  }, [speaker, muted]);
  useLayoutEffect(() => {
    const element = ref.current;
    return () => {
      if (!element) return;
      element.srcObject = null;
      forget(element);
    };
  }, []);
  return h('video', {
    ref, class: `${extra} ${hidden ? 'nopicture' : ''}`, autoplay: true, playsInline: true, disablePictureInPicture: muted,
    'aria-label': label, 'aria-hidden': label ? undefined : 'true',
    // Told of before the first picture and whenever a phone is turned.
    onResize: ({ currentTarget: v }) => { v.toggleAttribute('data-upright', v.videoHeight > v.videoWidth); },
  });
}
