// Which modules a page is made of.

import { readFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const AT_ONCE = /(?:import|export)\s[^'"]*?from\s*['"](\.[^'"]+)['"]|import\s*['"](\.[^'"]+)['"]/g;
const LATER = /import\(\s*['"](\.[^'"]+)['"]/g;

/**
 * @param {string} entry path of a module
 * @param {{lazy?: boolean}} [options] lazy: also those that it loads when they are needed
 * @returns {Promise<string[]>} every other module that it loads, directly or not
 */
export async function modulesOf(entry, { lazy = false } = {}) {
  const found = new Set([entry]);
  for (const path of found) {
    const code = await readFile(new URL(path, root), 'utf8');
    for (const m of [...code.matchAll(AT_ONCE), ...lazy ? code.matchAll(LATER) : []]) {
      found.add(new URL(m[1] ?? m[2] ?? '', new URL(path, root)).href.slice(root.href.length));
    }
  }
  found.delete(entry);
  return [...found].sort();
}
