// What is on the screen: a finite machine, so that it is never a mixture.

/** @typedef {'loading' | 'prejoin' | 'joining' | 'joined' | 'reconnecting' | 'lost' | 'left'} Phase */
/**
 * @typedef {'loaded' | 'join' | 'joined' | 'refused' | 'disconnected' | 'leave' | 'removed' | 'gaveUp' | 'retry'} PhaseEvent
 */

/** @type {Record<Phase, Partial<Record<PhaseEvent, Phase>>>} */
const TRANSITIONS = {
  loading: { loaded: 'prejoin' },
  prejoin: { join: 'joining' },
  joining: { joined: 'joined', refused: 'prejoin', removed: 'prejoin', leave: 'left' },
  joined: { disconnected: 'reconnecting', leave: 'left', removed: 'prejoin' },
  reconnecting: { joined: 'joined', refused: 'prejoin', removed: 'prejoin', gaveUp: 'lost', leave: 'left' },
  lost: { retry: 'reconnecting', leave: 'left' },
  left: { join: 'joining' },
};

/**
 * @param {Phase} phase
 * @param {PhaseEvent} event
 * @returns {Phase} the phase that follows; the same one when the event has no meaning in it
 */
export function next(phase, event) {
  return TRANSITIONS[phase][event] ?? phase;
}

/**
 * The tiles and the toolbar are shown.
 * @param {Phase} phase
 */
export function inCall(phase) {
  return phase === 'joined' || phase === 'reconnecting' || phase === 'lost';
}
