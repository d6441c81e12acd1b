// A link as a picture that phones read.

import { h, useEffect, useState } from '../third-party/preact.js';
import { t } from '../app/i18n.js';

/** What is left white around the code, in its squares, as ISO/IEC 18004 wants it. */
const QUIET = 4;

/** @param {{text: string}} props */
export function QrCode({ text }) {
  const [squares, setSquares] = useState(/** @type {boolean[][]} */ ([]));
  useEffect(() => {
    // Without it there is still the link.
    import('../third-party/qr.js').then(({ encodeQR }) => setSquares(encodeQR(text, 'raw', { border: QUIET, ecc: 'low' })), () => {});
  }, [text]);
  const path = squares.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
  return path ? h('svg', { class: 'qr', role: 'img', 'aria-label': t('invite.qr'), viewBox: `0 0 ${squares.length} ${squares.length}`, 'shape-rendering': 'crispEdges' },
    h('path', { d: path })) : null;
}
