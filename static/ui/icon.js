// One icon of the sprite.

import { rootUrl } from '../app/paths.js';
import { h } from '../third-party/preact.js';

/**
 * Icons are decoration: the control they stand in carries the name.
 * @param {{name: string, class?: string}} props
 */
export function Icon({ name, class: extra = '' }) {
  return h('svg', { class: `i ${extra}`, 'aria-hidden': 'true' },
    h('use', { href: `${rootUrl('third-party/icons.svg')}#${name}` }));
}
