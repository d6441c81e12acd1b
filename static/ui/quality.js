// The mark on a tile whose stream does not arrive well.

import { h } from '../third-party/preact.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/quality.js').Quality} Quality */

/**
 * What is wrong, and whose line or machine it is.
 * @param {Quality} quality
 * @param {string} name of the person who sends
 */
export function qualityText({ level, cause }, name) {
  const reason = { theirs: () => t('quality.theirs', { name }), yours: () => t('quality.yours'), server: () => t('quality.server') }[cause]();
  return `${t(level === 'poor' ? 'quality.poor' : 'quality.fair')}. ${reason}`;
}

/**
 * Bars in the corner; they open the numbers.
 * @param {{quality: Quality, name: string, onClick: () => void}} props
 */
export function QualityMark({ quality, name, onClick }) {
  const text = qualityText(quality, name);
  return h('button', { class: `quality ${quality.level}`, type: 'button', 'aria-label': text, title: text, onClick }, h('i', {}), h('i', {}), h('i', {}));
}
