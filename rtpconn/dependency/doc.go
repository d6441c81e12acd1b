// Package dependency reads the dependency descriptor: the RTP header extension by
// which a publisher says, for pictures of any codec, which layer a frame is of and
// which receivers need it (RTP Payload Format For AV1, appendix A).
//
// A descriptor leans on a structure that comes with key frames, which Reader
// remembers: one Reader for each source. What it reads is put in the terms that
// forwarding has for all codecs. It reads whatever a stranger sends, and allocates
// nothing but the memory of a Reader.
package dependency
