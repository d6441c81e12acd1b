package ws_test

import (
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// call is a group with somebody who sends and somebody who receives.
type call struct {
	*server
	alice, bob *wstest.Client
}

// newCall has both come in; bob wants everything.
func newCall(t *testing.T) *call {
	t.Helper()
	s := newOpenServer(t)
	k := &call{server: s, alice: s.join("g", "guest", "guest"), bob: s.join("g", "x", "")}
	k.alice.Expect(message{"type": "user", "kind": "add", "id": k.bob.ID})
	k.bob.Expect(message{"type": "user", "kind": "add", "id": k.alice.ID})
	k.request(message{"": []string{"audio", "video"}})
	return k
}

func (k *call) request(r any) {
	k.t.Helper()
	k.bob.Send(message{"type": "request", "request": r})
	k.bob.ExpectSilence()
}

// publish has alice send a stream.
func (k *call) publish(id, label, sdp string, replace any) {
	k.t.Helper()
	k.alice.Send(message{"type": "offer", "id": id, "label": label, "sdp": sdp, "replace": replace, "kind": ""})
	k.alice.Expect(message{"type": "answer", "id": id, "sdp": "answer to " + sdp})
}

// expectOffer expects bob to be offered a stream, and has him answer.
func (k *call) expectOffer(id, sdp string, replace any) {
	k.t.Helper()
	k.bob.Expect(message{
		"type": "offer", "id": id, "sdp": sdp, "replace": replace, "source": k.alice.ID, "username": "guest",
	})
	k.answer(id)
}

func (k *call) answer(id string) {
	k.t.Helper()
	k.bob.Send(message{"type": "answer", "id": id, "sdp": "fine"})
	k.bob.ExpectSilence()
}

func (k *call) expectClose(id string) {
	k.t.Helper()
	k.bob.Expect(message{"type": "close", "id": id})
}

func TestStreamFromBeginningToEnd(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio video", nil)
	m := k.bob.Expect(message{"type": "offer", "id": "s", "label": "camera", "sdp": "1 audio video"})
	if len(m) != 6 {
		t.Errorf("the offer is %v", m)
	}
	k.answer("s")
	candidate := message{"candidate": "candidate:1 …", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": nil}
	k.bob.Send(message{"type": "ice", "id": "s", "candidate": candidate})
	k.alice.Send(message{"type": "ice", "id": "s", "candidate": candidate})
	k.alice.ExpectSilence()
	k.bob.ExpectSilence()
	if k.engine.lastUp().candidates != 1 || k.engine.lastDown().candidates != 1 {
		t.Error("a candidate was lost")
	}
	k.alice.Send(message{"type": "close", "id": "s"})
	k.expectClose("s")
	k.alice.ExpectSilence()
	k.bob.ExpectSilence()
}

func TestNothingIsOfferedBeforeItIsWanted(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.request(nil)
	k.publish("s", "camera", "audio video", nil)
	k.publish("t", "screenshare", "video", nil)
	k.publish("u", "camera", "video later", nil)
	k.bob.ExpectSilence()
	k.bob.Send(message{"type": "request", "request": message{"": []string{"audio", "nonsense"}}})
	k.expectOffer("s", "1 audio", nil)
	k.bob.Send(message{"type": "request", "request": message{"": []string{"video-low"}, "screenshare": []string{}}})
	k.expectOffer("s", "2 video", nil)
	k.bob.Send(message{"type": "request", "request": message{"": []string{"video"}, "camera": []string{}}})
	k.bob.Await(message{"type": "close", "id": "s"})
	k.expectOffer("t", "1 video", nil)
	k.engine.lastUp().options.OnTracks()
	k.bob.ExpectSilence()
	k.bob.Send(message{"type": "request", "request": nil})
	k.expectClose("t")
	for _, bad := range []any{"audio", []string{"audio"}, message{"": "audio"}, message{"": []int{1}}} {
		k.bob.Send(message{"type": "request", "request": bad})
		k.bob.ExpectError("bad request")
	}
}

func TestStreamIsShownWhenItIsComplete(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio video later", nil)
	k.request(message{"": []string{"audio", "video"}})
	k.bob.ExpectSilence()
	k.engine.lastUp().options.OnTracks()
	k.expectOffer("s", "1 audio video", nil)
	k.engine.lastUp().options.OnTracks()
	k.alice.ExpectSilence()
	k.bob.ExpectSilence()
	k.publish("s", "ignored", "audio", nil)
	k.expectOffer("s", "2 audio", nil)
}

func TestRequestStream(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio video", nil)
	k.expectOffer("s", "1 audio video", nil)
	k.bob.Send(message{"type": "requestStream", "id": "s", "request": []string{"audio"}})
	k.expectOffer("s", "2 audio", nil)
	k.bob.Send(message{"type": "requestStream", "id": "s", "request": []string{"audio"}})
	k.bob.ExpectSilence()
	k.bob.Send(message{"type": "requestStream", "id": "s", "request": nil})
	k.expectOffer("s", "3 audio video", nil)
	k.bob.Send(message{"type": "requestStream", "id": "s", "request": []string{"video"}})
	k.expectOffer("s", "4 video", nil)
	k.publish("t", "camera", "audio video", "s")
	k.expectOffer("t", "1 video", "s")
	// From then on what is wanted of all streams applies to the new one.
	k.bob.Send(message{"type": "request", "request": message{"": []string{"audio", "video"}}})
	k.expectOffer("t", "2 audio video", nil)
	k.bob.Send(message{"type": "requestStream", "id": "unknown", "request": []string{"video"}})
	k.bob.ExpectSilence()
	k.bob.Send(message{"type": "requestStream", "id": "t", "request": "video"})
	k.bob.ExpectError("bad request")
	k.bob.Send(message{"type": "requestStream", "id": "t", "request": []string{}})
	k.expectClose("t")
	k.bob.Send(message{"type": "requestStream", "id": "t", "request": nil})
	k.bob.ExpectSilence()
}

// TestDismissedStreamComesBackByARequest has a stream of which nothing is wanted get
// other tracks, which is no reason to show it again.
func TestDismissedStreamComesBackByARequest(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	nothing := message{"type": "requestStream", "id": "s", "request": []string{}}
	k.publish("s", "camera", "audio", nil)
	k.expectOffer("s", "1 audio", nil)
	k.bob.Send(nothing)
	k.expectClose("s")
	k.publish("s", "camera", "audio video", nil)
	k.alice.ExpectSilence()
	k.bob.ExpectSilence()
	k.bob.Send(message{"type": "request", "request": message{"": []string{"audio", "video"}}})
	k.expectOffer("s", "1 audio video", nil)
	// While an offer waits for its answer, too.
	k.bob.Send(message{"type": "requestStream", "id": "s", "request": []string{"audio"}})
	k.bob.Expect(message{"type": "offer", "id": "s", "sdp": "2 audio"})
	k.bob.Send(nothing)
	k.bob.ExpectSilence()
	k.publish("s", "camera", "video", nil)
	k.alice.ExpectSilence()
	k.bob.Send(message{"type": "answer", "id": "s", "sdp": "fine"})
	k.expectClose("s")
	k.bob.ExpectSilence()
	// Its successor is another stream, and so is the next of its name.
	k.publish("t", "camera", "audio", "s")
	k.expectOffer("t", "1 audio", nil)
	nothing["id"] = "t"
	k.bob.Send(nothing)
	k.expectClose("t")
	k.alice.Send(message{"type": "close", "id": "t"})
	k.alice.ExpectSilence()
	k.publish("t", "camera", "audio", nil)
	k.expectOffer("t", "1 audio", nil)
}

func TestOneOfferAtATime(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio", nil)
	k.bob.Expect(message{"type": "offer", "id": "s", "sdp": "1 audio"})
	k.publish("s", "camera", "audio video", nil)
	k.bob.Send(message{"type": "renegotiate", "id": "s"})
	k.engine.lastDown().options.OnFailed()
	k.bob.ExpectSilence()
	k.bob.Send(message{"type": "answer", "id": "s", "sdp": "fine"})
	k.bob.Expect(message{"type": "offer", "id": "s", "sdp": "2 audio video restart"})
	k.answer("s")
	k.engine.lastDown().options.OnFailed()
	k.expectOffer("s", "3 audio video restart", nil)
	k.bob.Send(message{"type": "renegotiate", "id": "s"})
	k.expectOffer("s", "4 audio video restart", nil)
	k.bob.Send(message{"type": "renegotiate", "id": "unknown"})
	k.bob.ExpectSilence()
}

func TestPublisherIsAskedToRestart(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio", nil)
	k.engine.lastUp().options.OnFailed()
	k.alice.Expect(message{"type": "renegotiate", "id": "s"})
}

func TestOnlyWhoKnowsOfThemIsToldWhichEncodingsAreOfUse(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "video", nil)
	if k.engine.lastUp().options.OnEncodings != nil {
		t.Error("who does not know of that is to be told which encodings are of use")
	}
	carol := k.dial()
	carol.Send(message{"type": "handshake", "version": []string{"2"}, "id": carol.ID, "encodings": message{}})
	carol.Expect(message{"type": "handshake", "encodings": message{}})
	carol.Send(wstest.JoinMessage("g", "guest", "guest"))
	carol.Send(message{"type": "offer", "id": "t", "label": "camera", "sdp": "video"})
	carol.Await(message{"type": "answer", "id": "t"})
	first := k.engine.lastUp().options
	first.OnEncodings([]string{"h", "l"})
	carol.Expect(message{"type": "encodings", "id": "t", "value": []any{"h", "l"}})
	carol.Send(message{"type": "close", "id": "t"})
	carol.ExpectSilence()
	first.OnEncodings([]string{"l"})
	carol.ExpectSilence()
}

func TestOnlyWhoKnowsOfThatIsToldWhatItsUplinkTakes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	for id, encodings := range map[string]message{"knows": {"bitrate": true}, "does not": {}} {
		carol := k.dial()
		carol.Send(message{"type": "handshake", "version": []string{"2"}, "id": carol.ID, "encodings": encodings})
		carol.Expect(message{"type": "handshake", "encodings": encodings})
		carol.Send(wstest.JoinMessage("g", "guest", "guest"))
		carol.Send(message{"type": "offer", "id": id, "label": "camera", "sdp": "video"})
		carol.Await(message{"type": "answer", "id": id})
		tell := k.engine.lastUp().options.OnUplink
		if (tell != nil) != (id == "knows") {
			t.Errorf("%q is to be told, or not", id)
			continue
		}
		for _, bitrate := range []int{200_000, 0} {
			if tell != nil {
				tell(bitrate)
				carol.Expect(message{"type": "encodings", "id": id, "bitrate": bitrate})
			}
		}
	}
}

