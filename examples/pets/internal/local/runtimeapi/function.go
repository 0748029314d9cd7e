// Package runtimeapi runs Lambda functions as Lambda does: each execution environment is a process of its own, started
// from the function's real bootstrap, that asks a Lambda Runtime API (2018-06-01) for its next invocation and posts the
// answer.
//
// An environment handles one invocation at a time. When all are busy another one is started, up to a bound; a function
// that panics loses its process, one that runs past its timeout has it killed, and the next invocation gets a fresh
// one.
package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// MaxPayload is the most bytes of a synchronous invocation and of its answer (Lambda guide, "Lambda quotas").
	MaxPayload = 6 << 20

	defaultTimeout      = 3 * time.Second  // Lambda's own default
	defaultInitTimeout  = 10 * time.Second // Lambda's bound on the Init phase
	defaultEnvironments = 8
	defaultMemory       = 128 // MiB; Lambda's own default
)

var (
	// ErrTimeout: the function did not answer within its timeout. Its process was killed.
	ErrTimeout = errors.New("runtimeapi: the function timed out")
	// ErrClosed: the function was closed.
	ErrClosed = errors.New("runtimeapi: the function is closed")
	// ErrTooLarge: the payload is above MaxPayload.
	ErrTooLarge = errors.New("runtimeapi: the payload is too large")
)

// FunctionError is an error that the function reported, a panic of its handler, or the end of its process.
type FunctionError struct {
	Type    string // "Runtime.ExitError", or what the function called it
	Message string
}

// Error says what the function said. It is meant for the operator, never for the function's callers.
func (e *FunctionError) Error() string { return "runtimeapi: " + e.Type + ": " + e.Message }

// Config is what a function needs to run. Name, Bootstrap and ARN are required.
type Config struct {
	Name      string
	ARN       string
	Bootstrap string // path of the executable
	// the whole environment, as NAME=value; nothing of this process's own is added but the Runtime API's address
	Env          []string
	MemorySize   int           // MiB, for the log alone; 128 if 0
	Timeout      time.Duration // of one invocation; 3 s if 0
	InitTimeout  time.Duration // from the process's start to its first request for work; 10 s if 0
	Environments int           // at most so many processes; 8 if 0
	// what the processes write, one whole line a Write, and Lambda's own lines about each invocation; discarded if nil
	Logs io.Writer
}

// Function is a Lambda function: a pool of execution environments. It is safe for concurrent use.
type Function struct {
	config Config
	slots  chan struct{} // one token per environment that may be busy or starting

	mu     sync.Mutex
	idle   []*environment // the one used last is at the end
	all    map[*environment]struct{}
	closed bool
}

// New makes a function. No process is started before the first Invoke.
func New(config Config) *Function {
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if config.InitTimeout == 0 {
		config.InitTimeout = defaultInitTimeout
	}
	if config.Environments == 0 {
		config.Environments = defaultEnvironments
	}
	if config.MemorySize == 0 {
		config.MemorySize = defaultMemory
	}
	if config.Logs == nil {
		config.Logs = io.Discard
	}
	return &Function{
		config: config,
		slots:  make(chan struct{}, config.Environments),
		all:    map[*environment]struct{}{},
	}
}

// Invoke hands payload to an environment and waits for its answer. It returns ErrTimeout, a *FunctionError,
// ErrTooLarge, ErrClosed, or the context's error while it waits for a free environment; an invocation that has begun
// runs on, as Lambda's do.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, ErrTooLarge
	}
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	env, err := f.take()
	if err != nil {
		return nil, err
	}
	answer, err := env.invoke(payload, f.config.Timeout)
	f.giveBack(env)
	return answer, err
}

// take gives an idle environment that still lives, or a new one that has finished its Init phase.
func (f *Function) take() (*environment, error) {
	f.mu.Lock()
	for len(f.idle) > 0 {
		env := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		if env.alive() {
			f.mu.Unlock()
			return env, nil
		}
		delete(f.all, env)
	}
	if f.closed {
		f.mu.Unlock()
		return nil, ErrClosed
	}
	env, err := startEnvironment(f.config)
	if err != nil {
		f.mu.Unlock()
		return nil, fmt.Errorf("runtimeapi: starting %s: %w", f.config.Name, err)
	}
	f.all[env] = struct{}{}
	f.mu.Unlock()

	began := time.Now()
	if err := env.init(f.config.InitTimeout); err != nil {
		f.giveBack(env)
		return nil, err
	}
	slog.Debug("cold start", "function", f.config.Name, "pid", env.process.Pid(), "init", time.Since(began))
	return env, nil
}

// giveBack keeps a living environment for the next invocation and forgets a dead one.
func (f *Function) giveBack(env *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if env.alive() && !f.closed {
		f.idle = append(f.idle, env)
		return
	}
	delete(f.all, env)
}

// Close kills all environments and waits until they are gone. Invocations that run get a *FunctionError.
func (f *Function) Close() {
	f.mu.Lock()
	f.closed = true
	f.idle = nil
	dying := f.all
	f.all = map[*environment]struct{}{}
	f.mu.Unlock()
	for env := range dying {
		env.kill()
	}
	for env := range dying {
		<-env.exited
	}
}
