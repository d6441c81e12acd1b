package group

import (
	"encoding/json"
	"errors"
	"slices"
)

// maxGroupData bounds the data of a group, in bytes.
const maxGroupData = 64 << 10

// maxLockMessage bounds what those who may not come in are told, in bytes.
const maxLockMessage = 4 << 10

// moderation is what an operator's action does to the permissions of a member.
type moderation struct{ grant, revoke []string }

// moderations are the actions, by their names in the protocol.
var moderations = map[string]moderation{
	"op":        {grant: []string{PermissionOp, PermissionRecord}},
	"unop":      {revoke: []string{PermissionOp, PermissionRecord}},
	"present":   {grant: []string{PermissionPresent}},
	"unpresent": {revoke: []string{PermissionPresent}},
	"shutup":    {revoke: []string{PermissionMessage}},
	"unshutup":  {grant: []string{PermissionMessage}},
}

// Moderate changes the permissions of the member dest until he leaves. action
// is "op", "unop", "present", "unpresent", "shutup" or "unshutup". c needs the
// permission "op". Who loses the permission to publish has his streams ended.
func (g *Group) Moderate(c Client, action, dest string) error {
	change, ok := moderations[action]
	if !ok {
		return errors.New("unknown moderation " + action)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.operatorOf(c); err != nil {
		return err
	}
	target := g.byID[dest]
	if target == nil {
		return ErrNoSuchUser
	}
	if !target.client.Person() {
		return ErrNotARealUser
	}
	g.renewLocked(target)
	target.Permissions = change.apply(target.Permissions, g.description)
	target.client.Deliver(Changed{Group: g, Self: target.Member, Status: g.statusLocked(), Data: g.data})
	g.broadcastLocked(UserChanged{Member: target.Member})
	if !target.Has(PermissionPresent) {
		g.denyLocked(target)
	}
	g.enforceLocked()
	return nil
}

// apply returns a new list; that which it is made from may be shared.
func (m moderation) apply(list []string, d *Description) []string {
	changed := slices.DeleteFunc(slices.Clone(list), func(p string) bool { return slices.Contains(m.revoke, p) })
	for _, p := range m.grant {
		if p == PermissionRecord && !d.AllowRecording {
			continue
		}
		if !slices.Contains(changed, p) {
			changed = append(changed, p)
		}
	}
	return changed
}

// operatorOf returns the member that c is, if he is an operator.
func (g *Group) operatorOf(c Client) (*member, error) {
	m := g.memberLocked(c)
	if m == nil {
		return nil, ErrNotMember
	}
	if !m.Has(PermissionOp) {
		return nil, ErrNotAuthorised
	}
	return m, nil
}

// denyLocked ends the streams of a member who may not publish any more.
func (g *Group) denyLocked(m *member) {
	var ids []string
	for id, p := range g.publications {
		if p.owner == m && !p.retired {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		g.unpublishLocked(id, g.publications[id])
		m.client.Deliver(Denied{ID: id})
	}
}

// Kick makes the member dest leave, for the reason that message gives. c needs
// the permission "op".
func (g *Group) Kick(c Client, dest, message string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, err := g.operatorOf(c)
	if err != nil {
		return err
	}
	target := g.byID[dest]
	if target == nil {
		return ErrNoSuchUser
	}
	target.client.Deliver(Kicked{By: m.Member, Message: message})
	return nil
}

// Identify returns who the member dest is and from which address he comes, ""
// for one of the server's own; he is told. c needs the permission "op".
func (g *Group) Identify(c Client, dest string) (Member, string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, err := g.operatorOf(c)
	if err != nil {
		return Member{}, "", err
	}
	target := g.byID[dest]
	if target == nil {
		return Member{}, "", ErrClientNotFound
	}
	target.client.Deliver(Notice{
		Kind: "warning", Text: "Your IP address has been communicated to user " + m.Username + ".",
	})
	return target.Member, target.client.Address(), nil
}

// SetUserData merges update into the data of c; null deletes a key. Everybody
// is told the result.
func (g *Group) SetUserData(c Client, update Data) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.memberLocked(c)
	if m == nil {
		return ErrNotMember
	}
	data := m.Data.merge(update)
	if data.Size() > maxUserData {
		return ErrDataTooLarge
	}
	g.renewLocked(m)
	m.Data = data
	g.broadcastLocked(UserChanged{Member: m.Member})
	return nil
}

// SetData merges update into the data of the group; null deletes a key.
// Everybody is told the result. c needs the permission "op".
func (g *Group) SetData(c Client, update Data) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.operatorOf(c); err != nil {
		return err
	}
	data := g.data.merge(update)
	if data.Size() > maxGroupData {
		return ErrGroupDataTooLarge
	}
	g.data = data
	g.changedLocked()
	return nil
}

// Lock keeps those who are no operators out; message, if any, is what they are
// told. c needs the permission "op".
func (g *Group) Lock(c Client, message string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.operatorOf(c); err != nil {
		return err
	}
	if len(message) > maxLockMessage {
		return ErrMessageTooLong
	}
	if g.closing {
		return nil // the lock of a shutdown stays
	}
	g.locked, g.lockMessage = true, message
	g.changedLocked()
	return nil
}

// Unlock lets everybody in again. c needs the permission "op".
func (g *Group) Unlock(c Client) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.operatorOf(c); err != nil {
		return err
	}
	if g.closing {
		return nil
	}
	g.locked, g.lockMessage = false, ""
	g.changedLocked()
	return nil
}

// ChatSelection says which messages of the history are meant: the one with
// this id of this user, all of this user, or, if it is zero, all.
type ChatSelection struct {
	UserID, ID string
}

// ClearChat forgets messages of the history and has everybody take them off
// the screen: value, which selection was read from, is what they are sent. An
// ID without a UserID is an error. c needs the permission "op".
func (g *Group) ClearChat(c Client, selection ChatSelection, value json.RawMessage) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.operatorOf(c); err != nil {
		return err
	}
	if selection.ID != "" && selection.UserID == "" {
		return ErrBadClearChat
	}
	g.history.remove(func(p Post) bool {
		return (selection.UserID == "" || p.Source == selection.UserID) && (selection.ID == "" || p.ID == selection.ID)
	})
	g.broadcastLocked(ChatCleared{Value: value})
	return nil
}
