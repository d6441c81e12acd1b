// Package sdpedit reads from SDP text what the WebRTC library does not tell,
// and changes in it what the library cannot be asked for.
//
// It is responsible for the limits that a description of a stranger has to
// keep, and for keeping the library's work small: whatever the group does not
// allow is cut out before the library parses it (which it does anew for each
// payload type). It works on lines, knows no connection and holds no state.
//
// The life of a publisher's offer: ReadOffer refuses what is beyond the limits
// and tells tracks and encodings; FilterOffer makes the text for the library;
// Answer completes what the library answers, so that it fits the offer as the
// publisher made it; AddCandidates adds our candidates.
package sdpedit
