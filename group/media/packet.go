package media

import (
	"sync"
	"sync/atomic"
	"time"
)

// MaxBody is the largest RTP body, payload and padding, in bytes, that is
// kept and forwarded: what fits an Ethernet frame, with room to spare.
const MaxBody = 1504

// MaxDescriptor is the length of the longest dependency descriptor, in bytes.
const MaxDescriptor = 255

// MaxSources is the length of the longest list of contributing sources, in bytes.
const MaxSources = 15 * 4

// Packet is one RTP packet of a publisher, parsed once on arrival and then
// shared by the cache, the subscribers and the sinks: nobody changes it after
// that. It is a slot of a Pool and counted by reference.
//
// Header extensions are gone, but for Descriptor; what follows the fixed header
// and the list of contributing sources is Body.
type Packet struct {
	SequenceNumber uint16
	Marker         bool
	// PayloadType is the publisher's.
	PayloadType uint8
	Timestamp   uint32
	// Arrival is the time since the start of the engine.
	Arrival time.Duration
	// Frame is what the payload says about the picture it belongs to.
	Frame FrameInfo
	// Body is the payload followed by Padding bytes of padding, the last of
	// which repeats their number (RFC 3550, section 5.1).
	Body    []byte
	Padding uint8
	// Silent marks a sound in which there has been none for a while.
	Silent bool
	// Descriptor is the dependency descriptor (RTP Payload Format For AV1, appendix
	// A); empty where there was none.
	Descriptor []byte
	// Sources are the contributing sources as they were in the header, four bytes
	// each (RFC 3550, section 5.1): there are none but where a mixer sends.
	Sources []byte

	buffer     [MaxBody + MaxDescriptor + MaxSources]byte
	references atomic.Int32
	pool       *Pool
}

// Payload is Body without its padding.
func (p *Packet) Payload() []byte { return p.Body[:len(p.Body)-int(p.Padding)] }

// SetBody copies body, of at most MaxBody bytes, into the packet. Only who got
// the packet from the pool may call it, before anybody else sees the packet.
func (p *Packet) SetBody(body []byte) {
	p.Body = p.buffer[:copy(p.buffer[:MaxBody], body)]
	p.Descriptor, p.Sources = nil, nil
}

// SetDescriptor copies a descriptor, of at most MaxDescriptor bytes, into a packet
// whose body has been set; the same rules apply.
func (p *Packet) SetDescriptor(descriptor []byte) {
	room := p.buffer[MaxBody : MaxBody+MaxDescriptor]
	p.Descriptor = room[:copy(room, descriptor)]
}

// SetSources copies contributing sources, of at most MaxSources bytes, into a packet
// whose body has been set; the same rules apply.
func (p *Packet) SetSources(sources []byte) {
	room := p.buffer[MaxBody+MaxDescriptor:]
	p.Sources = room[:copy(room, sources)]
}

// Retain adds a reference.
func (p *Packet) Retain() { p.references.Add(1) }

// Release gives a reference back; at the last one the slot is reused, and the
// caller must not look at the packet again.
func (p *Packet) Release() {
	if p.references.Add(-1) == 0 && p.pool != nil {
		p.pool.slots.Put(p)
	}
}

// Pool is a supply of packets. The zero value is ready; it may be used from
// any goroutine.
type Pool struct {
	slots sync.Pool
}

// Get returns a packet with one reference and undefined contents.
func (l *Pool) Get() *Packet {
	p, _ := l.slots.Get().(*Packet)
	if p == nil {
		p = &Packet{pool: l}
	}
	p.references.Store(1)
	return p
}

// FrameInfo is what a payload descriptor tells about the picture that a packet
// belongs to. The zero value is that of a codec without one.
type FrameInfo struct {
	// Keyframe is set on the first packet of a key frame.
	Keyframe bool
	// Start and End are set on the first and last packet of a frame (of a
	// layer frame, where pictures have spatial layers).
	Start, End bool
	// SID and TID are the spatial and the temporal layer, 0 being the base.
	SID, TID uint8
	// TIDUpSwitch marks a picture after which no higher temporal layer looks back:
	// a receiver may go up with the next one.
	TIDUpSwitch bool
	// Sync marks a frame of a higher temporal layer that depends on the base layer
	// only: a receiver may go up with it.
	Sync bool
	// NonReference marks a frame that no other depends on.
	NonReference bool
	// InterPicture marks a frame that depends on an earlier picture.
	InterPicture bool
	// PictureID is in its 7- or 15-bit width; PictureIDBits is 7, 15 or 0
	// (absent).
	PictureID     uint16
	PictureIDBits uint8
	// FrameNumber is that of the dependency descriptor, and means nothing without
	// one: every frame has its own, also every layer frame of one picture.
	FrameNumber uint16
	// TL0PicIdx and KeyIdx are VP8's and VP9's, 0 when absent.
	TL0PicIdx uint8
	KeyIdx    uint8
	// Width and Height are in pixels, 0 when the packet does not tell.
	Width, Height uint16
}
