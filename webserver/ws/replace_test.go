package ws_test

import (
	"testing"

	"galene/group/leaktest"
)

func TestReplace(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("one", "camera", "audio video", nil)
	k.expectOffer("one", "1 audio video", nil)
	k.publish("two", "camera", "audio video", "one")
	k.expectOffer("two", "1 audio video", "one")
	// The client asks about the stream that it takes for alive no more.
	k.alice.Send(message{"type": "close", "id": "one"})
	k.publish("three", "screenshare", "audio", "unknown")
	k.expectOffer("three", "1 audio", nil)
	k.request(message{"": []string{"audio", "video"}, "screenshare": []string{"audio"}})
	k.publish("four", "screenshare", "video", "three")
	k.expectClose("three")
	k.publish("five", "camera", "audio later", "two")
	k.bob.ExpectSilence()
	k.alice.Send(message{"type": "close", "id": "five"})
	k.expectClose("two")
}

// TestReplacementThatIsSeenTooEarly has the receiver ask for everything after a
// replacement was announced, and before it has heard of it.
func TestReplacementThatIsSeenTooEarly(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("one", "camera", "audio", nil)
	k.expectOffer("one", "1 audio", nil)
	for range 20 {
		// Whatever the two messages meet, one is gone and two is there after
		// them, by a replacing offer or by an offer and a close.
		k.bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
		k.publish("two", "camera", "audio", "one")
		k.bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
		k.expectReplaced("one", "two")
		k.publish("one", "camera", "audio", "two")
		k.bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
		k.expectReplaced("two", "one")
	}
}

func TestStreamThatIsBeingReplacedCanBeRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newCall(t)
	k.publish("s", "camera", "audio", nil)
	k.expectOffer("s", "1 audio", nil)
	k.publish("t", "camera", "audio later", "s")
	k.bob.Send(message{"type": "request", "request": nil})
	k.expectClose("s")
	k.request(message{"": []string{"audio"}})
	k.engine.lastUp().options.OnTracks()
	k.expectOffer("t", "1 audio", nil)
}
