package ws

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"galene/group/loglimit"

	"github.com/gorilla/websocket"
)

// refused logs why requests for a websocket are refused: a proxy that is set up wrongly
// keeps everybody out, and the browser cannot say more than that there is no
// connection. Strangers can cause each kind of it as often as they like.
type refused struct{ stripped, foreign loglimit.Limit }

// log tells of a request that Upgrade has refused; ours tells whether the origin of the
// page that makes it is allowed.
func (f *refused) log(logger *slog.Logger, r *http.Request, ours bool, err error) {
	level, text, now := slog.LevelDebug, "websocket refused", time.Now()
	var handshake websocket.HandshakeError
	switch wanted := r.Header.Get("Sec-Websocket-Key") != ""; {
	case !errors.As(err, &handshake):
	case wanted && !websocket.IsWebSocketUpgrade(r):
		level = f.stripped.Level(slog.LevelWarn, now)
		text = "websocket refused: the headers Upgrade and Connection are missing; have the reverse proxy pass websockets on, as INSTALL says"
	case wanted && !ours:
		level = f.foreign.Level(slog.LevelWarn, now)
		text = "websocket refused: the page is not of this server; have the reverse proxy pass on Host as it is, or name the page's origin as proxyURL or in allowOrigin, in data/config.json"
	}
	logger.Log(context.Background(), level, text, "address", r.RemoteAddr, "host", r.Host, "origin", r.Header.Get("Origin"), "error", err)
}
