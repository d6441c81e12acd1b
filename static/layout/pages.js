// Dividing a sequence into pages.

/**
 * @template T
 * @param {T[]} items
 * @param {number} perPage at least 1
 * @param {number} wanted page asked for, from 0; a page beyond the last gives the last
 * @returns {{items: T[], page: number, pages: number}}
 */
export function pageOf(items, perPage, wanted) {
  const pages = Math.max(1, Math.ceil(items.length / perPage));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { items: items.slice(page * perPage, (page + 1) * perPage), page, pages };
}
