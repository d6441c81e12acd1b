// The messages of the websocket protocol as types: one object per text frame, told apart by `type`.
// Members that the server leaves out when empty are optional here.

/** @typedef {'op' | 'present' | 'message' | 'caption' | 'token' | 'record' | 'admin' | 'system' | (string & {})} Permission */

/** @typedef {Record<string, unknown>} UserData free-form; `raisehand: true` is a raised hand */

/**
 * What is known of a group. Over HTTP `location` and `endpoint` are always there.
 * @typedef {object} Status
 * @property {string} name
 * @property {string} [location] URL of the group page
 * @property {string} [endpoint] URL of the websocket
 * @property {string} [redirect] URL of the server that holds the group
 * @property {string} [displayName]
 * @property {string} [description]
 * @property {string} [authServer]
 * @property {string} [authPortal]
 * @property {boolean} [locked]
 * @property {number} [clientCount]
 * @property {boolean} [canChangePassword]
 */

/**
 * How a seat outlives its socket, as far as the handshake is concerned.
 * @typedef {object} Resume
 * @property {string} [secret] opens the seat; new in every handshake of the server
 * @property {number} [received] how many numbered messages the sender has received
 * @property {number} [grace] how long the seat is kept, seconds
 * @property {boolean} [resumed] this is the old seat
 */
/** @typedef {{type: 'handshake', version: string[], id?: string, resume?: Resume, encodings?: object, tryAgain?: object, server?: object}} Handshake */
/** @typedef {{type: 'ack', received: number}} Ack */
/** @typedef {{type: 'ping'} | {type: 'pong'}} Liveness */
/**
 * @typedef {object} Join
 * @property {'join'} type
 * @property {'join' | 'leave'} kind
 * @property {string} group
 * @property {string} [username]
 * @property {string} [password]
 * @property {string} [token]
 * @property {UserData} [data]
 */
/**
 * @typedef {object} Joined
 * @property {'joined'} type
 * @property {'join' | 'change' | 'fail' | 'leave' | 'redirect'} kind
 * @property {string} [group]
 * @property {string} [username]
 * @property {Permission[]} [permissions]
 * @property {Status} [status]
 * @property {Record<string, unknown>} [data]
 * @property {RTCConfiguration} [rtcConfiguration]
 * @property {{version?: string}} [server] with kind `join`, for those who ask for it in the handshake
 * @property {string} [error]
 * @property {unknown} [value]
 */
/**
 * @typedef {object} UserMessage a user who came, changed or went
 * @property {'user'} type
 * @property {'add' | 'change' | 'delete'} kind
 * @property {string} id
 * @property {string} [username]
 * @property {Permission[]} [permissions]
 * @property {UserData} [data]
 */
/**
 * @typedef {object} Offer
 * @property {'offer'} type
 * @property {string} id
 * @property {string} [label]
 * @property {string | null} [replace]
 * @property {string} [source]
 * @property {string} [username]
 * @property {string} sdp
 */
/** @typedef {{type: 'answer', id: string, sdp: string}} Answer */
/** @typedef {{type: 'ice', id: string, candidate: RTCIceCandidateInit}} Ice */
/** @typedef {{type: 'renegotiate' | 'close' | 'abort', id: string}} StreamEvent */
/** @typedef {'audio' | 'video' | 'video-low' | 'half-rate' | 'quarter-rate'} Wanted */
/**
 * Of a stream of ours: value are the rids that anybody has use for, bitrate is what our uplink takes, in bit/s, 0 if that is for us to find out again.
 * What is not there stays as it was.
 * @typedef {{type: 'encodings', id: string, value?: string[], bitrate?: number}} Encodings
 */
/** @typedef {{type: 'request', request: Record<string, Wanted[]>}} Request */
/** @typedef {{type: 'requestStream', id: string, request: Wanted[] | null}} RequestStream */
/**
 * @typedef {object} Chat
 * @property {'chat' | 'chathistory'} type
 * @property {string} [kind]
 * @property {string} [id]
 * @property {string} [source]
 * @property {string} [username]
 * @property {string} [dest]
 * @property {boolean} [privileged]
 * @property {boolean} [noecho]
 * @property {string | number} [time]
 * @property {unknown} value
 */
/**
 * @typedef {object} Notice a message for the client rather than the reader of the chat
 * @property {'usermessage'} type
 * @property {string} kind
 * @property {string} [id]
 * @property {string} [source]
 * @property {string} [username]
 * @property {string} [dest]
 * @property {boolean} [privileged]
 * @property {string} [error]
 * @property {boolean} [noecho]
 * @property {string | number} [time]
 * @property {unknown} [value]
 */
/** @typedef {'op' | 'unop' | 'present' | 'unpresent' | 'shutup' | 'unshutup' | 'kick' | 'identify' | 'setdata'} UserActionKind */
/**
 * @typedef {object} UserAction
 * @property {'useraction'} type
 * @property {UserActionKind} kind
 * @property {string} source
 * @property {string} dest
 * @property {unknown} [value]
 */
/**
 * @typedef {'clearchat' | 'lock' | 'unlock' | 'record' | 'unrecord' | 'subgroups' | 'setdata' | 'maketoken' | 'edittoken' | 'listtokens'} GroupActionKind
 */
/**
 * @typedef {object} GroupAction
 * @property {'groupaction'} type
 * @property {GroupActionKind} kind
 * @property {string} source
 * @property {string} [username]
 * @property {unknown} [value]
 */
/**
 * An invitation. Times are RFC 3339; the server also takes milliseconds from now.
 * @typedef {object} Token
 * @property {string} [token] the secret
 * @property {string} [group]
 * @property {string} [username]
 * @property {Permission[] | null} [permissions]
 * @property {string | number} [expires]
 * @property {string | number} [not-before]
 * @property {string} [issuedBy]
 * @property {string} [issuedAt]
 */

/**
 * @typedef {Handshake | Ack | Liveness | Joined | UserMessage | Offer | Answer | Ice | StreamEvent | Encodings | Chat | Notice} ServerMessage
 */
/**
 * @typedef {Handshake | Ack | Liveness | Join | Offer | Answer | Ice | StreamEvent | Request | RequestStream | Chat | Notice | UserAction | GroupAction} ClientMessage
 */

export {};
