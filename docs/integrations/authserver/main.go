// Authserver is an example of an authorisation server: it lets people into
// groups by the passwords of a directory (LDAP) or of an identity provider
// (OpenID Connect), which the videoconferencing server never sees.
//
// README.md says how to run it. It is meant to be read, and to be changed.
package main

import (
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "listen on `address`, behind a proxy that does TLS")
	keyFile := flag.String("key", "authserver.jwk", "sign with the key in `file`, which is made if there is none")
	server := flag.String("server", "", "sign for groups of the server at `URL` only, as in https://meet.example.org:8443/")
	command := flag.String("command", "", "check passwords by a shell `command`: the name is in $NAME, the password on its input")
	tokenURL := flag.String("oidc-token", "", "check passwords at the token endpoint `URL` of an OpenID provider")
	clientID := flag.String("oidc-client", "", "client `id` at the OpenID provider; its secret is in $OIDC_SECRET")
	permissions := flag.String("permissions", "present,message", "grant these `permissions`")
	fallback := flag.Bool("fallback", false, "leave names that are not known here to the passwords in the group's file")
	flag.Parse()

	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	key, err := loadKey(*keyFile)
	if err != nil {
		log.Error("no key", "error", err)
		os.Exit(1)
	}
	s := &authServer{
		key: key, server: *server, permissions: strings.Split(*permissions, ","), fallback: *fallback, log: log,
	}
	switch {
	case *command != "":
		s.check = commandChecker(*command)
	case *tokenURL != "":
		s.check = oidcChecker(*tokenURL, *clientID, os.Getenv("OIDC_SECRET"))
	default:
		log.Error("give -command or -oidc-token, which say how to check passwords")
		os.Exit(2)
	}
	log.Info("put this into authKeys of the groups", "key", key.String(), "authServer", "the address of this server")
	web := &http.Server{Addr: *listen, Handler: s, ReadHeaderTimeout: 10 * time.Second}
	if err := web.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Error("cannot serve", "error", err)
		os.Exit(1)
	}
}
