// What a member does to others and to itself.

/** @typedef {import('./connection.js').ServerConnection} ServerConnection */

/**
 * Says something, to everybody or to one. What is said to everybody the server sends back, which is
 * how one's own words get on the screen; what is said to one it does not.
 * @param {ServerConnection} c
 * @param {string} value
 * @param {'' | 'me'} [kind] `me` for the third person
 * @param {string} [dest] client id, empty for everybody
 */
export function sendChat(c, value, kind = '', dest = '') {
  c.send({ type: 'chat', kind, source: c.id, username: c.username, dest, value });
}

/**
 * Sends what programs rather than people read, and the warnings of operators.
 * @param {ServerConnection} c
 * @param {string} kind
 * @param {string} dest client id, empty for everybody
 * @param {unknown} [value]
 * @param {{noecho?: boolean}} [options] noecho: not to ourselves
 */
export function sendMessage(c, kind, dest, value, { noecho = false } = {}) {
  c.send({
    type: 'usermessage', kind, source: c.id, username: c.username, dest, ...(value !== undefined && { value }), ...(noecho && { noecho }),
  });
}

/**
 * Acts on a member. Whether we may is the server's to say.
 * @param {ServerConnection} c
 * @param {import('./messages.js').UserActionKind} kind
 * @param {string} dest client id
 * @param {unknown} [value]
 */
export function userAction(c, kind, dest, value) {
  c.send({ type: 'useraction', kind, source: c.id, dest, ...(value !== undefined && { value }) });
}

/**
 * Acts on the group.
 * @param {ServerConnection} c
 * @param {import('./messages.js').GroupActionKind} kind
 * @param {unknown} [value]
 */
export function groupAction(c, kind, value) {
  c.send({ type: 'groupaction', kind, source: c.id, username: c.username, ...(value !== undefined && { value }) });
}

/**
 * Removes somebody from the group.
 * @param {ServerConnection} c
 * @param {string} dest client id
 * @param {string} [message] what they are told
 */
export function kick(c, dest, message) {
  userAction(c, 'kick', dest, message || undefined);
}

/**
 * Changes our data: each key overwrites, `null` takes the key away.
 * @param {ServerConnection} c
 * @param {import('./messages.js').UserData} data
 */
export function setData(c, data) {
  userAction(c, 'setdata', c.id, data);
}
