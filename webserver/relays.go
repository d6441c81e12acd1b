package webserver

import (
	"encoding/json"
	"time"

	"galene/webserver/iceservers"
	"galene/webserver/whip"
	"galene/webserver/ws"
)

// iceServers returns the STUN and TURN servers for members, as they are now.
func (s *Server) iceServers() []ws.ICEServer {
	var list []ws.ICEServer
	for _, r := range s.relays.Servers(time.Now()) {
		server := ws.ICEServer{URLs: r.URLs, Username: r.Username, Credential: r.Credential}
		if len(r.Credential) > 0 {
			server.CredentialType = r.CredentialType
		}
		list = append(list, server)
	}
	return list
}

// iceServersOfEncoders returns those that an encoder can use: it knows
// passwords only.
func (s *Server) iceServersOfEncoders() []whip.ICEServer {
	var list []whip.ICEServer
	for _, r := range s.relays.Servers(time.Now()) {
		if r.CredentialType != iceservers.TypePassword {
			continue
		}
		server := whip.ICEServer{URLs: r.URLs, Username: r.Username}
		if len(r.Credential) > 0 {
			// It is a string, or would have been left out.
			_ = json.Unmarshal(r.Credential, &server.Credential)
		}
		list = append(list, server)
	}
	return list
}
