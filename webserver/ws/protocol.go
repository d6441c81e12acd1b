package ws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"galene/group"
	"galene/rtpconn"
)

// protocolVersion is the version of the protocol that this package speaks.
const protocolVersion = "2"

// maxID is the longest id of a client, stream or message, in bytes.
const maxID = 128

// maxDepth is how many objects and arrays of a message may lie within each other.
// Browsers read thousands, but turn none of them into text.
const maxDepth = 256

// Message is one message of the protocol, in either direction: one JSON object
// in one text message of the websocket. Type says what it is and which of the
// other members count.
//
//   - handshake (version, id) is the first message of either side.
//   - ack (received) acknowledges messages between sides that have agreed, by
//     the member resume of the handshake, that seats outlive their sockets.
//   - encodings (id, value: list of rids) tells a client which has agreed to
//     it, by the member of that name of the handshake, which encodings of a
//     stream of its own anybody has use for; with bitrate instead of value, how
//     many bits a second its uplink takes of that stream.
//   - ping may be sent at any time and is answered by pong.
//   - join (kind join or leave, group, username, password, token, data) enters
//     or leaves a group. joined (kind join, change, fail, leave or redirect)
//     answers it, and tells what has changed since.
//   - user (kind add, change or delete; id, username, permissions, data) tells
//     who is in the group.
//   - chat and usermessage (kind, dest, value, noecho) are sent on to the
//     group, or to dest; chathistory is chat from before one came.
//   - useraction and groupaction (kind, dest, value) act on a member or on the
//     group.
//   - request (request: label to list of "audio", "video", "video-low",
//     "half-rate", "quarter-rate") says which tracks one wants; requestStream
//     (id, request) says it for a stream.
//   - offer (id, label, replace, sdp), answer (id, sdp), ice (id, candidate),
//     renegotiate (id), close (id) and abort (id) set up streams and end them.
//     Whoever sends the media makes the offers.
//
// The server fills in source, username, privileged and time; a client that
// sends the first two must tell the truth.
type Message struct {
	Type             string             `json:"type"`
	Version          []string           `json:"version,omitempty"`
	Kind             string             `json:"kind,omitempty"`
	Error            string             `json:"error,omitempty"`
	ID               string             `json:"id,omitempty"`
	Replace          string             `json:"replace,omitempty"`
	Source           string             `json:"source,omitempty"`
	Dest             string             `json:"dest,omitempty"`
	Username         *string            `json:"username,omitempty"`
	Password         string             `json:"password,omitempty"`
	Token            string             `json:"token,omitempty"`
	Privileged       bool               `json:"privileged,omitempty"`
	Permissions      []string           `json:"permissions,omitempty"`
	Status           *group.Status      `json:"status,omitempty"`
	Data             group.Data         `json:"data,omitempty"`
	Group            string             `json:"group,omitempty"`
	Value            json.RawMessage    `json:"value,omitempty"`
	NoEcho           bool               `json:"noecho,omitempty"`
	Time             string             `json:"time,omitempty"`
	SDP              string             `json:"sdp,omitempty"`
	Candidate        *rtpconn.Candidate `json:"candidate,omitempty"`
	Label            string             `json:"label,omitempty"`
	Request          json.RawMessage    `json:"request,omitempty"`
	RTCConfiguration *RTCConfiguration  `json:"rtcConfiguration,omitempty"`
	Resume           *Resume            `json:"resume,omitempty"`
	Received         uint64             `json:"received,omitempty"`
	Encodings        *EncodingSwitch    `json:"encodings,omitempty"`
	Bitrate          *int               `json:"bitrate,omitempty"`
	TryAgain         *TryAgain          `json:"tryAgain,omitempty"`
	Server           *Server            `json:"server,omitempty"`

	// deep is set for what a client has sent that lies deeper than maxDepth.
	deep bool
}

// Server says, in the handshake of a client, that it wants to know which build
// the server is, and tells it so in the message joined.
type Server struct {
	Version string `json:"version,omitempty"`
}

// TryAgain says, in the handshake of a client, that it sends a join again by
// itself, at once and on the same connection, if the answer has the error
// try-again.
type TryAgain struct{}

// EncodingSwitch says, in the handshake, that one knows of the message
// encodings, and whether that may have a bitrate.
type EncodingSwitch struct {
	Bitrate bool `json:"bitrate,omitempty"`
}

