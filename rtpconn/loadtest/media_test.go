package loadtest

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/codec"
)

func TestFramesAreWhatAServerTakesForVP8(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	v := newVideo(1_000_000)
	picture := v.picture
	for index := range 2 {
		packets, key := v.frame(index, false)
		if key != (index == 0) {
			t.Errorf("frame %d: key frame: %t", index, key)
		}
		for i, p := range packets {
			want := media.FrameInfo{
				Start: i == 0, End: i == len(packets)-1, Keyframe: key && i == 0,
				PictureID: picture & 0x7fff, PictureIDBits: 15,
			}
			if want.Keyframe {
				want.Width, want.Height = 1280, 720
			}
			if got := codec.VP8(p.payload, p.marker); got != want {
				t.Errorf("frame %d, packet %d: got %+v, want %+v", index, i, got, want)
			}
			if p.timestamp != uint32(index*3000) || len(p.payload) > maxPayload {
				t.Errorf("frame %d, packet %d: timestamp %d, %d bytes", index, i, p.timestamp, len(p.payload))
			}
		}
		picture++
	}
}

func TestVideoKeepsToItsBitrate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, bitrate := range []int{minBitrate, 1_000_000, 6_000_000} {
		const seconds = 30
		v := newVideo(bitrate)
		bytes, keyframes := 0, 0
		for index := range seconds * frameRate {
			packets, key := v.frame(index, false)
			if key {
				keyframes++
			}
			for _, p := range packets {
				bytes += len(p.payload)
			}
		}
		if got := bytes * 8 / seconds; got < bitrate*98/100 || got > bitrate*104/100 {
			t.Errorf("%d bit/s instead of %d", got, bitrate)
		}
		if keyframes != 3 {
			t.Errorf("%d key frames", keyframes)
		}
	}
}

func TestKeyframesComeWhenAskedForButNotTooOften(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	v := newVideo(1_000_000)
	keyframes := 0
	for index := range 3 * frameRate {
		if _, key := v.frame(index, true); key {
			keyframes++
		}
	}
	if keyframes != 9 {
		t.Errorf("%d key frames in three seconds", keyframes)
	}
}

func TestTimesTravelInPayloads(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, p := range []packet{audioPacket(3), newVideo(1_000_000).packetise(0, 20, true)[0]} {
		stamp(p.payload, 42*time.Second)
		if sent, ok := stampOf(p.payload); !ok || sent != 42*time.Second {
			t.Errorf("%v, %t", sent, ok)
		}
	}
	if _, ok := stampOf(make([]byte, stampSize-1)); ok {
		t.Error("read a time that is not there")
	}
}

func TestFramesLeaveInBurstsOfWhatTheRateHasRoomFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newPacer(1_000_000) // 1,562 bytes in 5 ms
	packets := make([]packet, 12)
	for i := range packets {
		packets[i].payload = make([]byte, 1000)
	}
	p.push(packets)
	var bursts []int
	for len(p.queue) > 0 {
		bursts = append(bursts, len(p.take(paceInterval)))
	}
	if len(bursts) != 8 {
		t.Errorf("bursts of %v packets", bursts)
	}
	if p.take(time.Hour); p.budget > p.rate {
		t.Errorf("saved %f bytes for later", p.budget)
	}
}
