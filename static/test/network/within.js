// Runs Firefox in a network namespace: node within.js NAMESPACE PROGRAM [ARGUMENT...]
//
// It is driven over a port, of which nobody outside the namespace knows. Here one of the same number stands for it, since Firefox
// answers to its own only; each of its connections is carried by a program inside.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [namespace = '', ...command] = process.argv.slice(2);
const inside = ['netns', 'exec', namespace];
/** How Firefox is told to choose a port. */
const ANY_PORT = '--remote-debugging-port=0';
/** What carries a connection to a port, by its standard input and output. */
const CARRIER = 'const s = require("net").connect(Number(process.argv[1]), "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout)';

const server = createServer((socket) => {
  const carrier = spawn('ip', [...inside, process.execPath, '-e', CARRIER, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  socket.pipe(carrier.stdin);
  carrier.stdout.pipe(socket);
  for (const end of [socket, carrier.stdin]) end.on('error', () => carrier.kill());
  carrier.on('exit', () => socket.destroy());
  socket.on('close', () => carrier.kill());
});
await new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(undefined)); });
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

const browser = spawn('ip', [...inside, ...command.map((a) => (a === ANY_PORT ? ANY_PORT.replace(/0$/, String(port)) : a))], { stdio: 'inherit' });
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.on(signal, () => browser.kill(signal));
browser.on('exit', (code) => { process.exit(code ?? 1); });
