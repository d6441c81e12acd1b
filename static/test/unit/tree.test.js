import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { classicScripts, vendored } from '../../vendor.mjs';
import { modulesOf } from '../modules.js';

const root = new URL('../../', import.meta.url);
const PAGES = ['index.html', 'galene.html', '404.html', 'stats.html', 'change-password.html', 'admin/index.html'];

/** @param {string} path */
const read = (path) => readFile(new URL(path, root), 'utf8');

test('third-party/ is what the lock file gives', async () => {
  const made = await vendored();
  for (const [name, content] of Object.entries(made)) {
    assert.ok((await readFile(new URL(`third-party/${name}`, root))).equals(Buffer.from(content)), `${name}: run "npm run vendor"`);
  }
  const found = await readdir(new URL('third-party', root), { recursive: true, withFileTypes: true });
  const files = found.filter((e) => e.isFile()).map((e) => new URL(e.name, `file://${e.parentPath ?? e.path}/`).href.slice(`${root.href}third-party/`.length));
  assert.deepEqual(files.sort(), Object.keys(made).sort());
});

test('classic scripts are made of their modules', async () => {
  for (const [name, content] of Object.entries(await classicScripts())) assert.equal(await read(name), content, `${name}: run "npm run vendor"`);
});

test('the lock file names no registry', async () => {
  assert.doesNotMatch(await read('package-lock.json'), /"resolved"/);
});

test('pages load only files that exist, and carry no script or style of their own', async () => {
  for (const page of PAGES) {
    const html = await read(page);
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/, page);
    const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map((m) => m[1] ?? '').filter((l) => l !== '/');
    assert.ok(links.length > 0);
    for (const link of links) {
      assert.doesNotMatch(link, /^\w+:|^\/\//, `${page} leaves the origin`);
      await stat(link.startsWith('/') ? new URL(link.slice(1), root) : new URL(link, new URL(page, root)));
    }
  }
});

test('pages announce all their modules, so that they come in one round trip', async () => {
  for (const [page, entry] of /** @type {const} */ ([['index.html', 'pages/index.js'], ['galene.html', 'pages/group.js'],
    ['stats.html', 'pages/stats.js'], ['admin/index.html', 'pages/admin.js'], ['change-password.html', 'pages/password.js']])) {
    const announced = [...(await read(page)).matchAll(/rel="modulepreload" href="(?:\/|\.\.\/)?([^"]+)"/g)].map((m) => m[1]).sort();
    assert.deepEqual(announced, await modulesOf(entry), page);
  }
});

test('the first load of a call is small', async () => {
  let bytes = 0;
  const css = [...(await read('galene.html')).matchAll(/href="\/(css\/[^"]+)"/g)].map((m) => m[1] ?? '');
  for (const path of ['galene.html', 'pages/group.js', 'third-party/icons.svg', 'locales/en.json', ...css, ...await modulesOf('pages/group.js')]) {
    bytes += gzipSync(await readFile(new URL(path, root))).length;
  }
  assert.ok(bytes < 250_000, `${bytes} bytes`);
});

test('style sheets name colours only in tokens.css, and stay short', async () => {
  const paths = [...(await readdir(new URL('css', root))).filter((n) => n.endsWith('.css')).map((n) => `css/${n}`),
    ...(await readdir(new URL('css/ui', root))).map((n) => `css/ui/${n}`)];
  for (const path of paths) {
    const css = await read(path);
    assert.ok(css.split('\n').length <= 250, path);
    if (path !== 'css/tokens.css') assert.doesNotMatch(css, /#[0-9a-f]{3,8}\b|rgb\(/i, path);
  }
});
