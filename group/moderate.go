package group

// Kick makes the member dest leave, for the reason that message gives. c needs
// the permission "op".
func (g *Group) Kick(c Client, dest, message string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.memberLocked(c)
	if m == nil {
		return ErrNotMember
	}
	if !m.Has(PermissionOp) {
		return ErrNotAuthorised
	}
	target := g.byID[dest]
	if target == nil {
		return ErrNoSuchUser
	}
	target.client.Deliver(Kicked{By: m.Member, Message: message})
	return nil
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
	m.Data = data
	g.broadcastLocked(UserChanged{Member: m.Member})
	return nil
}
