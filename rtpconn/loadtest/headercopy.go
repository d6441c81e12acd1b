package loadtest

import (
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// headerCopies is an interceptor for what is sent: those behind it get copies of
// headers. The library's responder to NACKs writes the packets that it keeps, for
// each NACK in a goroutine of its own, and numbering writes into their headers.
type headerCopies struct{ interceptor.NoOp }

// NewInterceptor implements interceptor.Factory.
func (headerCopies) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &headerCopies{}, nil
}

// BindLocalStream implements interceptor.Interceptor.
func (headerCopies) BindLocalStream(_ *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	return interceptor.RTPWriterFunc(func(header *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		clone := header.Clone()
		return writer.Write(&clone, payload, a)
	})
}
