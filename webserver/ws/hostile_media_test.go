package ws_test

import (
	"fmt"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// hostileOffers makes of a good offer some that nobody should make, by what is
// wrong with them.
func hostileOffers(good string) map[string]string {
	head, rest, _ := strings.Cut(good, "m=")
	section := "m=" + rest[:strings.Index(rest, "m=")]
	var many strings.Builder
	many.WriteString(head)
	for i := range 200 {
		many.WriteString(strings.ReplaceAll(section, "a=mid:0", fmt.Sprintf("a=mid:%d", i)))
	}
	without := func(name string) string {
		var kept []string
		for line := range strings.SplitSeq(good, "\r\n") {
			if !strings.HasPrefix(line, "a="+name) {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "\r\n")
	}
	return map[string]string{
		"empty":             "",
		"nonsense":          "nonsense",
		"huge":              "v=0\r\n" + strings.Repeat("a=x\r\n", 100_000),
		"long line":         strings.Replace(good, "a=mid:", "a=x:"+strings.Repeat("x", 9000)+"\r\na=mid:", 1),
		"no fingerprint":    without("fingerprint"),
		"no ufrag":          without("ice-ufrag"),
		"no password":       without("ice-pwd"),
		"no mids":           without("mid"),
		"200 sections":      many.String(),
		"truncated":         good[:strings.Index(good, "m=")+len("m=video 9")],
		"bad port":          strings.ReplaceAll(good, " 9 UDP", " 99999999 UDP"),
		"session part only": head,
	}
}

// TestHostileDescriptionsAndCandidates has somebody send what should break a
// server while two others have a call, and then candidates with the addresses
// of strangers and of the two.
func TestHostileDescriptionsAndCandidates(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newMediaCall(t)
	alice := k.seat("guest", "guest")
	bob := k.seat("x", "")
	stream, stop := k.show(alice, bob, "honest")
	victim := candidateOf(k.offer)

	mallory := k.join("g", "guest", "guest")
	alice.expect(message{"type": "user", "kind": "add", "id": mallory.ID})
	bob.expect(message{"type": "user", "kind": "add", "id": mallory.ID})
	p, err := k.generator.NewPublisher()
	k.check(err)
	t.Cleanup(func() { k.check(p.Close()) })
	good, err := p.Offer(k.ctx)
	k.check(err)
	for name, offer := range hostileOffers(good) {
		mallory.Send(message{"type": "offer", "id": name, "label": "evil", "sdp": offer})
		if m := mallory.Await(message{"id": name}); m["type"] != "abort" {
			t.Errorf("%s: answered by %v", name, m["type"])
		}
		mallory.Expect(message{"type": "usermessage", "kind": "error"})
	}
	// One that is good, so that candidates are taken.
	mallory.Send(message{"type": "offer", "id": "evil", "label": "evil", "sdp": good})
	mallory.Await(message{"type": "answer", "id": "evil"})
	candidates := []string{victim, "candidate:nonsense", "candidate:1 1 udp 1 name.local 9 typ host", "candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active"}
	for i := range 400 {
		candidate := candidates[i%len(candidates)]
		if i%2 == 0 {
			candidate = fmt.Sprintf("candidate:%d 1 udp %d 127.%d.%d.1 %d typ host", i, 1<<30+i, i%250, i/250, 1024+i)
		}
		mallory.Send(message{"type": "ice", "id": "evil", "candidate": message{"candidate": candidate, "sdpMid": "0", "sdpMLineIndex": 0}})
		mallory.Send(message{"type": "ice", "id": "unknown", "candidate": message{"candidate": candidate}})
	}
	k.flow(stream, 300)
	stop()
	k.gapless(stream)
	alice.Send(message{"type": "close", "id": "honest"})
	bob.expect(message{"type": "close", "id": "honest"})
}

// candidateOf returns the first candidate of a description.
func candidateOf(sdp string) string {
	i := strings.Index(sdp, "a=candidate:")
	line, _, _ := strings.Cut(sdp[i+2:], "\r\n")
	return line
}
