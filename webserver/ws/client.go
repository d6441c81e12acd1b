package ws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"galene/group"

	"github.com/gorilla/websocket"
)

const (
	// checkInterval is how often a client looks whether it still hears
	// anything.
	checkInterval = 10 * time.Second
	// pingAfter is the silence after which the other side is asked.
	pingAfter = 20 * time.Second
	// deadAfter is the silence after which it is given up.
	deadAfter = 45 * time.Second
	// remindAfter is how old what a client knows of ICE servers may become:
	// half of what their passwords are good for.
	remindAfter = 12 * time.Hour
)

// Client is the seat of somebody who talks to the server: what he is in a
// group, what he may do and which streams he has. It is not the socket, which
// is Conn: a seat may outlive its socket for a while and go on with another.
//
// All fields but mailbox, conn and address belong to the goroutine that runs
// run. What others have to tell goes through the mailbox.
type Client struct {
	handler *Handler
	// conn is the socket, nil while the client is absent. Others may drop it.
	conn atomic.Pointer[Conn]
	// address is the host and port at the other end.
	address atomic.Pointer[string]
	// mailbox takes what groups, the engine and timers have to say.
	mailbox *queue[letter]
	logger  *slog.Logger

	// id is what the client calls itself, "" before the handshake.
	id         string
	handshaken bool
	// switchesEncodings is set for a client that knows of the message encodings,
	// fallsBack for one that knows of the bitrate in it as well.
	switchesEncodings, fallsBack bool
	// triesAgain is set for a client that has said so in the handshake, see
	// TryAgain.
	triesAgain bool
	// asksVersion is set for a client that wants to know which build this is.
	asksVersion bool

	// joining is not nil while the group is being asked; it then yields the
	// group in the end, or nil.
	joining chan *group.Group
	// behind is the message that came while joining, nil if none has; those
	// after it stay in the socket.
	behind *incoming
	// group is nil while the client is in none; self is then meaningless.
	group *group.Group
	self  group.Member
	// configured is when the client was last told of ICE servers.
	configured time.Time

	streams streams
	// resumption is nil for a client that goes with its socket.
	resumption *resumption
}

// letter is what a mailbox holds: an event of a group, or something to do.
type letter struct {
	event group.Event
	do    func() error
}

// letterSize is what a letter counts for, in bytes, beside what it carries.
const letterSize = 256

var _ group.Client = (*Client)(nil)

func newClient(h *Handler, conn *Conn) *Client {
	c := &Client{
		handler: h,
		mailbox: newQueue[letter](maxLetters),
		logger:  h.logger,
	}
	c.streams = newStreams()
	c.setConn(conn)
	return c
}

// setConn gives the client another socket.
func (c *Client) setConn(conn *Conn) {
	c.address.Store(&conn.address)
	c.conn.Store(conn)
}

// ID implements group.Client.
func (c *Client) ID() string { return c.id }

// Address implements group.Client.
func (c *Client) Address() string { return *c.address.Load() }

// Person implements group.Client.
func (c *Client) Person() bool { return true }

// Deliver implements group.Client. A client that does not empty its mailbox is
// dropped.
func (c *Client) Deliver(e group.Event) {
	size := letterSize
	switch e := e.(type) {
	case group.Chat:
		size += e.Post.Size()
	case group.UserMessage:
		size += e.Post.Size()
	case group.UserAdded:
		size += e.Member.Data.Size()
	case group.UserChanged:
		size += e.Member.Data.Size()
	case group.Kicked:
		size += len(e.Message)
	case group.ChatCleared:
		size += len(e.Value)
	case group.Changed:
		size += e.Data.Size()
	}
	c.mail(letter{event: e}, size)
}

// post has the client's goroutine do something. It never blocks.
func (c *Client) post(do func() error) { c.mail(letter{do: do}, letterSize) }

// mail puts a letter into the mailbox. Who comes and goes is not so urgent that
// each of hundreds in a group had to be woken for each of them.
func (c *Client) mail(l letter, size int) {
	put := c.mailbox.put
	switch l.event.(type) {
	case group.UserAdded, group.UserDeleted:
		put = c.mailbox.putUnhurried
	}
	if !put(l, size) {
		if conn := c.conn.Load(); conn != nil {
			conn.drop()
		}
	}
}

