package demux

import (
	"bytes"
	"testing"

	"galene/group/leaktest"
)

// repaired is a publisher with a simulcast camera and another video, both of which send
// again in streams of their own.
func repaired() []Source {
	return []Source{
		{MID: "0", RIDs: []string{"h", "l"}, SSRCs: []uint32{200}, Repairs: map[uint32]uint32{200: 201}, PayloadTypes: []uint8{96}, RepairTypes: []uint8{97}},
		{MID: "1", SSRCs: []uint32{300}, Repairs: map[uint32]uint32{300: 301}, PayloadTypes: []uint8{96}, RepairTypes: []uint8{97}},
	}
}

func TestRetransmissionsBelongToWhatTheyRepair(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	lookups{
		"named source":                    {301, 97, nil, Target{Track: 1, Repair: true}, true},
		"named source, type of the other": {301, 96, nil, Target{}, false},
		"what it repairs":                 {300, 96, nil, Target{Track: 1}, true},
		"what it repairs, type of it":     {300, 97, nil, Target{}, false},
		"of what nobody has heard of":     {201, 97, nil, Target{}, false},
		"repaired rid":                    {1, 97, map[uint8]string{4: "0", 11: "l"}, Target{Track: 0, Encoding: 1, Repair: true}, true},
		"repaired rid, type of the other": {1, 96, map[uint8]string{4: "0", 11: "l"}, Target{}, false},
		"unknown repaired rid":            {1, 97, map[uint8]string{4: "0", 11: "m"}, Target{}, false},
		"rid, told by its type":           {1, 97, map[uint8]string{4: "0", 10: "h"}, Target{Track: 0, Encoding: 0, Repair: true}, true},
		"mid, told by its type":           {1, 97, map[uint8]string{4: "1"}, Target{Track: 1, Repair: true}, true},
		"mid of the simulcast":            {1, 97, map[uint8]string{4: "0"}, Target{}, false},
		"nothing but its type":            {1, 97, nil, Target{}, false},
	}.check(t, repaired())
}

// In simulcast the description names the source of retransmissions, and packets show
// whose it is.
func TestRetransmissionsFollowWhatPacketsHaveShown(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	table := New(repaired())
	again := packet(t, 201, 97, false, nil)
	lookup(t, table, packet(t, 200, 96, false, map[uint8]string{4: "0", 10: "l"}))
	want := Target{Track: 0, Encoding: 1, Repair: true}
	if got, ok := lookup(t, table, again); got != want || !ok {
		t.Errorf("got %v, %v", got, ok)
	}
	// The sections change places, and descriptions name no sources any more.
	sources := repaired()
	sources[0], sources[1] = sources[1], sources[0]
	for i := range sources {
		sources[i].SSRCs, sources[i].Repairs = nil, nil
	}
	table.Update(sources)
	want.Track = 1
	if got, ok := lookup(t, table, again); got != want || !ok {
		t.Errorf("negotiated anew: got %v, %v", got, ok)
	}
	if got, ok := lookup(t, table, packet(t, 201, 96, false, nil)); ok {
		t.Errorf("another type: %v", got)
	}
}

// What has been shown of a section stays known only while the section has the same
// encodings, or the same one.
func TestWhatIsKnownIsForgottenWithItsEncoding(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	simulcast := Source{MID: "0", RIDs: []string{"h", "l"}, PayloadTypes: []uint8{96}}
	other := Source{MID: "1", PayloadTypes: []uint8{96}}
	single := Source{MID: "0", PayloadTypes: []uint8{96}}
	for name, tt := range map[string]struct {
		before, after []Source
		values        map[uint8]string
		want          Target
		ok            bool
	}{
		"the same":                {[]Source{single, other}, []Source{other, single}, map[uint8]string{4: "0"}, Target{Track: 1}, true},
		"the same encoding":       {[]Source{simulcast, other}, []Source{other, simulcast}, map[uint8]string{4: "0", 10: "l"}, Target{Track: 1, Encoding: 1}, true},
		"one after the other way": {[]Source{simulcast, other}, []Source{other, {MID: "0", RIDs: []string{"l", "h"}, PayloadTypes: []uint8{96}}}, map[uint8]string{4: "0", 10: "l"}, Target{Track: 1, Encoding: 0}, true},
		"no simulcast any more":   {[]Source{simulcast, other}, []Source{other, single}, map[uint8]string{4: "0", 10: "l"}, Target{}, false},
		"simulcast from now on":   {[]Source{single, other}, []Source{other, simulcast}, map[uint8]string{4: "0"}, Target{}, false},
		"another section":         {[]Source{single, other}, []Source{other, {MID: "2", PayloadTypes: []uint8{96}}}, map[uint8]string{4: "0"}, Target{}, false},
	} {
		table := New(tt.before)
		if _, ok := lookup(t, table, packet(t, 7, 96, false, tt.values)); !ok {
			t.Fatalf("%s: not known before", name)
		}
		table.Update(tt.after)
		if got, ok := lookup(t, table, packet(t, 7, 96, false, nil)); ok != tt.ok || got != tt.want && ok {
			t.Errorf("%s: got %v, %v", name, got, ok)
		}
	}
}

func TestValuesOfExtensions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	x := Extensions{MID: 1, RID: 2, RepairedRID: 3, TransportCC: 4, AudioLevel: 5, DependencyDescriptor: 6}
	for _, twoByte := range []bool{false, true} {
		raw := packet(t, 1, 96, twoByte, map[uint8]string{1: "m", 2: "r", 3: "rr", 4: "\x12\x34", 5: "\xad", 6: "dependencies", 7: "x"})
		v := x.Find(raw)
		for _, value := range []struct{ got, want string }{
			{string(v.MID), "m"}, {string(v.RID), "r"}, {string(v.RepairedRID), "rr"}, {string(v.DependencyDescriptor), "dependencies"},
		} {
			if value.got != value.want {
				t.Errorf("%q, want %q", value.got, value.want)
			}
		}
		if n, ok := v.TransportSequence(); n != 0x1234 || !ok {
			t.Errorf("number %x, %v", n, ok)
		}
		if n, ok := v.Loudness(); n != 127-0x2d || !ok {
			t.Errorf("loudness %d, %v", n, ok)
		}
		if got := Sources(raw); !bytes.Equal(got, []byte{0, 0, 0, 1, 0, 0, 0, 2}) {
			t.Errorf("sources %x", got)
		}
		if v := (Extensions{}).Find(raw); v.MID != nil || v.TransportCC != nil || v.AudioLevel != nil {
			t.Errorf("none has been agreed on, but there is %+v", v)
		}
	}
	for _, level := range []byte{0, 0x7f, 0x80, 0xff} {
		v := Values{AudioLevel: []byte{level}}
		if n, ok := v.Loudness(); n != 127-level&0x7f || !ok {
			t.Errorf("level %x: loudness %d, %v", level, n, ok)
		}
	}
	if n, ok := new(Values).Loudness(); ok {
		t.Errorf("loudness %d of nothing", n)
	}
	for _, value := range [][]byte{nil, {}, {1}, {1, 2, 3}} {
		v := Values{TransportCC: value}
		if n, ok := v.TransportSequence(); ok {
			t.Errorf("number %x of %x", n, value)
		}
	}
}