// RTCConfiguration is what a browser takes to make a peer connection.
type RTCConfiguration struct {
	ICEServers         []ICEServer `json:"iceServers,omitempty"`
	ICETransportPolicy string      `json:"iceTransportPolicy,omitempty"`
}

// ICEServer is a STUN or TURN server for the use of clients.
type ICEServer struct {
	URLs     []string `json:"urls"`
	Username string   `json:"username,omitempty"`
	// Credential is a string, or an object for OAuth.
	Credential     json.RawMessage `json:"credential,omitempty"`
	CredentialType string          `json:"credentialType,omitempty"`
}

// incomingMessage shields, from what a client sends, the members that are only
// sent, whose contents are ignored so that only the kind of their value counts;
// and those that are ours alone: who knows nothing of them may use their names for
// something else.
type incomingMessage struct {
	Message
	Status           map[string]json.RawMessage `json:"status"`
	RTCConfiguration json.RawMessage            `json:"rtcConfiguration"`
	Candidate        map[string]json.RawMessage `json:"candidate"`
	Resume           json.RawMessage            `json:"resume"`
	Received         json.RawMessage            `json:"received"`
	Encodings        json.RawMessage            `json:"encodings"`
	Bitrate          json.RawMessage            `json:"bitrate"`
	TryAgain         json.RawMessage            `json:"tryAgain"`
	Server           json.RawMessage            `json:"server"`
}

// decode decodes what a client has sent. null counts as absent everywhere.
func decode(data []byte) (*Message, error) {
	// A value is passed on as it stands, and who gets a text message that is
	// not in UTF-8 must end the connection (RFC 6455, section 8.1).
	if !utf8.Valid(data) {
		return nil, errors.New("decode message: not in UTF-8")
	}
	var m incomingMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return nil, errors.New("decode message: not an object")
	}
	message := &m.Message
	message.deep = depth(data) > maxDepth
	message.Value, message.Request = absentIfNull(m.Value), absentIfNull(m.Request)
	message.Candidate = candidateOf(m.Candidate)
	message.Resume, message.Encodings = known[Resume](m.Resume), known[EncodingSwitch](m.Encodings)
	message.TryAgain, message.Server = known[TryAgain](m.TryAgain), known[Server](m.Server)
	if received := known[uint64](m.Received); received != nil {
		message.Received = *received
	}
	return message, nil
}

// depth returns how many objects and arrays of valid JSON lie within each other. Where
// there are no more than maxDepth of them at all, it returns 0.
func depth(data []byte) int {
	if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) <= maxDepth {
		return 0
	}
	deepest, now := 0, 0
	quoted := false
	for i := 0; i < len(data); i++ {
		switch b := data[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '[', b == '{':
			now++
			deepest = max(deepest, now)
		case b == ']', b == '}':
			now--
		}
	}
	return deepest
}

// known returns what a member of ours means, nil if it means nothing to us.
func known[T any](data json.RawMessage) *T {
	var v *T
	if len(data) == 0 || json.Unmarshal(data, &v) != nil {
		return nil
	}
	return v
}

// candidateOf returns a candidate. One with a member of a wrong type is none of
// ours, and like each that cannot be used it is ignored.
func candidateOf(members map[string]json.RawMessage) *rtpconn.Candidate {
	if members == nil {
		return nil
	}
	c := &rtpconn.Candidate{}
	for name, target := range map[string]any{
		"candidate": &c.Candidate, "sdpMid": &c.SDPMid, "sdpMLineIndex": &c.SDPMLineIndex, "usernameFragment": &c.UsernameFragment,
	} {
		if data, ok := members[name]; ok && json.Unmarshal(data, target) != nil {
			return &rtpconn.Candidate{}
		}
	}
	return c
}

func absentIfNull(v json.RawMessage) json.RawMessage {
	if string(v) == "null" {
		return nil
	}
	return v
}

// encode encodes what the server sends.
func encode(m *Message) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	// Nobody puts messages into a page unescaped, and escapes are long.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		// Every RawMessage has been through a decoder.
		panic(err)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// text returns a value that is a string.
func text(s string) json.RawMessage {
	value, _ := json.Marshal(s)
	return value
}

// textOf returns the string that value is, "" if it is none.
func textOf(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
