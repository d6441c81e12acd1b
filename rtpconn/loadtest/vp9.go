package loadtest

import (
	"encoding/binary"
	"math/rand/v2"
)

const (
	// spatialLayers of VP9, each twice as wide and high as the one below.
	spatialLayers = 3
	// vp9DescriptorSize is that of a payload descriptor in non-flexible mode,
	// without a scalability structure.
	vp9DescriptorSize = 5
	// vp9StructureSize is that of the scalability structure.
	vp9StructureSize = 1 + 4*spatialLayers + 1 + 4*2
)

// temporalPattern is the order of temporal layers: the lowest is every fourth
// picture, the next one in the middle between two of those.
var temporalPattern = [4]struct {
	layer byte
	// reference is how many pictures back the one is that it builds on.
	reference byte
}{{0, 4}, {2, 1}, {1, 2}, {2, 1}}

// vp9 makes pictures of VP9 in three spatial and three temporal layers; the
// spatial ones build on each other in key pictures only.
type vp9 struct {
	sizes
	picture uint16
	// sinceKey counts the pictures since the last key picture, that included.
	sinceKey int
	// tl0 counts the pictures of the lowest temporal layer (TL0PICIDX).
	tl0   byte
	noise []byte
}

// newVP9 returns an encoder for the given bit rate of all layers together.
func newVP9(bitrate int) *vp9 {
	return &vp9{sizes: newSizes(bitrate), picture: uint16(rand.Uint32()), noise: newNoise()}
}

func (v *vp9) frame(index int, keyWanted bool) (packets []packet, key bool) {
	size, key := v.next(index, keyWanted)
	if key {
		v.sinceKey = 0
	}
	temporal := temporalPattern[v.sinceKey%len(temporalPattern)].layer
	if temporal == 0 {
		v.tl0++
	}
	for spatial := range byte(spatialLayers) {
		// One, two and four sevenths of the bytes.
		packets = append(packets, v.layer(index, size<<spatial/(1<<spatialLayers-1), spatial, temporal, key)...)
	}
	packets[len(packets)-1].marker = true
	v.picture++
	v.sinceKey++
	return packets, key
}

// layer splits one spatial layer of a picture into packets.
func (v *vp9) layer(index, size int, spatial, temporal byte, key bool) []packet {
	packets := make([]packet, packetCount(size, vp9DescriptorSize+vp9StructureSize))
	for i := range packets {
		length := (size + i) / len(packets)
		payload := make([]byte, 0, vp9DescriptorSize+vp9StructureSize+length)
		end := vp9DescriptorSize + length
		payload = v.descriptor(payload, spatial, temporal, key, i == 0, i == len(packets)-1)
		if i == 0 && spatial == 0 && key {
			end += vp9StructureSize
		}
		if i == 0 {
			payload = append(payload, vp9Header(spatial, key))
		}
		payload = append(payload, v.noise[:end-len(payload)]...)
		packets[i] = packet{timestamp: timestampOf(index), payload: payload}
	}
	return packets
}

// descriptor appends a payload descriptor in non-flexible mode (RFC 9628,
// section 4.2).
func (v *vp9) descriptor(b []byte, spatial, temporal byte, key, first, last bool) []byte {
	start := byte(0x80 | 0x20) // I: picture id, L: layer indices
	if !key {
		start |= 0x40 // P: builds on earlier pictures
		start |= 0x01 // Z: no spatial layer above builds on it
	}
	if first {
		start |= 0x08 // B
	}
	if last {
		start |= 0x04 // E
	}
	structure := key && first && spatial == 0
	if structure {
		start |= 0x02 // V
	}
	layers := temporal<<5 | spatial<<1
	if temporal > 0 {
		layers |= 0x10 // U: one can go up to this temporal layer here
	}
	if key && spatial > 0 {
		layers |= 0x01 // D: builds on the spatial layer below
	}
	b = append(b, start, 0x80|byte(v.picture>>8), byte(v.picture), layers, v.tl0)
	if structure {
		b = vp9Structure(b)
	}
	return b
}

// vp9Structure appends the scalability structure: sizes of the spatial layers
// up to 1280 by 720, and the pattern of the temporal ones.
func vp9Structure(b []byte) []byte {
	b = append(b, (spatialLayers-1)<<5|0x10 /* Y: sizes */ |0x08 /* G: pattern */)
	for spatial := range spatialLayers {
		down := spatialLayers - 1 - spatial
		b = binary.BigEndian.AppendUint16(b, 1280>>down)
		b = binary.BigEndian.AppendUint16(b, 720>>down)
	}
	b = append(b, byte(len(temporalPattern)))
	for _, p := range temporalPattern {
		up := byte(0)
		if p.layer > 0 {
			up = 0x10
		}
		b = append(b, p.layer<<5|up|1<<2 /* one reference */, p.reference)
	}
	return b
}

// vp9Header is the first byte of a frame (VP9 bitstream specification, section
// 6.2): profile 0, shown; only the lowest layer of a key picture is a key frame.
func vp9Header(spatial byte, key bool) byte {
	const frameMarker, interFrame, shown = 0x80, 0x04, 0x02
	if key && spatial == 0 {
		return frameMarker | shown
	}
	return frameMarker | interFrame | shown
}
