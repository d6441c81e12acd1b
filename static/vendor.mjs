// Bundles what the client takes from the packages of package-lock.json into third-party/, with
// their licences, so that the client runs from source without a build step and without a network;
// and makes classic scripts of modules of lib/, for pages that load them under their old names.
//
//   node vendor.mjs           writes them
//   node vendor.mjs --check   exits 1 if they are not what the lock file and lib/ give

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const here = new URL('./', import.meta.url);
const target = new URL('third-party/', here);

/** The icons of the sprite: names of the Lucide set. */
const ICONS = [
  'accessibility', 'arrow-down', 'arrow-up', 'check', 'chevron-down', 'chevron-left', 'chevron-right', 'chevron-up', 'circle-alert', 'circle-dot',
  'copy', 'door-open', 'download', 'ellipsis', 'eye', 'file-text', 'hand', 'info', 'key', 'keyboard', 'loader-circle', 'lock', 'lock-open',
  'log-out', 'maximize', 'megaphone', 'message-square', 'mic', 'mic-off', 'monitor', 'moon', 'network', 'paperclip', 'pause', 'play', 'plus',
  'rotate-ccw', 'screen-share', 'screen-share-off', 'search', 'send-horizontal', 'settings', 'share-2', 'sun', 'trash-2', 'triangle-alert',
  'user-plus', 'users', 'video', 'video-off', 'volume-2', 'volume-x', 'x',
];

const SIGNALS = `export * from '@preact/signals-core';\n`;
const PREACT = `export { h, render, Fragment, createRef } from 'preact';
export { useEffect, useLayoutEffect, useRef, useState, useMemo, useId, useCallback } from 'preact/hooks';
export { useSignal, useComputed, useSignalEffect } from '@preact/signals';
`;
const OF_PREACT = ['preact', '@preact/signals'];
const OF_SIGNALS = ['@preact/signals-core'];

/**
 * @param {string} contents
 * @param {string} banner
 * @returns {Promise<string>} one minified ES module; the signal core is left to signals.js, so that both modules share it
 */
async function bundle(contents, banner) {
  const isCore = contents === SIGNALS;
  const result = await build({
    stdin: { contents, resolveDir: here.pathname, sourcefile: 'entry.js' },
    bundle: true, write: false, minify: true, format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none',
    banner: { js: `/* ${banner} */` },
    plugins: isCore ? [] : [{
      name: 'shared-core',
      setup: (b) => b.onResolve({ filter: /^@preact\/signals-core$/ }, () => ({ path: './signals.js', external: true })),
    }],
  });
  const out = result.outputFiles[0];
  if (!out) throw new Error('esbuild produced nothing');
  return out.text;
}

/** @param {string} path below node_modules */
const pkg = (path) => readFile(new URL(`node_modules/${path}`, here), 'utf8');

/** @param {string} name */
async function title(name) {
  const { version, license } = JSON.parse(await pkg(`${name}/package.json`));
  return `${name} ${version} (${license})`;
}

async function sprite() {
  const symbols = await Promise.all(ICONS.map(async (name) => {
    const svg = await pkg(`lucide-static/icons/${name}.svg`);
    const body = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.indexOf('</svg>')).replace(/\s*\n\s*/g, '');
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- ${await title('lucide-static')}, see LICENSES.txt -->\n${symbols.join('\n')}\n</svg>\n`;
}

async function licences() {
  const parts = await Promise.all([...OF_PREACT, ...OF_SIGNALS, 'lucide-static'].map(async (name) =>
    `${await title(name)}\n\n${(await pkg(`${name}/LICENSE`)).trim()}\n`));
  return parts.join(`\n${'-'.repeat(79)}\n\n`);
}

/** The library of the administrative interface as a classic script, which declares functions. */
async function management() {
  const module = await readFile(new URL('lib/management.js', here), 'utf8');
  return `// Made of lib/management.js by "npm run vendor".\n\n${module.replace(/^export /gm, '')}` +
    "\nsetManagementBase(new URL('galene-api/v0/', /** @type {HTMLScriptElement} */ (document.currentScript).src).href);\n";
}

/** The protocol library as a classic script, which defines its classes as globals. */
async function protocol() {
  const result = await build({
    entryPoints: [new URL('lib/classic.js', here).pathname], absWorkingDir: here.pathname,
    bundle: true, write: false, minify: true,
    format: 'iife', globalName: 'galeneProtocol', target: 'es2022', charset: 'utf8', legalComments: 'none',
    banner: { js: '// The protocol library as a classic script. Made of lib/classic.js by "npm run vendor".' },
    footer: { js: 'Object.assign(globalThis, galeneProtocol);' },
  });
  const out = result.outputFiles[0];
  if (!out) throw new Error('esbuild produced nothing');
  return out.text;
}

/** @param {string[]} names */
const banner = async (names) => `${(await Promise.all(names.map(title))).join(', ')}, see LICENSES.txt`;

/** @returns {Promise<Record<string, string>>} file name below third-party/ to content */
export async function vendored() {
  return {
    'preact.js': await bundle(PREACT, await banner(OF_PREACT)),
    'preact.d.ts': `${PREACT}export type { ComponentChildren, RefObject, VNode } from 'preact';\n`,
    'signals.js': await bundle(SIGNALS, await banner(OF_SIGNALS)),
    'signals.d.ts': SIGNALS,
    'icons.svg': await sprite(),
    'LICENSES.txt': await licences(),
  };
}

/** @returns {Promise<Record<string, string>>} file name to content, of what is made of our own modules */
export async function classicScripts() {
  return { 'management.js': await management(), 'protocol.js': await protocol() };
}

async function main() {
  const check = process.argv.includes('--check');
  await mkdir(target, { recursive: true });
  const made = Object.entries(await vendored()).map(([name, content]) => [`third-party/${name}`, content])
    .concat(Object.entries(await classicScripts()));
  for (const [name = '', content = ''] of made) {
    const url = new URL(name, here);
    const old = await readFile(url, 'utf8').catch(() => null);
    if (old === content) continue;
    if (check) {
      console.error(`${name} does not match its source: run "npm run vendor"`);
      process.exitCode = 1;
    } else {
      await writeFile(url, content);
    }
  }
}

if (import.meta.url === `file://${process.argv[1]}`) await main();
