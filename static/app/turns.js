// Taking turns, where there are too many for all to be asked at once.

/**
 * @template T
 * @param {T[]} list
 * @param {number} from
 * @param {number} count
 * @returns {T[]} so many of the list, from there on and round
 */
export function inTurn(list, from, count) {
  const begin = list.length > 0 ? from % list.length : 0;
  return [...list.slice(begin), ...list.slice(0, begin)].slice(0, count);
}