func TestAnswersThatDoNotFit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.bob.Send(message{"type": "answer", "id": "unknown", "sdp": "fine"})
	k.expectClose("unknown")
	k.publish("s", "camera", "audio", nil)
	k.bob.Expect(message{"type": "offer", "id": "s"})
	k.bob.Send(message{"type": "answer", "id": "s", "sdp": "bad"})
	k.expectClose("s")
	k.bob.ExpectError("bad answer")
	k.bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	k.expectOffer("s", "1 audio", nil)
	k.bob.Send(message{"type": "answer", "id": "s", "sdp": "again"})
	k.expectClose("s")
	k.bob.ExpectError("answer without an offer")
}

func TestAbortOfASubscriber(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio", nil)
	k.expectOffer("s", "1 audio", nil)
	k.bob.Send(message{"type": "abort", "id": "s"})
	k.expectClose("s")
	k.bob.Send(message{"type": "abort", "id": "s"})
	k.expectClose("s")
	k.bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	k.expectOffer("s", "1 audio", nil)
}

// expectReplaced expects that bob's stream old ends and that he is offered new.
func (k *call) expectReplaced(old, new string) {
	k.t.Helper()
	offered, gone := false, false
	for !offered || !gone {
		m := k.bob.Next()
		switch {
		case wstest.Matches(m, message{"type": "offer", "id": new}):
			offered = true
			gone = gone || m["replace"] == old
			k.bob.Send(message{"type": "answer", "id": new, "sdp": "fine"})
		case wstest.Matches(m, message{"type": "close", "id": old}):
			gone = true
		default:
			k.t.Fatalf("got %v", m)
		}
	}
	k.bob.ExpectSilence()
}

func TestOffersThatAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	refused := func(c *wstest.Client, m message, text string) {
		t.Helper()
		m["type"] = "offer"
		c.Send(m)
		c.Expect(message{"type": "abort", "id": m["id"]})
		c.ExpectError(text)
	}
	refused(k.bob, message{"id": "x", "sdp": "audio"}, "not authorised")
	refused(k.alice, message{"id": "s", "sdp": "bad"}, "bad offer")
	refused(k.alice, message{"id": "s", "sdp": "audio", "label": strings.Repeat("x", 129)}, "label is too long")
	k.publish("s", "camera", "audio", nil)
	k.expectOffer("s", "1 audio", nil)
	refused(k.alice, message{"id": "s", "sdp": "bad"}, "bad offer")
	k.bob.ExpectSilence()

	op := k.join("g", "op", "op")
	k.bob.Expect(message{"type": "user", "id": op.ID})
	k.alice.Expect(message{"type": "user", "id": op.ID})
	op.Expect(message{"type": "user"})
	op.Expect(message{"type": "user"})
	refused(op, message{"id": "s", "sdp": "audio"}, "this stream id is in use")
	op.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	op.Expect(message{"type": "offer", "id": "s"})
	refused(op, message{"id": "s", "sdp": "audio"}, "adding duplicate connection")
	// Nobody ends the streams of somebody else.
	op.Send(message{"type": "close", "id": "s"})
	refused(k.bob, message{"id": "y", "sdp": "audio", "replace": "s"}, "not authorised")
	k.bob.ExpectSilence()
	k.alice.ExpectSilence()
}

