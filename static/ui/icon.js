// One icon of the sprite.

import { rootUrl } from '../app/paths.js';
import { h } from '../third-party/preact.js';

/** Those that point along the line of text, and so to the other side where that runs from right to left. */
const ALONG = /^(chevron-(left|right)|log-out|send-horizontal)$/;

/**
 * Icons are decoration: the control they stand in carries the name.
 * @param {{name: string, class?: string}} props
 */
export function Icon({ name, class: extra = '' }) {
  return h('svg', { class: `i ${ALONG.test(name) ? 'along' : ''} ${extra}`, 'aria-hidden': 'true' },
    h('use', { href: `${rootUrl('third-party/icons.svg')}#${name}` }));
}
