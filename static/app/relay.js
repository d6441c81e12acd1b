// The way of media to the server: whether anything gets through at all, and who asks for relays only.

import { computed, effect, signal, untracked } from '../third-party/signals.js';
import { settings } from './settings.js';

/** @typedef {import('../lib/index.js').ServerConnection} ServerConnection */

/** States of a stream that has no path yet, or none any more. */
const WITHOUT_PATH = ['new', 'checking', 'disconnected', 'failed'];
/** For so many measurements in a row streams may be without a path before the network, or the relays, are blamed. */
const PATIENCE = 6;

/** What the server said of the ways to it. */
const offered = signal(/** @type {RTCConfiguration} */ ({}));
/** Streams wait in vain. */
const stalled = signal(false);
let waiting = 0;

/** The person wants no other way. */
const wished = computed(() => settings.value.forceRelay);
/** The server allows no other way, whatever the person wants. */
export const relayImposed = computed(() => offered.value.iceTransportPolicy === 'relay');
/** The server has named a relay. */
export const relayOffered = computed(() => (offered.value.iceServers ?? []).some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url))));
/** Nothing gets through: media may take no other way than over relays, and there is none, or none that works. */
export const noRelay = computed(() => (wished.value || relayImposed.value) && (!relayOffered.value || stalled.value));
/** Nothing gets through, though every way is allowed: most often a firewall, here or at the server, stops UDP. */
export const noPath = computed(() => stalled.value && !wished.value && !relayImposed.value);

/**
 * What peer connections are to be made with from now on.
 * @param {ServerConnection} c
 * @param {RTCConfiguration} configuration of the server
 */
export function gotConfiguration(c, configuration) {
  offered.value = configuration;
  c.rtcConfiguration = wished.peek() ? { ...configuration, iceTransportPolicy: 'relay' } : configuration;
}

/**
 * The wish acts at once: the streams there are look for another path.
 * @param {() => ServerConnection | null} connection
 */
export function followRelay(connection) {
  let last = wished.peek();
  effect(() => {
    if (wished.value === last) return;
    last = wished.value;
    untracked(() => {
      const c = connection();
      waiting = 0;
      stalled.value = false;
      if (!c) return;
      gotConfiguration(c, offered.peek());
      for (const stream of [...c.up.values(), ...c.down.values()]) {
        stream.pc.setConfiguration?.(c.rtcConfiguration);
        stream.restart();
      }
    });
  });
}

/**
 * Looks whether streams wait in vain, every now and then. Of many ways one may be lost for reasons of its own; a relay is one for all.
 * Browsers call a path that never was disconnected, and the server has it looked for again before they call it failed.
 * @param {ServerConnection} c
 */
export function watchPaths(c) {
  const states = [...c.up.values(), ...c.down.values()].map(({ pc }) => pc.iceConnectionState);
  const without = states.filter((state) => WITHOUT_PATH.includes(state)).length;
  const lost = c.rtcConfiguration.iceTransportPolicy === 'relay' ? without > 0 : without > 0 && without === states.length;
  waiting = lost ? waiting + 1 : 0;
  stalled.value = waiting >= PATIENCE;
}
