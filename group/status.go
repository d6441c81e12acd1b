package group

// Status is what is told about a group, over HTTP and to its members; the JSON
// names are part of the protocol.
type Status struct {
	Name              string `json:"name"`
	Redirect          string `json:"redirect,omitempty"`
	Location          string `json:"location,omitempty"`
	Endpoint          string `json:"endpoint,omitempty"`
	DisplayName       string `json:"displayName,omitempty"`
	Description       string `json:"description,omitempty"`
	AuthServer        string `json:"authServer,omitempty"`
	AuthPortal        string `json:"authPortal,omitempty"`
	Locked            bool   `json:"locked,omitempty"`
	ClientCount       *int   `json:"clientCount,omitempty"`
	CanChangePassword bool   `json:"canChangePassword,omitempty"`
}

// PublicStatus returns what anybody may know. Location and Endpoint are left to
// the caller, who knows the address of the server.
func (g *Group) PublicStatus() Status {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.statusLocked()
	if !g.description.Public || s.Redirect != "" {
		s.Locked, s.ClientCount = false, nil
	}
	if s.Redirect != "" {
		s.AuthServer, s.AuthPortal = "", ""
	}
	return s
}

// statusLocked returns what members may know.
func (g *Group) statusLocked() Status {
	count := len(g.members)
	return Status{
		Name:        g.name,
		Redirect:    g.description.Redirect,
		DisplayName: g.description.DisplayName,
		Description: g.description.Text,
		AuthServer:  g.description.AuthServer,
		AuthPortal:  g.description.AuthPortal,
		Locked:      g.locked,
		ClientCount: &count,
	}
}
