package loadtest

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// janusDoor is a room of Janus's plugin VideoRoom, by way of its websockets
// (https://janus.conf.meetecho.com/docs/videoroom.html).
type janusDoor struct {
	endpoint string
	room     int
}

// findJanusDoor reads where the room is.
func findJanusDoor(o Options) (*janusDoor, error) {
	base, err := url.Parse(o.Server)
	if err != nil || base.Host == "" || base.Scheme != "ws" {
		return nil, fmt.Errorf("%q is not the ws: URL of a Janus", o.Server)
	}
	room, err := strconv.Atoi(o.Group)
	if err != nil {
		return nil, fmt.Errorf("%q is not the number of a room", o.Group)
	}
	return &janusDoor{base.String(), room}, nil
}

// janusMessage is a message of either direction.
type janusMessage struct {
	Janus       string         `json:"janus"`
	Transaction string         `json:"transaction,omitempty"`
	Session     uint64         `json:"session_id,omitempty"`
	Handle      uint64         `json:"handle_id,omitempty"`
	Sender      uint64         `json:"sender,omitempty"`
	Plugin      string         `json:"plugin,omitempty"`
	Body        map[string]any `json:"body,omitempty"`
	JSEP        *janusSDP      `json:"jsep,omitempty"`
	Data        *janusID       `json:"data,omitempty"`
	PluginData  *janusData     `json:"plugindata,omitempty"`
	Error       *janusError    `json:"error,omitempty"`
}

type janusID struct {
	ID uint64 `json:"id"`
}

type janusError struct {
	Reason string `json:"reason"`
}

type janusSDP struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
	// Trickle is false: all candidates stand in the description.
	Trickle bool `json:"trickle"`
}

// janusData is what the plugin says.
type janusData struct {
	Data struct {
		VideoRoom  string    `json:"videoroom"`
		ID         uint64    `json:"id"`
		Publishers []janusID `json:"publishers"`
		Error      string    `json:"error"`
	} `json:"data"`
}

// enter implements door. Whoever enters is what Janus calls a publisher, also
// if he never publishes: only they hear of the others.
func (d *janusDoor) enter(ctx context.Context) (seat, error) {
	socket, err := network{}.open(ctx, d.endpoint, "janus-protocol")
	if err != nil {
		return nil, err
	}
	// Nothing is said to idle sessions if they never end.
	socket.silence = 0
	s := &janusSeat{connection: socket, door: d, handles: make(map[uint64]string)}
	if err := s.join(); err != nil {
		s.leave()
		return nil, fmt.Errorf("join room %d: %w", d.room, err)
	}
	return s, nil
}

// janusSeat is a session with Janus: a handle for publishing, and one for each
// stream that is received.
type janusSeat struct {
	*connection
	door    *janusDoor
	session uint64
	// own is the handle for publishing, feed the number of its stream.
	own, feed uint64

	// mu guards what follows.
	mu sync.Mutex
	// feeds are those that have been heard of and not asked for, handles those
	// that are received, by the number of their handle.
	feeds   []uint64
	handles map[uint64]string
	wanted  bool
}

// attachFor begins the names of transactions that make a handle for a stream.
const attachFor = "attach "

func (s *janusSeat) join() error {
	created, err := s.ask(janusMessage{Janus: "create", Transaction: "create"})
	if err != nil {
		return err
	}
	s.session = created.Data.ID
	attached, err := s.ask(janusMessage{Janus: "attach", Plugin: "janus.plugin.videoroom", Transaction: "attach"})
	if err != nil {
		return err
	}
	s.own = attached.Data.ID
	if err := s.request(s.own, nil, map[string]any{"request": "join", "ptype": "publisher", "room": s.door.room}); err != nil {
		return err
	}
	for s.feed == 0 {
		m, err := s.receive()
		if err != nil {
			return err
		}
		if m.PluginData != nil && m.PluginData.Data.VideoRoom == "joined" {
			s.feed = m.PluginData.Data.ID
			s.hear(m.PluginData.Data.Publishers)
		}
	}
	return nil
}

