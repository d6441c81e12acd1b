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
	v := newVP8(1_000_000)
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

func TestPicturesAreWhatAServerTakesForLayersOfVP9(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	v := newVP9(1_000_000)
	picture := v.picture
	for index, tid := range []uint8{0, 2, 1, 2, 0} {
		packets, key := v.frame(index, false)
		if key != (index == 0) {
			t.Errorf("picture %d: key picture: %t", index, key)
		}
		var previous media.FrameInfo
		for i, p := range packets {
			got := codec.VP9(p.payload, p.marker)
			want := media.FrameInfo{
				Start: i == 0 || previous.End, End: got.End, SID: previous.SID, TID: tid, TIDUpSwitch: tid > 0,
				Keyframe: key && i == 0, InterPicture: !key, NonReference: !key,
				PictureID: picture & 0x7fff, PictureIDBits: 15, TL0PicIdx: uint8(1 + index/4), Width: got.Width, Height: got.Height,
			}
			if previous.End {
				want.SID++
			}
			if got != want {
				t.Errorf("picture %d, packet %d: got %+v, want %+v", index, i, got, want)
			}
			if key && i == 0 && (got.Width != 1280 || got.Height != 720) {
				t.Errorf("%d x %d pixels", got.Width, got.Height)
			}
			if last := i == len(packets)-1; p.marker != last || last && (!got.End || got.SID != 2) || len(p.payload) > maxPayload {
				t.Errorf("picture %d, packet %d of %d: marker %t, layer %d, %d bytes", index, i, len(packets), p.marker, got.SID, len(p.payload))
			}
			previous = got
		}
		picture++
	}
}

func TestVideoKeepsToItsBitrate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, kind := range []Video{VP8, VP9SVC, Simulcast} {
		for _, bitrate := range []int{minBitrate, 1_000_000, 6_000_000} {
			const seconds = 30
			encoders := encodersOf(kind, bitrate, nil)
			bytes, keyframes := 0, 0
			for index := range seconds * frameRate {
				for _, e := range encoders {
					packets, key := e.frame(index, false)
					if key {
						keyframes++
					}
					for _, p := range packets {
						bytes += len(p.payload)
					}
				}
			}
			want := totalBitrate(kind, bitrate, nil)
			descriptors := len(encoders) * seconds * frameRate * spatialLayers * (vp9DescriptorSize + 1) * 8 / seconds
			if got := bytes * 8 / seconds; got < want*98/100 || got > want*104/100+descriptors {
				t.Errorf("%s: %d bit/s instead of %d", kind, got, want)
			}
			if keyframes != 3*len(encoders) {
				t.Errorf("%s: %d key frames", kind, keyframes)
			}
		}
	}
}

func TestRateOfPacketsIsThatOfWhatIsSent(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, bitrate := range []int{minBitrate, 1_500_000} {
		const seconds = 20
		packets := 50 * seconds
		v := newVP8(bitrate)
		for index := range seconds * frameRate {
			frame, _ := v.frame(index, false)
			packets += len(frame)
		}
		if got := PacketRate(bitrate); got*seconds < packets*95/100 || got*seconds > packets*110/100 {
			t.Errorf("%d packets a second instead of %d", got, packets/seconds)
		}
	}
	if got := PacketRate(0); got != 50 {
		t.Errorf("%d packets of sound a second", got)
	}
}

func TestKeyframesComeWhenAskedForButNotTooOften(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	v := newVP8(1_000_000)
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
	for _, p := range []packet{audioPacket(3), newVP8(1_000_000).packetise(0, 20, true)[0]} {
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

// A film may consist of key frames for the most part if many are asked for.
func TestFramesAreLeftOutRatherThanQueuedForEver(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	f := &Film{frames: [][]byte{make([]byte, 50_000)}, size: 50_000}
	for range 299 {
		f.frames = append(f.frames, []byte{1, 0, 0})
		f.size += 3
	}
	projector, p := newProjector(f), newPacer(f.bitrate())
	longest, made := 0, 0
	for now := time.Duration(0); now < time.Minute; now += paceInterval {
		if frame := int(now * frameRate / time.Second); frame > made {
			made = frame
			if !p.behind() {
				packets, _ := projector.frame(frame, true)
				p.push(packets)
			}
		}
		p.take(paceInterval)
		longest = max(longest, len(p.queue))
	}
	if most := 2 * packetCount(50_000, vp8DescriptorSize); longest > most {
		t.Errorf("%d packets waited, more than the %d of two key frames", longest, most)
	}
}
