// What a member does to others and to itself.

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */

/**
 * Says something to everybody. The server sends it back, which is how one's own words get on the screen.
 * @param {ServerConnection} c
 * @param {string} value
 * @param {'' | 'me'} [kind] `me` for the third person
 */
export function sendChat(c, value, kind = '') {
  c.send({ type: 'chat', kind, source: c.id, username: c.username, dest: '', value });
}

/**
 * Removes somebody from the group.
 * @param {ServerConnection} c
 * @param {string} dest client id
 * @param {string} [message] what they are told
 */
export function kick(c, dest, message) {
  c.send({ type: 'useraction', kind: 'kick', source: c.id, dest, ...(message && { value: message }) });
}

/**
 * Changes our data: each key overwrites, `null` takes the key away.
 * @param {ServerConnection} c
 * @param {import('./messages.js').UserData} data
 */
export function setData(c, data) {
  c.send({ type: 'useraction', kind: 'setdata', source: c.id, dest: c.id, value: data });
}
