package rtpconn

import "log/slog"

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)
