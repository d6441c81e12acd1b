package whip

import (
	"net/http"
	"strings"
)

// addLinks tells of the ICE servers (RFC 9725, section 4.6). Those that need
// credentials are left out unless the client may have them.
func addLinks(header http.Header, servers []ICEServer, authorised bool) {
	for _, s := range servers {
		for _, u := range s.URLs {
			scheme, _, _ := strings.Cut(u, ":")
			link := "<" + u + `>; rel="ice-server"`
			switch strings.ToLower(scheme) {
			case "stun", "stuns":
			case "turn", "turns":
				if s.Credential == "" || !authorised {
					continue
				}
				link += "; username=" + quote(s.Username) + "; credential=" + quote(s.Credential) + `; credential-type="password"`
			default:
				continue
			}
			if strings.ContainsAny(u, "<>\r\n") {
				continue
			}
			header.Add("Link", link)
		}
	}
}

// quote writes a quoted string (RFC 9110, section 5.6.4).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
