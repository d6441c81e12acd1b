package loadtest

import (
	"encoding/binary"
	"sync"
	"time"

	"galene/rtpconn/transportcc"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// feedbackInterval is how often a subscriber tells when packets arrived;
// browsers that send nothing themselves begin with this.
const feedbackInterval = 100 * time.Millisecond

// feedback makes what tells the server when its packets arrived, as browsers
// do. It sees everything that is received, padding and what is sent again
// included.
type feedback struct {
	// now tells the time.
	now func() time.Duration
	// repaired is called for packets of video that are sent again in a stream of
	// their own.
	repaired func(header *rtp.Header, raw []byte)
}

// NewInterceptor implements interceptor.Factory.
func (f feedback) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &feedbackSender{
		feedback: f, recorder: new(transportcc.Recorder), stop: make(chan struct{}),
	}, nil
}

// feedbackSender is the feedback of one peer connection.
type feedbackSender struct {
	interceptor.NoOp
	feedback
	stop chan struct{}
	once sync.Once
	// goroutines end with stop.
	goroutines sync.WaitGroup

	// mu guards what follows; it is taken once for each packet.
	mu       sync.Mutex
	recorder *transportcc.Recorder
	// media is the SSRC of the last packet.
	media uint32
}

// BindRemoteStream implements interceptor.Interceptor.
func (f *feedbackSender) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	id := 0
	for _, e := range info.RTPHeaderExtensions {
		if e.URI == extensionTransportCC {
			id = e.ID
		}
	}
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, attributes, err := reader.Read(b, a)
		if err != nil {
			return n, attributes, err
		}
		if attributes == nil {
			attributes = make(interceptor.Attributes)
		}
		header, err := attributes.GetRTPHeader(b[:n])
		if err != nil {
			return 0, nil, err
		}
		if header.PayloadType == repairType {
			f.repaired(header, b[:n])
		}
		if number := header.GetExtension(uint8(id)); id > 0 && len(number) >= 2 {
			f.mu.Lock()
			f.recorder.Received(binary.BigEndian.Uint16(number), f.now())
			f.media = info.SSRC
			f.mu.Unlock()
		}
		return n, attributes, nil
	})
}

// BindRTCPWriter implements interceptor.Interceptor.
func (f *feedbackSender) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	f.goroutines.Go(func() {
		ticker := time.NewTicker(feedbackInterval)
		defer ticker.Stop()
		for {
			select {
			case <-f.stop:
				return
			case <-ticker.C:
				f.send(writer)
			}
		}
	})
	return writer
}

// send tells of what has arrived since the last time.
func (f *feedbackSender) send(writer interceptor.RTCPWriter) {
	var messages []rtcp.Packet
	f.mu.Lock()
	for more := f.recorder.Pending() > 0; more; {
		var message []byte
		message, more = f.recorder.Append(nil, receiverSSRC, f.media)
		if len(message) > 0 {
			raw := rtcp.RawPacket(message)
			messages = append(messages, &raw)
		}
	}
	f.mu.Unlock()
	for _, m := range messages {
		// Where there is no connection any more, nobody waits for it.
		_, _ = writer.Write([]rtcp.Packet{m}, nil)
	}
}

// Close implements interceptor.Interceptor.
func (f *feedbackSender) Close() error {
	f.once.Do(func() { close(f.stop) })
	f.goroutines.Wait()
	return nil
}
