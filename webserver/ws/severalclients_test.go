package ws_test

import (
	"fmt"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// FuzzSeveralClients has three clients send messages that are made of a script,
// in a group where two honest ones go on talking and sending media, of which
// nothing may be missing, and which hear in the end that the three have gone.
func FuzzSeveralClients(f *testing.F) {
	leaktest.Check(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		const clients, longest, lines = 3, 4000, 8
		k := newMediaCall(t)
		alice := k.seat("op", "op")
		bob := k.seat("talker", "talker")
		stream, stop := k.show(alice, bob, "honest")

		m := &improviser{
			bytes: script[:min(len(script), longest)],
			ids:   []string{alice.ID, bob.ID, "honest", "a", "b", "c", ""}, offers: k.descriptions(),
		}
		offenders := make([]*wstest.Client, clients)
		each := len(m.bytes)/lines + 1
		for line := range lines {
			value := fmt.Sprint("line ", line)
			for rest := len(m.bytes) - each; len(m.bytes) > max(rest, 0); {
				i := m.next(clients)
				if c := offenders[i]; c == nil || c.Ended() {
					c = k.dial()
					c.TrySendRaw(fmt.Sprintf(`{"type":"handshake","version":["2"],"id":%q}`, c.ID))
					c.TrySendRaw(`{"type":"join","kind":"join","group":"g","username":"guest","password":"guest"}`)
					m.ids = append(m.ids, c.ID)
					offenders[i] = c
				}
				offenders[i].TrySendRaw(m.message())
			}
			alice.Send(message{"type": "chat", "value": value})
			bob.await(message{"type": "chat", "source": alice.ID, "value": value})
			bob.Send(message{"type": "chat", "value": value})
			alice.await(message{"type": "chat", "source": bob.ID, "value": value})
		}
		k.flow(stream, 20)
		stop()
		k.gapless(stream)

		for _, c := range offenders {
			if c != nil {
				c.Drop()
			}
		}
		observer := k.join("g", "x", "")
		here := map[any]bool{}
		for gone := false; !gone; {
			observer.Send(message{"type": "ping"})
			for m := observer.Next(); m["type"] != "pong"; m = observer.Next() {
				if m["type"] == "user" {
					here[m["id"]] = m["kind"] != "delete"
				}
			}
			gone = true
			for id, present := range here {
				gone = gone && (!present || id == alice.ID || id == bob.ID || id == observer.ID)
			}
		}
		if !here[alice.ID] || !here[bob.ID] {
			t.Error("an honest client is gone")
		}
	})
}
