// A typed event emitter.

/**
 * @template {Record<string, unknown>} Events name of an event to what its listeners get
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /**
   * Calls fn at every event of that name, in the order of registration.
   * @template {keyof Events} K
   * @param {K} name
   * @param {(detail: Events[K]) => void} fn
   * @returns {() => void} takes the listener away
   */
  on(name, fn) {
    let set = this.#listeners.get(name);
    if (!set) this.#listeners.set(name, set = new Set());
    set.add(fn);
    return () => set.delete(fn);
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {Events[K]} detail
   */
  emit(name, detail) {
    for (const fn of [...(this.#listeners.get(name) ?? [])]) fn(detail);
  }
}
