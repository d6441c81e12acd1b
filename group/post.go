package group

import (
	"crypto/rand"
	"encoding/base64"
	"time"
)

// captionKind is the kind of chat that is shown below the videos, and gone
// after a moment.
const captionKind = "caption"

// maxPostID is the longest id of a chat message that is kept, in bytes.
const maxPostID = 128

// Chat sends a chat message of c: to all and into the history, or to Dest
// alone.
func (g *Group) Chat(c Client, p Post) error {
	permission := PermissionMessage
	if p.Kind == captionKind {
		permission = PermissionCaption
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.signLocked(c, permission, &p); err != nil {
		return err
	}
	if len(p.ID) > maxPostID {
		p.ID = ""
	}
	if p.Dest != "" {
		return g.deliverLocked(c, p, Chat{Post: p})
	}
	if p.ID == "" || g.history.has(p.ID) {
		p.ID = newPostID()
	}
	if p.Kind != captionKind {
		g.history.add(p)
	}
	return g.deliverLocked(c, p, Chat{Post: p})
}

// Message sends a user message of c to all or to Dest.
func (g *Group) Message(c Client, p Post) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.signLocked(c, PermissionMessage, &p); err != nil {
		return err
	}
	if len(p.ID) > maxPostID {
		p.ID = ""
	}
	return g.deliverLocked(c, p, UserMessage{Post: p})
}

// signLocked writes the sender into a post, if he may send it.
func (g *Group) signLocked(c Client, permission string, p *Post) error {
	m := g.memberLocked(c)
	if m == nil {
		return ErrNotMember
	}
	if !m.Has(permission) {
		return ErrNotAuthorised
	}
	p.Source, p.Username = m.ID, m.Username
	p.Privileged = m.Has(PermissionOp)
	p.Time = time.Now()
	return nil
}

// deliverLocked brings e, which carries p, to whom p is for.
func (g *Group) deliverLocked(c Client, p Post, e Event) error {
	if p.Dest != "" {
		dest := g.byID[p.Dest]
		if dest == nil {
			return ErrUserUnknown
		}
		if !dest.client.Person() {
			return ErrDoesNotChat
		}
		dest.client.Deliver(e)
		return nil
	}
	var except *member
	if p.NoEcho {
		except = g.memberLocked(c)
	}
	g.broadcastExceptLocked(e, except)
	return nil
}

func newPostID() string {
	var b [8]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