// ask sends a request that is answered at once, and returns the answer.
func (s *janusSeat) ask(m janusMessage) (janusMessage, error) {
	m.Session = s.session
	if err := s.send(m); err != nil {
		return m, err
	}
	answer, err := s.receive()
	if err == nil && (answer.Janus != "success" || answer.Data == nil) {
		err = fmt.Errorf("%s: answered by %q", m.Janus, answer.Janus)
	}
	return answer, err
}

// request sends a request to the plugin.
func (s *janusSeat) request(handle uint64, jsep *janusSDP, body map[string]any) error {
	return s.send(janusMessage{
		Janus: "message", Session: s.session, Handle: handle, Transaction: "request", Body: body, JSEP: jsep,
	})
}

// receive returns the next message.
func (s *janusSeat) receive() (janusMessage, error) {
	var m janusMessage
	if err := s.read(&m); err != nil {
		return m, err
	}
	if m.Error != nil {
		return m, fmt.Errorf("the server says: %s", m.Error.Reason)
	}
	if m.PluginData != nil && m.PluginData.Data.Error != "" {
		return m, fmt.Errorf("the server says: %s", m.PluginData.Data.Error)
	}
	return m, nil
}

func (s *janusSeat) name() string   { return s.stream() }
func (s *janusSeat) stream() string { return strconv.FormatUint(s.feed, 10) }

func (s *janusSeat) publish(sdp string) error {
	return s.request(s.own, &janusSDP{Type: "offer", SDP: sdp}, map[string]any{"request": "publish"})
}

func (s *janusSeat) subscribe() error {
	s.mu.Lock()
	s.wanted = true
	s.mu.Unlock()
	return s.attach()
}

// hear notes streams that can be asked for.
func (s *janusSeat) hear(publishers []janusID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range publishers {
		s.feeds = append(s.feeds, p.ID)
	}
}

// attach asks for a handle for each stream that has been heard of.
func (s *janusSeat) attach() error {
	s.mu.Lock()
	var feeds []uint64
	if s.wanted {
		feeds, s.feeds = s.feeds, nil
	}
	s.mu.Unlock()
	for _, feed := range feeds {
		err := s.send(janusMessage{
			Janus: "attach", Session: s.session, Plugin: "janus.plugin.videoroom",
			Transaction: attachFor + strconv.FormatUint(feed, 10),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *janusSeat) answer(stream, sdp string) error {
	handle, ok := s.handleOf(stream)
	if !ok {
		return fmt.Errorf("there is no stream %s", stream)
	}
	return s.request(handle, &janusSDP{Type: "answer", SDP: sdp}, map[string]any{"request": "start"})
}

func (s *janusSeat) refuse(stream string) error {
	handle, ok := s.handleOf(stream)
	if !ok {
		return nil
	}
	return s.request(handle, nil, map[string]any{"request": "leave"})
}

func (s *janusSeat) handleOf(stream string) (handle uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for handle, of := range s.handles {
		if of == stream {
			return handle, true
		}
	}
	return 0, false
}

// next implements seat.
func (s *janusSeat) next() (event, error) {
	m, err := s.receive()
	if err != nil {
		return event{}, err
	}
	if feed, ok := strings.CutPrefix(m.Transaction, attachFor); ok && m.Data != nil {
		return event{}, s.take(m.Data.ID, feed)
	}
	if m.PluginData != nil {
		s.hear(m.PluginData.Data.Publishers)
		if err := s.attach(); err != nil {
			return event{}, err
		}
	}
	e := event{}
	if m.Sender == s.own {
		e.stream = s.stream()
	} else {
		s.mu.Lock()
		e.stream = s.handles[m.Sender]
		s.mu.Unlock()
	}
	switch {
	case m.Janus == "hangup":
		e.kind = closed
	case m.JSEP != nil && m.JSEP.Type == "answer":
		e.kind, e.sdp = answered, m.JSEP.SDP
	case m.JSEP != nil && m.JSEP.Type == "offer":
		e.kind, e.sdp = offered, m.JSEP.SDP
	}
	return e, nil
}

// take asks for a stream by the handle that has been made for it.
func (s *janusSeat) take(handle uint64, feed string) error {
	number, err := strconv.ParseUint(feed, 10, 64)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.handles[handle] = feed
	s.mu.Unlock()
	return s.request(handle, nil, map[string]any{
		"request": "join", "ptype": "subscriber", "room": s.door.room, "streams": []map[string]any{{"feed": number}},
	})
}
