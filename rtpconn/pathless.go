package rtpconn

import (
	"context"
	"log/slog"
	"time"
)

// noPath tells the administrator of a client whose media finds no way to the server,
// of whom nobody else would: it is a member, and chats. Where a firewall stops UDP
// there are as many of them as there are streams.
func (t *transport) noPath() {
	level := t.engine.pathless.Level(slog.LevelWarn, time.Now())
	t.log.Log(context.Background(), level, "media of a client finds no way to the server: "+
		"open the UDP port to it, or name a TURN server in data/ice-servers.json for networks that block UDP", "port", t.engine.Port())
}

// everConnected tells whether ICE has found a path, which may have been lost since.
func (t *transport) everConnected() bool {
	select {
	case <-t.begun:
		return true
	default:
		return false
	}
}
