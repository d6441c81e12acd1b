// How loud a microphone is, as a row of lights.

import { h, useEffect, useState } from '../third-party/preact.js';
import { t } from '../app/i18n.js';
import { watchLevel } from '../app/meter.js';

/**
 * @param {{track: MediaStreamTrack | null, steps?: number, class?: string}} props without a track the row is dark
 */
export function Meter({ track, steps = 12, class: extra = '' }) {
  const [lit, setLit] = useState(0);
  useEffect(() => {
    if (!track) {
      setLit(0);
      return undefined;
    }
    return watchLevel(track, (level) => setLit(Math.round(level * steps)));
  }, [track, steps]);
  return h('span', {
    class: `meter ${extra}`, role: 'meter', 'aria-label': t('meter.label'), 'aria-valuemin': 0, 'aria-valuemax': steps, 'aria-valuenow': lit,
  }, Array.from({ length: steps }, (_, i) => h('i', { key: i, class: i < lit ? 'on' : '' })));
}