func TestTooManyStreams(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.request(nil)
	for i := range 64 {
		k.publish(string(rune('A'+i)), "", "audio", nil)
	}
	k.alice.Send(message{"type": "offer", "id": "more", "sdp": "audio"})
	k.alice.Expect(message{"type": "abort", "id": "more"})
	k.alice.ExpectError("too many streams")
	k.publish("another", "", "audio", "A")
}

func TestStreamThatCannotBeSentIsClosed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.engine.mu.Lock()
	k.engine.refuseDown = true
	k.engine.mu.Unlock()
	k.publish("s", "camera", "audio", nil)
	k.expectClose("s")
	k.bob.ExpectSilence()
}

func TestStreamsOfALeaverAreClosedBeforeHeIsGone(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, leave := range map[string]func(*wstest.Client){
		"leave": func(c *wstest.Client) { c.Send(message{"type": "join", "kind": "leave", "group": "g"}) },
		"drop":  (*wstest.Client).Drop,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newCall(t)
			k.publish("s", "camera", "audio", nil)
			k.expectOffer("s", "1 audio", nil)
			leave(k.alice)
			k.expectClose("s")
			k.bob.Expect(message{"type": "user", "kind": "delete", "id": k.alice.ID})
			k.bob.ExpectSilence()
		})
	}
}

func TestReceiverThatLeavesIsToldNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio", nil)
	k.expectOffer("s", "1 audio", nil)
	k.bob.Send(message{"type": "join", "kind": "leave", "group": "g"})
	k.bob.Expect(message{"type": "joined", "kind": "leave"})
	k.bob.Send(wstest.JoinMessage("g", "x", ""))
	k.bob.Expect(message{"type": "joined", "kind": "join"})
	k.bob.Expect(message{"type": "user", "kind": "add", "id": k.bob.ID})
	k.bob.Expect(message{"type": "user", "kind": "add", "id": k.alice.ID})
	k.bob.ExpectSilence()
}

func TestAnswerIsNotTakenForThatToALaterOffer(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	all := message{"": []string{"audio", "video"}}
	k.publish("s", "camera", "audio video", nil)
	k.bob.Expect(message{"type": "offer", "id": "s", "sdp": "1 audio video"})
	for range 3 {
		k.request(nil)
		k.request(all)
	}
	k.answer("s")
	k.bob.Send(message{"type": "renegotiate", "id": "s"})
	k.bob.Expect(message{"type": "offer", "id": "s", "sdp": "2 audio video restart"})
	k.bob.Send(message{"type": "requestStream", "id": "s", "request": []string{}})
	k.request(all)
	k.answer("s")
	k.bob.Send(message{"type": "renegotiate", "id": "s"})
	k.bob.Expect(message{"type": "offer", "id": "s", "sdp": "3 audio video restart"})
	k.request(nil)
	k.bob.Send(message{"type": "answer", "id": "s", "sdp": "fine"})
	k.expectClose("s")
	k.request(nil)
	k.bob.Send(message{"type": "request", "request": all})
	k.expectOffer("s", "1 audio video", nil)
}
