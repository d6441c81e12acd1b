package sdpedit

import "strings"

// DTLS is what a description says of its side of the DTLS association.
type DTLS struct {
	// Hash and Fingerprint are of the certificate, as they are written in
	// a=fingerprint (RFC 8122, section 5); the library refuses descriptions with
	// more than one.
	Hash, Fingerprint string
	// Passive is set when that side waits for the other to begin (RFC 4145,
	// section 4).
	Passive bool
}

// ReadDTLS reads the first of each from a description.
func ReadDTLS(sdp string) DTLS {
	var d DTLS
	described := false
	for line := range strings.Lines(sdp) {
		line = strings.TrimSpace(line)
		if value, ok := strings.CutPrefix(line, "a=fingerprint:"); ok && d.Hash == "" {
			d.Hash, d.Fingerprint, _ = strings.Cut(value, " ")
		}
		if value, ok := strings.CutPrefix(line, "a=setup:"); ok && !described {
			described = true
			d.Passive = value == "passive"
		}
	}
	return d
}
