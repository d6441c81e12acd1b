package ws_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"galene/group"
	"galene/webserver/ws"
)

// guessRate is how many connections a second the guesser of the benchmarks
// opens, each for one guess whose answer he does not wait for.
const guessRate = 300

// BenchmarkLoginWhileConnectionsGuess measures logins over TLS by users whose
// passwords are hashed, while somebody guesses at the very same name: from the
// user's address and from another one, when the user comes for the first time
// and when he has been there.
func BenchmarkLoginWhileConnectionsGuess(b *testing.B) {
	for _, other := range []bool{false, true} {
		for _, again := range []bool{false, true} {
			b.Run(fmt.Sprintf("OtherAddress=%v/Again=%v", other, again), func(b *testing.B) {
				benchmarkGuesses(b, other, again)
			})
		}
	}
}

func benchmarkGuesses(b *testing.B, other, again bool) {
	const names = 50
	hashed, err := group.HashPassword("lace")
	if err != nil {
		b.Fatal(err)
	}
	// One hash would do for all, if nobody's login were to be the first.
	users := group.Users{}
	for i := range names {
		if !again {
			if hashed, err = group.HashPassword("lace"); err != nil {
				b.Fatal(err)
			}
		}
		users[fmt.Sprint("user ", i)] = group.UserEntry{Password: hashed}
	}
	logger := slog.New(slog.DiscardHandler)
	registry := group.NewRegistry(group.RegistryOptions{Store: group.MemoryStore{"g": {Users: users}}, Logger: logger})
	handler := ws.NewHandler(ws.Options{
		Registry: registry, Config: group.NewConfigFile(filepath.Join(b.TempDir(), "config.json"), logger), Engine: &fakeEngine{}, Logger: logger,
	})
	web := httptest.NewUnstartedServer(handler)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.StartTLS()
	dial := func(ctx context.Context, from byte) (*websocket.Conn, error) {
		tcp := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, from)}}
		dialer := websocket.Dialer{NetDialContext: tcp.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		conn, _, err := dialer.DialContext(ctx, "wss"+strings.TrimPrefix(web.URL, "https"), nil)
		return conn, err
	}
	// login says who it is; wait tells whether to wait until it is in.
	login := func(ctx context.Context, from byte, id, username, password string, wait bool) error {
		conn, err := dial(ctx, from)
		if err != nil {
			return err
		}
		defer conn.Close()
		join := message{"type": "join", "kind": "join", "group": "g", "username": username, "password": password}
		for _, m := range []message{{"type": "handshake", "version": []string{"2"}, "id": id}, join} {
			if err := conn.WriteJSON(m); err != nil {
				return err
			}
		}
		for {
			var m message
			if err := conn.ReadJSON(&m); err != nil {
				return err
			}
			switch {
			case m["type"] == "joined" && m["kind"] == "join":
				return nil
			case m["type"] == "joined" && m["error"] == "try-again":
				if err := conn.WriteJSON(join); err != nil {
					return err
				}
			case m["type"] == "joined":
				return fmt.Errorf("refused: %v", m["value"])
			case !wait && m["type"] == "handshake":
				// The guess has been made; the connection stays.
				<-ctx.Done()
				return nil
			}
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var target sync.Map
	target.Store("name", "user 0")
	var guessers sync.WaitGroup
	if again {
		if err := login(ctx, 1, "first", "user 0", "lace", true); err != nil {
			b.Fatal(err)
		}
	}
	guessers.Go(func() {
		ticker := time.NewTicker(time.Second / guessRate)
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			name, _ := target.Load("name")
			// Each is kept for as long as a guesser may have sockets.
			guessers.Go(func() {
				mine, cancel := context.WithTimeout(ctx, 5*time.Second)
				defer cancel()
				from := byte(1)
				if other {
					from = 2
				}
				_ = login(mine, from, fmt.Sprint("guesser ", i), name.(string), fmt.Sprint("guess ", i), false)
			})
		}
	})
	var took []time.Duration
	i := 0
	for b.Loop() {
		name := fmt.Sprint("user ", i%names)
		if again {
			name = "user 0"
		}
		target.Store("name", name)
		// The guesser has had a second by now.
		b.StopTimer()
		time.Sleep(time.Second)
		b.StartTimer()
		begun := time.Now()
		if err := login(ctx, 1, fmt.Sprint("good ", i), name, "lace", true); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
		i++
	}
	stop()
	guessers.Wait()
	registry.Shutdown()
	if err := handler.Shutdown(b.Context()); err != nil {
		b.Error(err)
	}
	web.Close()
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-median")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "ms-max")
}
