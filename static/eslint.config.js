// Rules for the client. The directories may import each other in one direction only:
// lib <- app <- ui <- pages, layout (pure) <- app and ui.

import { builtinModules } from 'node:module';

/** Names that a browser provides. */
const BROWSER = [
  'AbortController', 'AbortSignal', 'AudioContext', 'Blob', 'DOMException', 'DataTransfer', 'File', 'Element', 'Event', 'HTMLAnchorElement', 'HTMLButtonElement', 'HTMLElement', 'HTMLInputElement', 'HTMLFormElement', 'HTMLMediaElement', 'HTMLTextAreaElement',
  'HTMLVideoElement', 'Intl', 'KeyboardEvent', 'MediaStream', 'MediaStreamTrack', 'Node', 'OffscreenCanvas', 'TransformStream', 'VideoFrame', 'Worker', 'createImageBitmap', 'postMessage', 'IntersectionObserver', 'RTCPeerConnection', 'RTCRtpSender', 'ResizeObserver', 'TextEncoder', 'URL', 'URLSearchParams', 'WebSocket', 'btoa',
  'clearInterval', 'clearTimeout', 'console', 'crypto', 'devicePixelRatio', 'document', 'fetch', 'getComputedStyle', 'getSelection', 'history', 'innerHeight', 'innerWidth', 'localStorage', 'location', 'matchMedia', 'navigator', 'performance', 'sessionStorage', 'setInterval', 'setTimeout', 'structuredClone',
];
/** What a library without a user interface may use of them. */
const LIB = [
  'Blob', 'MediaStream', 'RTCPeerConnection', 'TextEncoder', 'URL', 'WebSocket', 'btoa', 'clearInterval', 'clearTimeout', 'crypto', 'fetch', 'setInterval', 'setTimeout',
];
const NODE = ['Buffer', 'URLSearchParams', 'DOMException', 'Event', 'Response', 'URL', 'clearInterval', 'clearTimeout', 'EventTarget', 'console', 'fetch', 'process', 'setImmediate', 'setInterval', 'setTimeout'];

/** @param {string[]} names */
const globals = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

/**
 * @param {string} directory
 * @param {string[]} forbidden regular expressions of module names
 */
const fence = (directory, forbidden) => ({
  files: [`${directory}/**/*.js`],
  rules: { 'no-restricted-imports': ['error', { patterns: [...forbidden, '^[^.]'].map((regex) => ({ regex })) }] },
});

const RULES = {
  'constructor-super': 'error', eqeqeq: ['error', 'always'], 'for-direction': 'error', 'getter-return': 'error',
  'max-lines': ['error', 400], 'max-lines-per-function': ['error', 80], 'no-async-promise-executor': 'error', 'no-console': ['error', { allow: ['warn'] }],
  'no-const-assign': 'error', 'no-constant-condition': 'error', 'no-dupe-keys': 'error', 'no-duplicate-imports': 'error', 'no-empty': 'error', 'no-eval': 'error',
  'no-implied-eval': 'error', 'no-fallthrough': 'error', 'no-shadow': 'error', 'no-undef': 'error', 'no-unreachable': 'error',
  'no-unused-vars': ['error', { args: 'after-used' }], 'no-var': 'error', 'prefer-const': 'error', 'prefer-promise-reject-errors': 'error',
  'no-restricted-syntax': ['error',
    { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
    { selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]', message: 'Markup is made by h().' },
    { selector: 'Property[key.name="dangerouslySetInnerHTML"]', message: 'Markup is made by h().' },
  ],
};

const config = [
  { ignores: ['node_modules/', 'third-party/', 'management.js', 'protocol.js'] },
  { files: ['**/*.js'], languageOptions: { ecmaVersion: 2024, sourceType: 'module' }, rules: RULES },
  { files: ['{app,ui,pages}/**/*.js'], languageOptions: { globals: globals([...BROWSER, 'globalThis']) } },
  { files: ['example/*.js'], languageOptions: { sourceType: 'script', globals: globals([...BROWSER, 'ServerConnection']) } },
  { files: ['lib/**/*.js'], languageOptions: { globals: globals(LIB) } },
  { files: ['test/**/*.js', '*.js', '*.mjs'], languageOptions: { globals: globals([...NODE, 'globalThis']) }, rules: { 'no-console': 'off' } },
  { files: ['test/{e2e,screenshots,tiles}/**/*.js'], languageOptions: { globals: globals(BROWSER) } },
  fence('lib', ['^\\.\\./']),
  fence('layout', ['^\\.\\./']),
  fence('app', ['^\\.\\./(ui|pages)/', 'third-party/preact']),
  fence('ui', ['^\\.\\./pages/', '^\\.\\./lib/']),
  fence('pages', builtinModules.map((name) => `^${name}$`)),
  { files: ['eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
];

export default config;
