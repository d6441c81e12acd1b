// Where the client's own files lie. Everything is found from the address of this module, so that
// the server may live under any path of a host.

/** The root of the server's tree, with a trailing slash. */
export const ROOT = new URL('../', import.meta.url).href;

/**
 * @param {string} path relative to the root of the server, without a leading slash
 * @returns {string} absolute address
 */
export function rootUrl(path) {
  return new URL(path, ROOT).href;
}
