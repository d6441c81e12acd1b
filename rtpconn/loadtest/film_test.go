package loadtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/rtpconn/codec"
)

// ivf makes a file of frames; those that begin with an even byte are key frames.
func ivf(frames ...[]byte) []byte {
	file := make([]byte, ivfHeaderSize)
	copy(file, "DKIF")
	copy(file[8:], "VP80")
	for _, frame := range frames {
		file = binary.LittleEndian.AppendUint32(file, uint32(len(frame)))
		file = append(file, make([]byte, 8)...)
		file = append(file, frame...)
	}
	return file
}

// pictures makes so many frames of a size, of which the first is a key frame.
func pictures(count, size int) [][]byte {
	frames := make([][]byte, count)
	for i := range frames {
		frames[i] = bytes.Repeat([]byte{byte(i)}, size)
		frames[i][0] = 1
	}
	copy(frames[0], vp8Header(nil, true))
	return frames
}

func TestFilmIsShownAgainAndAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	frames := pictures(10, 2*maxPayload)
	tests := []struct {
		layers int
		// tids and sync of the frames from a key frame on.
		tids []uint8
		sync []bool
	}{
		{1, []uint8{0}, []bool{false}},
		{2, []uint8{0, 1}, []bool{false, true}},
		{3, []uint8{0, 2, 1, 2}, []bool{false, true, true, false}},
	}
	for _, test := range tests {
		film, err := ReadFilm(bytes.NewReader(ivf(frames...)), test.layers)
		check(t, err)
		if want := 2 * maxPayload * 8 * frameRate; film.bitrate() != want {
			t.Errorf("%d bit/s, not %d", film.bitrate(), want)
		}
		p := newProjector(film)
		tl0 := p.tl0
		for index := range 25 {
			packets, key := p.frame(index, false)
			number := index % len(frames)
			if key != (number == 0) {
				t.Errorf("frame %d: key frame: %t", index, key)
			}
			var shown []byte
			for i, packet := range packets {
				info := codec.VP8(packet.payload, packet.marker)
				if info.Start != (i == 0) || info.End != (i == len(packets)-1) || info.TID != test.tids[number%len(test.tids)] || info.Sync != test.sync[number%len(test.sync)] {
					t.Errorf("%d layers, frame %d, packet %d: %+v", test.layers, index, i, info)
				}
				if info.TID == 0 && test.layers > 1 && i == 0 {
					tl0++
				}
				if info.TL0PicIdx != tl0 && test.layers > 1 {
					t.Errorf("%d layers, frame %d: TL0PICIDX %d, not %d", test.layers, index, info.TL0PicIdx, tl0)
				}
				descriptor := vp8DescriptorSize
				if test.layers > 1 {
					descriptor += 2
				}
				shown = append(shown, packet.payload[descriptor:]...)
				if len(packet.payload) > maxPayload {
					t.Errorf("a packet of %d bytes", len(packet.payload))
				}
			}
			if !bytes.Equal(shown, frames[number]) {
				t.Errorf("frame %d is another", index)
			}
		}
	}
}

func TestFilmBeginsAnewForWhoAsksForAKeyFrame(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	film, err := ReadFilm(bytes.NewReader(ivf(pictures(100, 10)...)), 1)
	check(t, err)
	p := newProjector(film)
	var keys []int
	for index := range 25 {
		if _, key := p.frame(index, true); key {
			keys = append(keys, index)
		}
	}
	if len(keys) != 3 || keys[1] != minKeyframeInterval {
		t.Errorf("key frames at %v", keys)
	}
}

func TestWhatIsNoFilmIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	good := ivf(pictures(2, 10)...)
	tests := []struct {
		name   string
		file   []byte
		layers int
		want   string
	}{
		{"layers", good, 4, "one to three"},
		{"another format", []byte(strings.Repeat("RIFF", 20)), 1, "not an IVF"},
		{"nothing", nil, 1, "not an IVF"},
		{"no frames", ivf(), 1, "key frame"},
		{"no key frame", ivf(pictures(2, 10)[1]), 1, "key frame"},
		{"cut off in a frame", good[:len(good)-1], 1, "cut off"},
		{"cut off in a header", append(good[:len(good):len(good)], 1), 1, "cut off"},
		{"empty frame", ivf(pictures(1, 10)[0], nil), 1, "empty"},
	}
	for _, test := range tests {
		if _, err := ReadFilm(bytes.NewReader(test.file), test.layers); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func FuzzReadFilm(f *testing.F) {
	leaktest.Check(f)
	f.Add(ivf(pictures(3, 10)...), 3)
	f.Add(ivf(), 1)
	f.Fuzz(func(t *testing.T, file []byte, layers int) {
		film, err := ReadFilm(bytes.NewReader(file), layers)
		if err != nil {
			return
		}
		p := newProjector(film)
		for index := range 2 * len(film.frames) {
			if packets, _ := p.frame(index, index%2 == 0); len(packets) == 0 {
				t.Fatal("a frame without packets")
			}
		}
	})
}

// films makes so many encodings of a film of ten seconds, with a packet for each
// frame.
func films(t *testing.T, count int) []*Film {
	t.Helper()
	film, err := ReadFilm(bytes.NewReader(ivf(pictures(300, 1000)...)), 3)
	check(t, err)
	return slices.Repeat([]*Film{film}, count)
}

func TestFilmIsForwardedAsItIs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	engine := testEngine(t)
	g, err := New(Options{Films: films(t, 2)})
	check(t, err)
	_, up, stop := publish(ctx, t, engine, g)
	s := subscribe(ctx, t, engine, g, up)
	receive(ctx, t, s.Video())
	until(ctx, t, func() bool { return s.Stats().Packets >= 100 })
	stop()
	if n := len(engine.Stats()); n != 2 {
		t.Errorf("%d connections", n)
	}
	if _, err := New(Options{Films: films(t, 4)}); err == nil {
		t.Error("four encodings were taken")
	}
}

func TestWhoAsksForHalfOfTheFramesGetsAsMany(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	engine := testEngine(t)
	g, err := New(Options{Films: films(t, 1)})
	check(t, err)
	_, up, stop := publish(ctx, t, engine, g)
	half := subscribeTo(ctx, t, engine, g, up, "video", "half-rate")
	all := subscribeTo(ctx, t, engine, g, up, "video")
	// There is a packet for each frame. It takes a moment to see what layers there are.
	const frames = 60
	until(ctx, t, func() bool {
		before, than := half.Stats().Packets, all.Stats().Packets
		until(ctx, t, func() bool { return all.Stats().Packets >= than+frames })
		got := half.Stats().Packets - before
		return got > frames/3 && got < frames*2/3
	})
	stop()
	until(ctx, t, func() bool { return half.Stats().Missing == 0 })
	if n := half.Stats().Restarts; n != 0 {
		t.Errorf("%d restarts", n)
	}
}
