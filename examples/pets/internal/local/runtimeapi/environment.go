package runtimeapi

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// environment is one execution environment: a process, and the Runtime API that only this process is told about.
type environment struct {
	config  Config
	process *process
	server  *http.Server
	asks    chan struct{}    // the process asks for work; holds one
	work    chan *invocation // what it is given
	exited  chan struct{}    // closed when the process is gone

	initTook time.Duration // of an Init phase that no invocation has reported
	memory   int           // the most that the process has used so far, in MiB

	mu        sync.Mutex
	running   *invocation // handed out and not answered
	initError *FunctionError
}

// invocation is one payload on its way to the function and back.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan outcome // holds one
}

type outcome struct {
	answer []byte
	err    error
}

// startEnvironment starts a process and its Runtime API.
func startEnvironment(config Config) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &environment{
		config: config,
		asks:   make(chan struct{}, 1),
		work:   make(chan *invocation),
		exited: make(chan struct{}),
	}
	e.server = &http.Server{Handler: e.routes(), ReadHeaderTimeout: 10 * time.Second}
	go e.server.Serve(listener) // ends with Close, below

	env := append(config.Env[:len(config.Env):len(config.Env)], "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	e.process, err = startProcess(config.Bootstrap, env, config.Logs)
	if err != nil {
		e.server.Close()
		return nil, err
	}
	go func() {
		e.process.Wait()
		close(e.exited)
		e.server.Close()
	}()
	return e, nil
}

func (e *environment) alive() bool {
	select {
	case <-e.exited:
		return false
	default:
		return true
	}
}

// kill ends the process; exited tells when it is gone.
func (e *environment) kill() { e.process.Kill() }

// init waits until the process asks for its first invocation.
func (e *environment) init(timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	began := time.Now()
	select {
	case <-e.asks:
		e.initTook, e.memory = time.Since(began), maxMemory(e.process.Pid())
		return nil
	case <-e.exited:
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.initError != nil {
			return e.initError
		}
		return e.exitError()
	case <-timer.C:
		e.kill()
		<-e.exited
		return &FunctionError{"Runtime.InitTimeout",
			fmt.Sprintf("%s did not ask for work within %s", e.config.Name, timeout)}
	}
}

// invoke hands one payload to the idle process, waits for its answer, and then until the process asks for the next one:
// only then is an invocation complete.
func (e *environment) invoke(payload []byte, timeout time.Duration) ([]byte, error) {
	inv := &invocation{id: requestID(), payload: payload, deadline: time.Now().Add(timeout),
		done: make(chan outcome, 1)}
	began := time.Now()
	e.begun(inv)
	answer, err := e.run(inv, timeout)
	e.ended(inv, time.Since(began), err)
	return answer, err
}

func (e *environment) run(inv *invocation, timeout time.Duration) ([]byte, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case e.work <- inv:
	case <-e.exited:
		return nil, e.exitError()
	case <-timer.C:
		e.kill()
		<-e.exited
		return nil, ErrTimeout
	}

	var result outcome
	select {
	case result = <-inv.done:
	case <-e.exited:
		select { // it may have answered with its last breath
		case result = <-inv.done:
		default:
			result.err = e.exitError()
		}
		return result.answer, result.err
	case <-timer.C:
		e.kill()
		<-e.exited
		return nil, ErrTimeout
	}

	select {
	case <-e.asks:
	case <-e.exited:
	case <-timer.C:
		e.kill()
		<-e.exited
	}
	return result.answer, result.err
}

func (e *environment) exitError() error {
	return &FunctionError{exitError, fmt.Sprintf("%s exited: %s", e.config.Name, e.process.State())}
}

// routes is the Runtime API.
func (e *environment) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", e.initFailure)
	return mux
}

// next is a long poll: it answers when there is work.
func (e *environment) next(w http.ResponseWriter, r *http.Request) {
	select {
	case e.asks <- struct{}{}:
	default: // a second poll at the same time; this environment has one loop
	}
	select {
	case inv := <-e.work:
		e.mu.Lock()
		e.running = inv
		e.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(inv.deadline.UnixMilli()))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.config.ARN)
		h.Set("Lambda-Runtime-Trace-Id", traceID())
		w.Write(inv.payload) // a process that does not read it times out or exits
	case <-r.Context().Done():
	case <-e.exited:
	}
}

// response takes the answer of the invocation that runs.
func (e *environment) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		e.finish(r.PathValue("id"), outcome{err: &FunctionError{"Function.ResponseSizeTooLarge",
			fmt.Sprintf("the answer is above %d bytes", MaxPayload)}})
		reply(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the answer is too large")
		return
	}
	if err != nil {
		return // the connection is gone, and with it the process
	}
	result := outcome{answer: body}
	// reading the handler's answer failed midway
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		result = outcome{err: &FunctionError{kind, "the function could not read its own answer"}}
	}
	e.accept(w, r, result)
}

// failure takes an error instead of an answer.
func (e *environment) failure(w http.ResponseWriter, r *http.Request) {
	e.accept(w, r, outcome{err: reported(r)})
}

// initFailure takes the error of a process that could not start; it is expected to exit.
func (e *environment) initFailure(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.initError = reported(r)
	e.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}

// accept ends the invocation and says so to the process.
func (e *environment) accept(w http.ResponseWriter, r *http.Request, result outcome) {
	if !e.finish(r.PathValue("id"), result) {
		reply(w, http.StatusBadRequest, "InvalidRequestID", "no invocation with this id is running")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}

// finish hands the result to the caller of invoke, unless another invocation is running.
func (e *environment) finish(id string, result outcome) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running == nil || e.running.id != id {
		return false
	}
	e.running.done <- result
	e.running = nil
	return true
}

func reply(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}

// reported reads the error object that a runtime posts.
func reported(r *http.Request) *FunctionError {
	var body struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || json.NewDecoder(bytes.NewReader(raw)).Decode(&body) != nil {
		return &FunctionError{"Runtime.Unknown", "the function reported an error that cannot be read"}
	}
	return &FunctionError{body.Type, body.Message}
}

// requestID is a random UUID, version 4.
func requestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// traceID is an X-Ray trace header that is not sampled.
func traceID() string {
	var b [20]byte
	rand.Read(b[:]) // never fails
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), hex.EncodeToString(b[:12]),
		hex.EncodeToString(b[12:]))
}
