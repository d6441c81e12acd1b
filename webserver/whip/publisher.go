package whip

import "galene/rtpconn"

// openPublisher makes the connection of a session that sends.
func (s *session) openPublisher() error {
	up, err := s.handler.options.Engine.NewUpConn(rtpconn.UpOptions{
		Group: s.group.Name(), ID: s.id, Label: s.label, OwnerID: s.id, OwnerName: s.username,
		Codecs:   s.group.Description().MediaCodecs(),
		OnTracks: s.signal, OnFailed: s.end, OnBroken: s.end,
	})
	if err != nil {
		return err
	}
	s.conn = up
	return s.group.Publish(s, up, "")
}
