package group

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"galene/group/media"
)

// Client is who joins groups.
type Client interface {
	// ID returns the client's identity, which is unique in a group and does
	// not change.
	ID() string
	// Address is the host and port that the client comes from, "" for one of
	// the server's own. Like Person it is called with Group.mu held and must
	// not block.
	Address() string
	// Person tells whether somebody reads what is sent to the client. Who is
	// none, such as a recorder or an encoder, gets no messages of his own, and
	// keeps the permissions he came with.
	Person() bool
	// Deliver puts an event into the client's mailbox. It is called with
	// Group.mu held: it must not block, nor call the group.
	Deliver(Event)
}

// Credentials are what a client shows in order to join.
type Credentials struct {
	// Username is nil if none was given; "" is a name.
	Username *string
	Password string
	// Token stands for an invitation; it goes before the password.
	Token string
	// Address is where the client is, the zero value if that is not known.
	// Who fails often from one address waits the longer for an answer.
	Address netip.Addr
	// TriesAgain says that the client, sent away with ErrTooManyLogins, tries
	// again by itself, at once and on the same connection.
	TriesAgain bool
}

// name returns the user name, "" if there is none.
func (c Credentials) name() string {
	if c.Username == nil {
		return ""
	}
	return *c.Username
}

// Data is what a member has told about himself, or the members about their
// group: any JSON under any key. A Data that has been handed out is not
// changed any more.
type Data map[string]json.RawMessage

// merge returns d changed by update, in which null deletes a key.
func (d Data) merge(update Data) Data {
	merged := maps.Clone(d)
	if merged == nil {
		merged = make(Data)
	}
	for key, value := range update {
		if value == nil || string(value) == "null" {
			delete(merged, key)
		} else {
			merged[key] = value
		}
	}
	return merged
}

// Size returns the number of bytes d stands for.
func (d Data) Size() int {
	n := 0
	for key, value := range d {
		n += len(key) + len(value)
	}
	return n
}

// Member is what the others know about somebody in a group. It is a snapshot:
// neither the slice nor the map is changed any more.
type Member struct {
	ID          string
	Username    string
	Permissions []string
	Data        Data

	encodings *encodings
}

// encodings are what a Member looks like on its way to all who are told of it.
type encodings struct {
	// made is replaced, never changed: hundreds who come at once look at those of
	// hundreds.
	made atomic.Pointer[[]encoding]
	// making is held by who replaces it.
	making sync.Mutex
}

// encoding is what a Member looks like in messages of one kind.
type encoding struct {
	kind    string
	encoded []byte
}

// renewed returns the member as it is from now on, with nothing remembered of
// how it was.
func (m Member) renewed() Member {
	m.encodings = &encodings{}
	return m
}

// of returns the encoding of one kind, nil if none has been made.
func (e *encodings) of(kind string) []byte {
	if made := e.made.Load(); made != nil {
		for _, o := range *made {
			if o.kind == kind {
				return o.encoded
			}
		}
	}
	return nil
}

// Encoded returns what encode makes of the member. In a group it is made once
// for each kind, however many are told; nobody may change it.
func (m Member) Encoded(kind string, encode func(kind string, m Member) []byte) []byte {
	if m.encodings == nil {
		return encode(kind, m)
	}
	if made := m.encodings.of(kind); made != nil {
		return made
	}
	m.encodings.making.Lock()
	defer m.encodings.making.Unlock()
	if made := m.encodings.of(kind); made != nil {
		return made
	}
	var all []encoding
	if made := m.encodings.made.Load(); made != nil {
		all = *made
	}
	encoded := encode(kind, m)
	all = append(slices.Clip(all), encoding{kind, encoded})
	m.encodings.made.Store(&all)
	return encoded
}

// Has tells whether the member holds the permission.
func (m Member) Has(permission string) bool { return slices.Contains(m.Permissions, permission) }

// Event is what a group tells a member. The types of this file that end up in
// a mailbox are all there are.
type Event interface{ isEvent() }

// Joined tells a client that it is in. What it holds was true at one moment;
// every later change follows as an event of its own.
type Joined struct {
	Group   *Group
	Self    Member
	Status  Status
	Data    Data
	History []Post
	// Others are the members who were there before.
	Others []Member
}

// Changed tells a member that his permissions, the state of the group or its
// description have changed. It holds all of them as they are now.
type Changed struct {
	Group  *Group
	Self   Member
	Status Status
	Data   Data
}

// UserAdded announces a newcomer.
type UserAdded struct{ Member Member }

// UserChanged gives the new permissions and data of a member.
type UserChanged struct{ Member Member }

// UserDeleted says that a member has left.
type UserDeleted struct{ Member Member }

// Chat is a chat message.
type Chat struct{ Post Post }

// UserMessage is a message that is for programs more than for people.
type UserMessage struct{ Post Post }

// ChatCleared says that messages are to be taken off the screen: all, if Value
// is nil, or those it names.
type ChatCleared struct{ Value json.RawMessage }

// Notice is something that the server tells one member; Kind is "error",
// "warning" or "info".
type Notice struct{ Kind, Text string }

// Denied says that a stream of the member's own is over, because he may not
// publish any more.
type Denied struct{ ID string }

// Published says that somebody else's stream has become complete, or that its
// tracks have changed. Replaces is the id of the stream whose place it takes,
// "" if none or if that has been said before.
type Published struct {
	Publication media.Publication
	Replaces    string
}

// Unpublished says that a stream is over.
type Unpublished struct{ ID string }

// Kicked tells a member that he has to go: he must leave the group at once. By
// is whoever wants it, the zero value if it is the server.
type Kicked struct {
	By           Member
	Message      string
	ShuttingDown bool
}

func (Joined) isEvent()      {}
func (Changed) isEvent()     {}
func (UserAdded) isEvent()   {}
func (UserChanged) isEvent() {}
func (UserDeleted) isEvent() {}
func (Chat) isEvent()        {}
func (UserMessage) isEvent() {}
func (ChatCleared) isEvent() {}
func (Notice) isEvent()      {}
func (Denied) isEvent()      {}
func (Published) isEvent()   {}
func (Unpublished) isEvent() {}
func (Kicked) isEvent()      {}

// Post is a message of one member to another or to all. Its sender gives ID,
// Kind, Dest, NoEcho and Value; the group fills in the rest.
type Post struct {
	ID   string
	Kind string
	// Source and Username are the sender.
	Source, Username string
	// Dest is the receiver's client id, "" for everybody.
	Dest string
	// Privileged says that the sender held the permission "op".
	Privileged bool
	// NoEcho keeps the message from its sender.
	NoEcho bool
	Time   time.Time
	Value  json.RawMessage
}

// Size returns the number of bytes p stands for.
func (p Post) Size() int {
	return len(p.ID) + len(p.Kind) + len(p.Source) + len(p.Username) + len(p.Dest) + len(p.Value)
}
