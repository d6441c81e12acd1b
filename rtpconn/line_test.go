package rtpconn

import (
	"encoding/binary"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/socket"
	"galene/rtpconn/srtp"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtp"
)

// clientBench is one with two subscribers, which are connections of one client, and a
// third one of another.
func clientBench(t *testing.T) (b *bench, rows []*DownTrack) {
	t.Helper()
	b = newBench(t, 0, 1000)
	for i, client := range []string{"alice", "alice", "bob"} {
		b.client = client
		b.subscribe(t, b.up.sources[0], uint16(1000+i))
	}
	return b, b.up.sources[0].rows
}

// One line, and on it one estimate, one budget and one pacer, for all connections of a
// client.
func TestConnectionsOfAClientShareItsLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, rows := clientBench(t)
	alice, bob := rows[0].conn.line, rows[2].conn.line
	if rows[1].conn.line != alice || bob == alice {
		t.Fatal("lines are not by client")
	}
	// The same name in another group is somebody else.
	b.worker.do(func() {
		d := &DownConn{up: b.up, options: DownOptions{Group: "another", SubscriberID: "alice"}}
		b.worker.attach(d)
		if d.line == alice {
			t.Error("one line for clients of two groups")
		}
		b.worker.detach(d)
	})
	b.worker.do(func() {
		b.worker.detach(rows[0].conn)
		if b.worker.lines[alice.key] != alice {
			t.Error("the line goes with the first of two connections")
		}
		b.worker.detach(rows[1].conn)
		if _, ok := b.worker.lines[alice.key]; ok || b.worker.lines[bob.key] != bob {
			t.Error("the line does not go with the last connection, or takes others with it")
		}
	})
}

// What a connection said long ago, as one does that nothing comes by any more, does not
// count.
func TestEstimatesOfLongAgoDoNotCount(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, rows := clientBench(t)
	for _, tt := range []struct {
		row  int
		rate float64
		now  time.Duration
		want float64
	}{
		{0, 400_000, time.Minute, 400_000},
		{1, 100_000, time.Minute + 10*time.Second, 500_000},
		{1, 100_000, time.Minute + 31*time.Second, 100_000},
		{0, 200_000, time.Minute + 32*time.Second, 300_000},
	} {
		b.worker.do(func() {
			rows[tt.row].conn.receiveREMB(tt.rate, tt.now)
			if got := rows[0].conn.line.estimator.Rate(tt.now); got != tt.want {
				t.Errorf("after %v: %.0f bit/s, want %.0f", tt.now, got, tt.want)
			}
		})
	}
}

// Each connection says what it could carry; two pictures get what both say together,
// and not what it would be for each.
func TestPicturesOfSeveralConnectionsShareOneBudget(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, rows := clientBench(t)
	b.simulcast()
	now := time.Minute
	for _, row := range rows {
		b.estimate(row, 600_000, now)
		b.estimate(row, 600_000, now+time.Second)
	}
	b.estimate(rows[0], 600_000, now+2*time.Second)
	got := [3]int{rows[0].target.Encoding, rows[1].target.Encoding, rows[2].target.Encoding}
	if got[0]+got[1] != 1 || got[2] != 1 {
		t.Errorf("encodings %v: of 1.2 Mbit/s one picture of 0.9 and one of 0.15, of 0.6 one of 0.15", got)
	}
}

// A shared screen is to be read, whoever speaks.
func TestSharedScreensAreServedBeforeSpeakers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, screen := range []int{0, 1} {
		b, rows := clientBench(t)
		track := b.simulcast()
		for i, row := range rows[:2] {
			up := *track
			up.conn = &UpConn{}
			if i == screen {
				up.conn.options.Label = screenLabel
			} else {
				up.conn.speech.until = time.Hour
			}
			row.up = &up
		}
		b.estimate(rows[0], 1_300_000, time.Minute)
		b.estimate(rows[0], 1_300_000, 2*time.Minute)
		if rows[screen].target.Encoding != 0 || rows[1-screen].target.Encoding != 1 {
			t.Errorf("the screen gets encoding %d, the speaker %d", rows[screen].target.Encoding, rows[1-screen].target.Encoding)
		}
	}
}

// What one connection sends uses up what the other may send at once.
func TestPicturesOfSeveralConnectionsShareOnePacer(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, rows := clientBench(t)
	b.worker.do(func() { thin(rows[0].conn, thinLine, b.now) })
	before, carried := b.sink.datagrams, rows[2].packets
	const packets = 20
	for range packets {
		b.send(t)
	}
	others := int(rows[2].packets - carried)
	if others != packets {
		t.Errorf("another client gets %d packets of %d", others, packets)
	}
	if n, most := b.sink.datagrams-before-others, 2+minPacingBurst/1000+1; n > most {
		t.Errorf("%d packets leave at once by two connections", n)
	}
}

// Whatever is sent, for the first time or again or as padding, has its place in all that
// the client is sent, so that nothing that went by is missed.
func TestPacketsFollowOneAnotherOnTheirLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 1000)
	row := b.up.sources[0].rows[0]
	var recorder transportcc.Recorder
	b.sink.keep = func(m socket.Message) {
		var p rtp.Packet
		if isRTCP(m.Data) || p.Unmarshal(m.Data) != nil {
			return
		}
		if number := p.GetExtension(5); len(number) == 2 {
			recorder.Received(binary.BigEndian.Uint16(number), time.Hour)
		}
	}
	b.worker.do(func() {
		row.conn.extensions.transportCC, row.conn.history = 5, new(transportcc.History)
		row.repair = 97
	})
	for range 3 {
		b.send(t)
		b.worker.do(func() {
			row.sendPadding(1)
			row.resend(row.newest, b.now)
			row.conn.lane.flush()
		})
	}
	message, _ := recorder.Append(nil, 1, 2)
	results, err := row.conn.history.Feedback(message, nil)
	if err != nil || len(results) < 9 {
		t.Fatalf("%d packets are told of, %v", len(results), err)
	}
	for i, r := range results[1:] {
		// How much is added when a packet is sealed is known only afterwards.
		if before := results[i]; before.Offset+uint32(before.Size)-r.Offset >= srtp.Overhead {
			t.Errorf("packet %d is at %d, the one before of %d bytes at %d", i+1, r.Offset, before.Size, before.Offset)
		}
	}
}
