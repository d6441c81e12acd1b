// Package loadtest is the media half of the load generator: clients that send
// made-up media or count what they get, made so that they cost little. They
// are pion peer connections through and through, so that the server is
// measured against somebody else's idea of WebRTC.
//
// It takes and gives session descriptions as text, and knows neither how they
// travel nor what the figures are for. pion is not seen from outside.
package loadtest
