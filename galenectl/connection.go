package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// maxAnswer bounds, in bytes, what is read of an answer.
const maxAnswer = 64 << 20

// connectionOptions say how to reach the server and as whom.
type connectionOptions struct {
	server                    string
	insecure                  bool
	username, password, token string
	caFile, unixSocket        string
	timeout                   time.Duration
	// stderr is told of what takes longer than usual.
	stderr io.Writer
}

// connection makes requests of one server's administration interface.
type connection struct {
	options   connectionOptions
	base      *url.URL
	client    *http.Client
	transport *http.Transport
}

func connect(o connectionOptions) (*connection, error) {
	base, err := url.Parse(o.server)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the URL of a server, such as %s", o.server, defaultServer)
	}
	transport := &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: o.insecure},
	}
	if o.caFile != "" {
		data, err := os.ReadFile(o.caFile)
		if err != nil {
			return nil, fmt.Errorf("read the certificates to trust: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("there is no certificate in %s", o.caFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	if o.unixSocket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", o.unixSocket)
		}
	}
	client := &http.Client{Transport: transport, Timeout: o.timeout, CheckRedirect: followRedirect}
	return &connection{options: o, base: base, client: client, transport: transport}, nil
}

// maxRedirects is how often a request is sent elsewhere.
const maxRedirects = 10

// followRedirect follows a redirection unless it has a change become a question,
// whose answer would pass for success, as 301 does (RFC 9110, section 15.4.2).
func followRedirect(next *http.Request, before []*http.Request) error {
	if next.Method != before[0].Method {
		return fmt.Errorf("nothing has been changed: the server is at %s://%s; give that address to -server", next.URL.Scheme, next.URL.Host)
	}
	if len(before) >= maxRedirects {
		return fmt.Errorf("the server has sent us elsewhere %d times", maxRedirects)
	}
	return nil
}

// httpError is an answer that is no success.
type httpError struct {
	// what was being done.
	what string
	code int
	// status is the code with its name; reason is what the server says, or
	// what it means here.
	status, reason string
}

// Error implements error.
func (e *httpError) Error() string {
	text := fmt.Sprintf("%s: HTTP error: %s", e.what, e.status)
	if e.reason != "" {
		text += " (" + e.reason + ")"
	}
	return text
}

// exitStatus returns the status that -exit-codes asks for.
func (e *httpError) exitStatus() int {
	switch e.code {
	case http.StatusNotFound:
		return statusNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return statusConflict
	case http.StatusUnauthorized, http.StatusForbidden:
		return statusUnauthorised
	}
	return statusError
}

// request is one call of the interface.
type request struct {
	method string
	// path is below the address of the server, escaped.
	path string
	// what is being done, for errors.
	what string
	body []byte
	// contentType is that of the body.
	contentType string
	// ifMatch and ifNoneMatch are preconditions, "" for none.
	ifMatch, ifNoneMatch string
	// notFound and conflict say in words what these answers mean.
	notFound, conflict string
}

// try makes the request once; it returns the answer, whose body has been read.
func (c *connection) try(ctx context.Context, r request) (*http.Response, []byte, error) {
	address := strings.TrimRight(c.base.String(), "/") + r.path
	q, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.what, err)
	}
	c.authorise(q)
	for name, value := range map[string]string{
		"Content-Type": r.contentType, "If-Match": r.ifMatch, "If-None-Match": r.ifNoneMatch,
	} {
		if value != "" {
			q.Header.Set(name, value)
		}
	}
	answer, err := c.client.Do(q)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.what, explain(err))
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: read the answer: %w", r.what, err)
	}
	return answer, body, nil
}

func (c *connection) authorise(q *http.Request) {
	switch o := c.options; {
	case o.token != "":
		q.Header.Set("Authorization", "Bearer "+o.token)
	case o.username != "":
		q.SetBasicAuth(o.username, o.password)
	}
}

// explain says what to do about an error of the network where that is known.
func explain(err error) error {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	if errors.As(err, &unknown) || errors.As(err, &invalid) || errors.As(err, &host) {
		return fmt.Errorf("%w; use -ca FILE to trust its certificate, or -insecure to trust any", err)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("%w; give -server an address that begins with http://, or that of the proxy before it", err)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w; is the server running, and is it at the address that -server or the configuration says?", err)
	}
	return err
}

// reason says in words why the server refuses.
func (r *request) reason(answer *http.Response, body []byte) string {
	switch answer.StatusCode {
	case http.StatusNotFound:
		return first(r.notFound, "there is no such thing on this server")
	case http.StatusPreconditionFailed:
		return first(r.conflict, "somebody else has changed it in the meantime; try again")
	case http.StatusUnauthorized:
		if answer.Header.Get("WWW-Authenticate") == "" {
			return "not authorised; the server's config.json may lack \"writableGroups\": true"
		}
		return "wrong credentials, or not those of an administrator in the server's config.json, or that cannot be read: then its log says so"
	}
	text := strings.TrimSpace(string(body))
	switch {
	case answer.StatusCode == http.StatusBadRequest && strings.Contains(text, "HTTP request to an HTTPS server"):
		// net/http says so, without a type.
		return "give -server an address that begins with https://"
	case answer.StatusCode == http.StatusInternalServerError && strings.EqualFold(text, http.StatusText(answer.StatusCode)):
		return "the server's log says why"
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") && len(text) < 500 {
		return text
	}
	return ""
}

// The root of the interface, and the media types of its bodies.
const (
	apiRoot    = "/galene-api/v0/"
	typeJSON   = "application/json"
	typeJWKSet = "application/jwk-set+json"
)

// escaped escapes a name that may contain slashes for use in a path.
func escaped(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// getJSON gets what is at a path, and its entity tag.
func (c *connection) getJSON(ctx context.Context, r request, value any) (tag string, err error) {
	r.method = http.MethodGet
	body, header, err := c.do(ctx, r)
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(value); err != nil {
		return "", fmt.Errorf("%s: the answer is not what it should be: %w", r.what, err)
	}
	return header.Get("ETag"), nil
}

// putJSON puts a value.
func (c *connection) putJSON(ctx context.Context, r request, value any) error {
	var err error
	if r.body, err = json.Marshal(value); err != nil {
		return fmt.Errorf("%s: %w", r.what, err)
	}
	r.method, r.contentType = http.MethodPut, first(r.contentType, typeJSON)
	_, _, err = c.do(ctx, r)
	return err
}

// remove deletes what is at a path.
func (c *connection) remove(ctx context.Context, r request) error {
	r.method = http.MethodDelete
	_, _, err := c.do(ctx, r)
	return err
}
