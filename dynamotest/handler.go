package dynamotest

import (
	"bytes"
	"errors"
	"hash/crc32"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/wire"
)

// buffers holds buffers for requests and answers. One that has grown past maxPooled is left to the garbage collector.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const maxPooled = 2 << 20

func freeBuffer(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// ServeHTTP answers one request. Whatever the request is, the answer is one that the service could give.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := newRequestID()
	w.Header()["X-Amzn-Requestid"] = []string{id}
	w.Header()["Server"] = []string{"Server"}
	allowOrigin(w.Header(), r.Header)
	defer func() {
		if fault := recover(); fault == http.ErrAbortHandler {
			panic(fault) // net/http closes the connection
		} else if fault != nil {
			s.options.log.Error("dynamotest: fault while answering", "target", knownTarget(r), "requestID", id, "stack",
				string(debug.Stack()))
			s.refuse(w, r, errors.New("fault"))
		}
	}()
	if r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("X-Amz-Target") == "" {
		s.respond(w, r, http.StatusOK, "text/plain", []byte("healthy: dynamodb."+s.client.region+".amazonaws.com "))
		return
	}
	if r.Method == http.MethodOptions {
		s.preflight(w, r)
		return
	}
	s.answer(w, r)
}

// answer answers what is to be a call of an operation.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	carryOut, known := operations[target]
	name := strings.TrimPrefix(target, tablesTarget)
	unserved := name != target && unsupported[name]
	if r.Method != http.MethodPost || !isJSON(r.Header.Get("Content-Type")) {
		s.respond(w, r, http.StatusNotFound, "", []byte("<UnknownOperationException/>\n"))
		return
	}
	if !known && !unserved {
		s.refuse(w, r, frontError("UnknownOperationException", ""))
		return
	}
	key, err := accessKey(r)
	if err == nil && unserved {
		err = frontError("UnknownOperationException", name+" is not supported by dynamotest")
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	request := buffers.Get().(*bytes.Buffer)
	defer freeBuffer(request)
	if err := readRequest(request, w, r); err != nil {
		s.refuse(w, r, err)
		return
	}
	answer := buffers.Get().(*bytes.Buffer)
	defer freeBuffer(answer)
	_, operation, _ := strings.Cut(target, ".")
	allow := func(in any) error { return s.authorize(key, operation, in) }
	body, err := carryOut(engine.Asked(r.Context(), r.Host), s.client, operation, request.Bytes(), allow,
		answer.AvailableBuffer())
	if err == errConnectionReset {
		cut(w)
		return
	}
	if cut := (*cutAnswer)(nil); errors.As(err, &cut) {
		cut.write(w)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer.Write(body) // keeps what body has grown to, so that the pool learns the size
	s.respond(w, r, http.StatusOK, contentType, body)
}

// knownTarget is the request's target if it is one, so that nothing a stranger sends can enter the log.
func knownTarget(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); operations[target] != nil {
		return target
	}
	return "unknown"
}

func isJSON(header string) bool {
	if header == contentType {
		return true
	}
	media, _, err := mime.ParseMediaType(header)
	return err == nil && (media == contentType || media == "application/json")
}

// refuse answers with an error.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := 0
	if err == errTooLarge {
		status = http.StatusRequestEntityTooLarge
		w.Header().Set("Connection", "close")
	}
	api := wire.APIErrorOf(err)
	if status == 0 {
		status = wire.Status(api)
	}
	s.respond(w, r, status, contentType, wire.AppendError(nil, api))
}

// respond writes an answer with its checksum, which is that of the bytes that are sent.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, status int, media string, body []byte) {
	h := w.Header()
	if len(body) >= compressFrom {
		if encoding := acceptedEncoding(r.Header); encoding != "" {
			packed := buffers.Get().(*bytes.Buffer)
			defer freeBuffer(packed)
			compress(packed, encoding, body)
			body = packed.Bytes()
			h["Content-Encoding"] = []string{encoding}
		}
	}
	h["Content-Type"] = nil
	if media != "" {
		h["Content-Type"] = []string{media}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}