// run serves the client until it ends or the server stops. The context is what
// its logins come with.
func (c *Client) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := c.serve(ctx)
	cancel()
	if errors.Is(err, errHandedOver) {
		return
	}
	c.end(err)
	c.leaveForGood()
	c.awaitReturn()
	c.giveUpSeat()
}

// serve handles what arrives, one thing after the other, and returns why it
// does not go on.
func (c *Client) serve(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.logger.Error("panic", "client", c.id, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	for {
		select {
		case in, ok := <-c.messages():
			if !ok {
				in.err = errDropped
			}
			err = c.take(ctx, in)
		case a := <-c.attachments():
			err = c.attach(a)
		case <-c.graceOver():
			err = errGivenUp
		case <-c.mailbox.ready:
			err = c.empty()
		case now := <-ticker.C:
			err = c.check(now)
		case <-c.handler.stop:
			// The group may have said so already, in its own way.
			if err = c.empty(); err == nil {
				err = userError(group.ErrShuttingDown.Text)
			}
		}
		if err == nil {
			err = c.takeBehind(ctx)
		}
		if err == nil && !c.stillComplete() {
			err = errGivenUp
		}
		if err != nil {
			return err
		}
	}
}

// messages returns where the messages of the other side come from, nil while
// there are none to be taken.
func (c *Client) messages() <-chan incoming {
	conn := c.conn.Load()
	if conn == nil || c.behind != nil {
		return nil
	}
	return conn.incoming
}

// take handles what the other side has sent, in order: a message behind a join
// waits for that. If it is the end of the socket, nobody waits for the answer.
func (c *Client) take(ctx context.Context, in incoming) error {
	if c.joining != nil && (in.err == nil || errors.Is(in.err, errMalformed)) {
		c.behind = &in
		return nil
	}
	return c.handle(ctx, in)
}

// takeBehind handles the message that has waited for a join, if that has been
// answered.
func (c *Client) takeBehind(ctx context.Context) error {
	if c.behind == nil || c.joining != nil {
		return nil
	}
	in := *c.behind
	c.behind = nil
	return c.take(ctx, in)
}

// handle handles what the other side has sent, after everything that it may not
// have known.
func (c *Client) handle(ctx context.Context, in incoming) error {
	if err := c.empty(); err != nil {
		return err
	}
	if in.err != nil {
		return c.lost(in.err)
	}
	c.count(in.message)
	if conn, bytes := c.conn.Load(), c.spread(in.message); conn != nil && bytes > 0 {
		conn.spread.add(time.Now(), bytes)
	}
	return c.report(c.dispatch(ctx, in.message))
}

// spread returns how many bytes, about, each of the others may be sent because of a
// message, 0 if none.
func (c *Client) spread(m *Message) int {
	switch m.Type {
	case "chat", "usermessage", "groupaction":
		return 1 + len(m.Value) + len(m.Kind)
	case "useraction":
		// They are told all of the data, however little has changed.
		return 1 + len(m.Value) + c.self.Data.Size()
	case "join":
		return 1 + m.Data.Size()
	}
	return 0
}

// empty handles what is in the mailbox. What there is to tell of members is sent
// together, so that the socket is not written to for each of them.
func (c *Client) empty() error {
	var members [][]byte
	for {
		if conn := c.conn.Load(); conn != nil {
			conn.awaitRoom()
		}
		l, ok, open := c.mailbox.pop()
		if member := c.memberMessage(l.event); member != nil {
			if members == nil {
				members = make([][]byte, 0, 1+c.mailbox.count())
			}
			members = append(members, member)
			continue
		}
		if len(members) > 0 {
			c.pass(members)
			members = nil
		}
		if !ok {
			if !open {
				return errTooSlow
			}
			return nil
		}
		var err error
		if l.event != nil {
			err = c.handleEvent(l.event)
		} else {
			err = l.do()
		}
		if err = c.report(err); err != nil {
			return err
		}
	}
}

// check does what silence calls for.
func (c *Client) check(now time.Time) error {
	conn := c.conn.Load()
	if conn == nil {
		return nil
	}
	c.acknowledge()
	silence := conn.silence(now)
	switch {
	case silence > deadAfter:
		return c.lost(errDead)
	case silence > pingAfter && c.handshaken:
		c.send(&Message{Type: "ping"})
	}
	servers := c.handler.options.ICEServers
	if c.group != nil && now.Sub(c.configured) > remindAfter && servers != nil && len(servers()) > 0 {
		c.group.Remind(c)
	}
	return nil
}

// report tells the client of an error that it can live with, and returns the
// others.
func (c *Client) report(err error) error {
	if err == nil || errors.Is(err, errEnded) || errors.Is(err, errHandedOver) {
		return err
	}
	text, code, known := readable(err)
	if !known {
		return err
	}
	c.sendError(text, code)
	return nil
}

// end closes the connection in the way that befits the error.
func (c *Client) end(err error) {
	var fatal *fatalError
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &fatal):
		if c.handshaken {
			c.sendError(fatal.Text, "")
		}
		c.close(fatal.Code, fatal.Text)
	case errors.Is(err, errEnded):
		// Whoever returned it has closed the connection.
	case errors.As(err, &closed):
		c.close(websocket.CloseNormalClosure, "")
	case errors.Is(err, websocket.ErrReadLimit):
		c.close(websocket.CloseMessageTooBig, "")
	case errors.Is(err, errMalformed), errors.Is(err, errDead):
		c.close(websocket.CloseInternalServerErr, "")
	case errors.Is(err, errTooSlow), errors.Is(err, errDropped), errors.Is(err, errGivenUp), isNetworkError(err):
		if conn := c.conn.Load(); conn != nil {
			conn.drop()
		}
	default:
		// A panic, which has been logged, or malformed frames, which the
		// library has answered.
		c.logger.Info("client ended", "client", c.id, "error", err)
		c.close(websocket.CloseInternalServerErr, "")
	}
}

