package ws_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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

// errRefused is what who does not try again has for an error.
var errRefused = errors.New("asked to try again")

// guessRate is how many connections a second the guesser of the benchmarks
// opens, each for one guess whose answer he does not wait for.
const guessRate = 300

// guessing is what a benchmark of logins while somebody guesses varies.
type guessing struct {
	// hash is how the passwords are kept.
	hash string
	// otherName and otherAddress are set if it is not the user's name, or not
	// from his address, that is guessed at.
	otherName, otherAddress bool
	// otherSoftware is set if user and guesser do not have the same.
	otherSoftware bool
	// again is set if the user has been there since the start, retries if his
	// client tries again when it is told to.
	again, retries bool
}

// BenchmarkLoginWhileConnectionsGuess measures logins over TLS, while somebody
// guesses. A login that is refused counts as one of ten seconds.
func BenchmarkLoginWhileConnectionsGuess(b *testing.B) {
	both := []bool{false, true}
	for _, hash := range []string{"bcrypt", "pbkdf2", "plain"} {
		for _, otherName := range both {
			for _, otherAddress := range both {
				for _, again := range both {
					for _, retries := range both {
						for _, otherSoftware := range both {
							g := guessing{hash, otherName, otherAddress, otherSoftware, again, retries}
							b.Run(fmt.Sprintf("Hash=%s/OtherName=%v/OtherAddress=%v/Again=%v/Retries=%v/OtherSoftware=%v",
								hash, otherName, otherAddress, again, retries, otherSoftware), func(b *testing.B) { benchmarkGuesses(b, g) })
						}
					}
				}
			}
		}
	}
}

// hashAs returns a password as a group file has it.
func hashAs(b *testing.B, hash, password string) (p group.Password) {
	b.Helper()
	var err error
	switch hash {
	case "bcrypt":
		p, err = group.HashPassword(password)
	case "pbkdf2":
		p, err = group.HashPBKDF2(password, group.PBKDF2Parameters{})
	default:
		p = group.PlainPassword(password)
	}
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func benchmarkGuesses(b *testing.B, g guessing) {
	const names = 50
	// One hash would do for all, if nobody's login were to be the first.
	hashed := hashAs(b, g.hash, "lace")
	users := group.Users{"victim": {Password: hashed}}
	for i := range names {
		if !g.again {
			hashed = hashAs(b, g.hash, "lace")
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
	dial := func(ctx context.Context, from byte, software string) (*websocket.Conn, error) {
		tcp := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, from)}}
		dialer := websocket.Dialer{NetDialContext: tcp.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		conn, _, err := dialer.DialContext(ctx, "wss"+strings.TrimPrefix(web.URL, "https"), http.Header{"User-Agent": {software}})
		return conn, err
	}
	// shakeHands says who it is, and asks to join.
	shakeHands := func(ctx context.Context, from byte, software, id, username, password string, triesAgain bool) (*websocket.Conn, error) {
		conn, err := dial(ctx, from, software)
		if err != nil {
			return nil, err
		}
		handshake := message{"type": "handshake", "version": []string{"2"}, "id": id}
		if triesAgain {
			handshake["tryAgain"] = message{}
		}
		for _, m := range []message{handshake, {"type": "join", "kind": "join", "group": "g", "username": username, "password": password}} {
			if err := conn.WriteJSON(m); err != nil {
				conn.Close()
				return nil, err
			}
		}
		return conn, nil
	}
	// shaking is how long it took the user to be connected.
	var shaking []time.Duration
	// login waits until the user is in.
	login := func(id, username string) error {
		begun := time.Now()
		software := "guesser"
		if g.otherSoftware {
			software = "browser"
		}
		conn, err := shakeHands(b.Context(), 1, software, id, username, "lace", g.retries)
		if err != nil {
			return err
		}
		shaking = append(shaking, time.Since(begun))
		defer conn.Close()
		for {
			var m message
			if err := conn.ReadJSON(&m); err != nil {
				return err
			}
			switch {
			case m["type"] == "joined" && m["kind"] == "join":
				return nil
			case m["type"] == "joined" && m["error"] == "try-again":
				if !g.retries {
					return errRefused
				}
				if err := conn.WriteJSON(message{"type": "join", "kind": "join", "group": "g", "username": username, "password": "lace"}); err != nil {
					return err
				}
			case m["type"] == "joined":
				return fmt.Errorf("refused: %v", m["value"])
			}
		}
	}
	// guess does not wait for the answer; the connection stays for as long as a
	// guesser may have sockets.
	guess := func(ctx context.Context, id, username string) {
		from := byte(1)
		if g.otherAddress {
			from = 2
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if conn, err := shakeHands(ctx, from, "guesser", id, username, id, false); err == nil {
			defer conn.Close()
			<-ctx.Done()
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var target sync.Map
	target.Store("name", "user 0")
	var guessers sync.WaitGroup
	if g.again {
		if err := login("first", "user 0"); err != nil {
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
			guessers.Go(func() { guess(ctx, fmt.Sprint("guess ", i), name.(string)) })
		}
	})
	var took []time.Duration
	i, refused := 0, 0
	for b.Loop() {
		name := fmt.Sprint("user ", i%names)
		if g.again {
			name = "user 0"
		}
		if g.otherName {
			target.Store("name", "victim")
		} else {
			target.Store("name", name)
		}
		// The guesser has had a second by now.
		b.StopTimer()
		time.Sleep(time.Second)
		b.StartTimer()
		begun := time.Now()
		err := login(fmt.Sprint("good ", i), name)
		t := time.Since(begun)
		if errors.Is(err, errRefused) {
			refused++
			t = 10 * time.Second
		} else if err != nil {
			b.Fatal(err)
		}
		took = append(took, t)
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
	slices.Sort(shaking)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-median")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "ms-max")
	b.ReportMetric(shaking[len(shaking)/2].Seconds()*1000, "ms-to-connect")
	b.ReportMetric(float64(refused), "refused")
}
