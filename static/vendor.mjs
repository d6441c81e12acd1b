// Bundles what the client takes from the packages of package-lock.json into third-party/, with
// their licences, so that the client runs from source without a build step and without a network;
// and makes classic scripts of modules of lib/, for pages that load them under their old names.
//
//   node vendor.mjs           writes them
//   node vendor.mjs --check   exits 1 if they are not what the lock file and lib/ give

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import { withInputMetadata } from './vendor-model.mjs';

const here = new URL('./', import.meta.url);
const target = new URL('third-party/', here);

/** The icons of the sprite: names of the Lucide set. */
const ICONS = [
  'accessibility', 'arrow-down', 'arrow-up', 'check', 'chevron-down', 'chevron-left', 'chevron-right', 'chevron-up', 'circle-alert',
  'circle-dot', 'clipboard', 'copy', 'door-open', 'download', 'ellipsis', 'eye', 'eye-off', 'file-text', 'globe', 'hand', 'info', 'key',
  'keyboard', 'layout-grid', 'loader-circle', 'lock', 'lock-open', 'log-out', 'maximize', 'megaphone', 'message-square', 'mic',
  'mic-off', 'monitor', 'moon', 'move', 'network', 'paperclip', 'pause', 'picture-in-picture-2', 'pin', 'pin-off', 'play', 'plus',
  'rotate-ccw', 'screen-share', 'screen-share-off', 'search', 'send-horizontal', 'settings', 'share-2', 'signal', 'sparkles', 'sun', 'switch-camera',
  'trash-2', 'triangle-alert', 'user', 'user-plus', 'users', 'video', 'video-off', 'volume-2', 'volume-x', 'x',
];

const SIGNALS = `export * from '@preact/signals-core';\n`;
const PREACT = `export { h, render } from 'preact';
export { useEffect, useLayoutEffect, useRef, useState, useMemo, useId } from 'preact/hooks';
import '@preact/signals';
`;
const QR = `export { encodeQR } from 'qr';\n`;
const OF_PREACT = ['preact', '@preact/signals'];
const OF_QR = ['qr'];
const OF_SIGNALS = ['@preact/signals-core'];
/** The library that tells people from their background, and the older package that contains the model for it. */
const VISION = '@mediapipe/tasks-vision';
const MODEL = '@mediapipe/selfie_segmentation';
const OF_BLUR = [VISION, MODEL];
/** The text of the Apache License 2.0, which the packages of MediaPipe name but do not contain. */
const APACHE = 'typescript/LICENSE';

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
const raw = (path) => readFile(new URL(`node_modules/${path}`, here));
/** @param {string} path below node_modules */
const pkg = async (path) => String(await raw(path));

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
  /** @type {Map<string, string[]>} the packages under each text */
  const under = new Map();
  const files = [...[...OF_PREACT, ...OF_SIGNALS, 'lucide-static'].map((name) => [name, `${name}/LICENSE`]), ['qr', 'qr/LICENSE-MIT'],
    ...OF_BLUR.map((name) => [name, APACHE])];
  for (const [name = '', file = ''] of files) {
    const text = (await pkg(file)).trim();
    under.set(text, [...under.get(text) ?? [], await title(name)]);
  }
  return [...under].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(79)}\n\n`);
}

/** The library of the administrative interface as a classic script, which declares functions. */
async function management() {
  const module = await readFile(new URL('lib/management.js', here), 'utf8');
  const script = `${module.replace(/^export /gm, '')}setManagementBase(new URL('galene-api/v0/', document.currentScript.src).href);`;
  const { code } = await transform(script, { minify: true, target: 'es2022', charset: 'utf8', legalComments: 'none' });
  return `// The library of the administrative interface as a classic script. Made of lib/management.js by "npm run vendor".\n${code}`;
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

/** @returns {Promise<Record<string, string | Uint8Array>>} what the blur loads, as its packages have it but for the model's metadata */
async function segmentation() {
  const bundled = (await pkg(`${VISION}/vision_bundle.mjs`)).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  return {
    'tasks-vision/vision_bundle.js': `/* ${await banner(OF_BLUR)} */\n${bundled}`,
    'tasks-vision/vision_bundle.d.ts': `export * from '${VISION}';\n`,
    'tasks-vision/wasm/vision_wasm_module_internal.js': await raw(`${VISION}/wasm/vision_wasm_module_internal.js`),
    'tasks-vision/wasm/vision_wasm_module_internal.wasm': await raw(`${VISION}/wasm/vision_wasm_module_internal.wasm`),
    'tasks-vision/models/selfie_segmenter_landscape.tflite': withInputMetadata(await raw(`${MODEL}/selfie_segmentation_landscape.tflite`)),
  };
}

/** @returns {Promise<Record<string, string | Uint8Array>>} file name below third-party/ to content */
export async function vendored() {
  return {
    'preact.js': await bundle(PREACT, await banner(OF_PREACT)),
    'preact.d.ts': `${PREACT}export type { ComponentChildren, RefObject, VNode } from 'preact';\n`,
    'signals.js': await bundle(SIGNALS, await banner(OF_SIGNALS)),
    'signals.d.ts': SIGNALS,
    'qr.js': await bundle(QR, await banner(OF_QR)),
    'qr.d.ts': QR,
    'icons.svg': await sprite(),
    'LICENSES.txt': await licences(),
    ...await segmentation(),
  };
}

/** @returns {Promise<Record<string, string>>} file name to content, of what is made of our own modules */
export async function classicScripts() {
  return { 'management.js': await management(), 'protocol.js': await protocol() };
}

async function main() {
  const check = process.argv.includes('--check');
  await mkdir(target, { recursive: true });
  const made = { ...await classicScripts(), ...Object.fromEntries(Object.entries(await vendored()).map(([name, content]) => [`third-party/${name}`, content])) };
  for (const [name, content] of Object.entries(made)) {
    const url = new URL(name, here);
    const old = await readFile(url).catch(() => null);
    if (old?.equals(Buffer.from(content))) continue;
    if (check) {
      console.error(`${name} does not match its source: run "npm run vendor"`);
      process.exitCode = 1;
    } else {
      await mkdir(new URL('./', url), { recursive: true });
      await writeFile(url, content);
    }
  }
}

if (import.meta.url === `file://${process.argv[1]}`) await main();