// close closes the connection, now and, should the client not hear of it, when
// he comes back.
func (c *Client) close(code int, reason string) {
	if conn := c.conn.Load(); conn != nil {
		conn.close(code, reason)
	}
	if c.resumption != nil {
		c.resumption.farewell = &farewell{code, reason}
	}
}

// leaveForGood leaves the group, joined or about to be.
func (c *Client) leaveForGood() {
	c.mailbox.close()
	c.streams.closeAll()
	if c.joining != nil {
		if g := <-c.joining; g != nil {
			g.Leave(c)
		}
	} else if c.group != nil {
		c.group.Leave(c)
	}
	c.group = nil
}

// send sends messages to the client, together; while it is absent they are
// kept. It never blocks.
func (c *Client) send(messages ...*Message) {
	encoded := make([][]byte, len(messages))
	for i, m := range messages {
		encoded[i] = encode(m)
		c.number(m.Type, encoded[i])
	}
	c.pass(encoded)
}

// sendMembers tells who is there already, together. What a member looks like is
// encoded once for everybody.
func (c *Client) sendMembers(self group.Member, others []group.Member) {
	encoded := make([][]byte, 0, 1+len(others))
	encoded = append(encoded, self.Encoded("add", encodeMember))
	for _, m := range others {
		encoded = append(encoded, m.Encoded("add", encodeMember))
	}
	for _, e := range encoded {
		c.number("user", e)
	}
	c.pass(encoded)
}

// pass gives what is encoded and kept to the socket, if there is one.
func (c *Client) pass(encoded [][]byte) {
	if conn := c.conn.Load(); conn != nil {
		conn.send(encoded...)
	}
}

// sendError tells the user about an error; code is its stable name, if any.
func (c *Client) sendError(text, code string) { c.sendNotice("error", text, code) }

// sendNotice sends a message of the server to the user.
func (c *Client) sendNotice(kind, message, code string) {
	c.send(&Message{
		Type: "usermessage", Kind: kind, Dest: c.id, Privileged: true,
		Error: code, Value: text(message),
	})
}

// has tells whether the client is in a group and holds the permission there.
func (c *Client) has(permission string) bool { return c.group != nil && c.self.Has(permission) }
