package dynamotest

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"net"
	"net/http"
	"sync"
)

// errorListener makes net/http's own refusals, of what is not HTTP at all, look like the service's. They are written
// straight to the connection, in plain text, and never pass the handler.
type errorListener struct{ net.Listener }

func (l errorListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &errorConn{conn}, nil
}

type errorConn struct{ net.Conn }

// plainRefusal follows the status line of a refusal by net/http, and no response of the handler's.
var plainRefusal = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

// Write writes p, or in its place, where p is a refusal in plain text, the same refusal as the service words it.
func (c *errorConn) Write(p []byte) (int, error) {
	status, _, refused := bytes.Cut(p, plainRefusal)
	if !refused || !bytes.HasPrefix(status, []byte("HTTP/1.1 ")) {
		return c.Conn.Write(p)
	}
	body := `{"__type":"com.amazon.coral.service#SerializationException",` +
		`"Message":"The request is not HTTP that this server understands"}`
	_, err := fmt.Fprintf(c.Conn,
		"%s\r\nContent-Type: %s\r\nX-Amzn-RequestId: %s\r\nX-Amz-Crc32: %d\r\nContent-Length: %d\r\nConnection: "+
			"close\r\n\r\n%s",
		status, contentType, newRequestID(), crc32.ChecksumIEEE([]byte(body)), len(body), body)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// unusedConns are the connections that nothing has come over. HTTP clients dial more of them than they use, and
// http.Server.Shutdown waits for them as for requests, for their first five seconds. Its zero value has none.
type unusedConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// note is the server's hook: conn is in that state from now on. Of a server that closes, a new one is closed.
func (u *unusedConns) note(conn net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, conn)
	case u.closed:
		_ = conn.Close()
	default:
		if u.conns == nil {
			u.conns = map[net.Conn]bool{}
		}
		u.conns[conn] = true
	}
}

// close closes them, and those that are still to come.
func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for conn := range u.conns {
		_ = conn.Close()
	}
}
