// Random identifiers, as the protocol wants them from clients: 16 random bytes in hexadecimal.

/** @returns {string} 32 lower-case hexadecimal digits */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
