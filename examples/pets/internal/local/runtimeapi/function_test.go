package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var unruly string // the built bootstrap

func TestMain(m *testing.M) {
	if os.Getenv("BE_PARENT") != "" {
		beParent()
		return
	}
	dir, err := os.MkdirTemp("", "unruly")
	if err != nil {
		log.Fatal(err)
	}
	unruly = filepath.Join(dir, "bootstrap")
	if out, err := exec.Command("go", "build", "-o", unruly, "./testdata/unruly").CombinedOutput(); err != nil {
		log.Fatalf("%v\n%s", err, out)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

type answer struct {
	Text    string   `json:"text"`
	PID     int      `json:"pid"`
	Child   int      `json:"child"`
	Request string   `json:"request"`
	ARN     string   `json:"arn"`
	Left    int64    `json:"left_ms"`
	Env     []string `json:"env"`
	Dir     string   `json:"dir"`
}

func start(t *testing.T, config Config) *Function {
	config.Name, config.Bootstrap, config.ARN = "unruly", unruly,
		"arn:aws:lambda:us-east-1:123456789012:function:unruly"
	f := New(config)
	t.Cleanup(f.Close)
	return f
}

func tell(f *Function, do, text string) (answer, error) {
	payload, err := json.Marshal(map[string]string{"do": do, "text": text})
	if err != nil {
		return answer{}, err
	}
	out, err := f.Invoke(context.Background(), payload)
	if err != nil {
		return answer{}, err
	}
	var a answer
	return a, json.Unmarshal(out, &a)
}

// waitBusy waits until an invocation has the warm environment.
func waitBusy(t *testing.T, f *Function) {
	require.Eventually(t, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.idle) == 0
	}, 10*time.Second, time.Millisecond)
}

func TestInvocationsShareOneEnvironmentInTurn(t *testing.T) {
	f := start(t, Config{Timeout: 5 * time.Second})
	first, err := tell(f, "echo", "a")
	require.NoError(t, err)
	second, err := tell(f, "echo", "b")
	require.NoError(t, err)
	assert.Equal(t, "a", first.Text)
	assert.Equal(t, "b", second.Text)
	assert.Equal(t, first.PID, second.PID, "a warm start uses the same process")
	assert.NotEqual(t, first.Request, second.Request)
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first.Request)
	assert.Equal(t, "arn:aws:lambda:us-east-1:123456789012:function:unruly", first.ARN)
	assert.InDelta(t, 5000, first.Left, 1000)
	assert.Equal(t, filepath.Dir(unruly), first.Dir)
}

func TestParallelInvocationsGetEnvironmentsOfTheirOwn(t *testing.T) {
	f := start(t, Config{Timeout: 5 * time.Second, Environments: 3})
	var wg sync.WaitGroup
	var mu sync.Mutex
	processes := map[int]int{}
	for range 12 {
		wg.Go(func() {
			a, err := tell(f, "nap", "")
			assert.NoError(t, err)
			mu.Lock()
			processes[a.PID]++
			mu.Unlock()
		})
	}
	wg.Wait()
	assert.Len(t, processes, 3, "%v", processes)
}

func TestAFaultHurtsOneInvocationOnly(t *testing.T) {
	for _, c := range []struct{ do, kind, message string }{
		{"panic", "string", "told to: x"},
		{"exit", "Runtime.ExitError", "unruly exited: exit status 3"},
		{"error", "errorString", "told to: x"},
		{"large", "Function.ResponseSizeTooLarge", "the answer is above 6291456 bytes"},
	} {
		t.Run(c.do, func(t *testing.T) {
			f := start(t, Config{Timeout: 5 * time.Second})
			before, err := tell(f, "echo", "before")
			require.NoError(t, err)
			_, err = tell(f, c.do, "x")
			var failed *FunctionError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, c.kind, failed.Type)
			assert.Equal(t, c.message, failed.Message)
			after, err := tell(f, "echo", "after")
			require.NoError(t, err)
			assert.Equal(t, "after", after.Text)
			if c.do == "error" {
				assert.Equal(t, before.PID, after.PID, "an error is an answer: the process goes on")
			} else {
				assert.NotEqual(t, before.PID, after.PID)
			}
		})
	}
}

func TestATimeoutKillsOneEnvironmentOnly(t *testing.T) {
	f := start(t, Config{Timeout: time.Second})
	before, err := tell(f, "echo", "before")
	require.NoError(t, err)
	hung := make(chan error)
	go func() {
		_, err := tell(f, "hang", "")
		hung <- err
	}()
	waitBusy(t, f)
	for range 5 { // others are served while it hangs
		_, err := tell(f, "echo", "meanwhile")
		require.NoError(t, err)
	}
	require.ErrorIs(t, <-hung, ErrTimeout)
	after, err := tell(f, "echo", "after")
	require.NoError(t, err)
	assert.NotEqual(t, before.PID, after.PID)
}

func TestStartsThatFail(t *testing.T) {
	var failed *FunctionError
	_, err := tell(start(t, Config{Env: []string{"START=fail"}}), "echo", "")
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, FunctionError{"Runtime.ExitError", "unruly exited: exit status 1"}, *failed)

	_, err = tell(start(t, Config{Env: []string{"START=hang"}, InitTimeout: 200 * time.Millisecond}), "echo", "")
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "Runtime.InitTimeout", failed.Type)

	f := New(Config{Name: "none", Bootstrap: filepath.Join(t.TempDir(), "none")})
	_, err = f.Invoke(context.Background(), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheEnvironmentIsClean(t *testing.T) {
	t.Setenv("AWS_PROFILE", "mine")
	t.Setenv("SECRET_OF_THE_PARENT", "1")
	f := start(t, Config{Env: []string{"GIVEN=yes"}})
	a, err := tell(f, "env", "")
	require.NoError(t, err)
	var names []string
	for _, e := range a.Env {
		name, _, _ := strings.Cut(e, "=")
		names = append(names, name)
	}
	// The Lambda library sets the trace id itself.
	assert.ElementsMatch(t, []string{"GIVEN", "AWS_LAMBDA_RUNTIME_API", "_X_AMZN_TRACE_ID"}, names)
}

func TestLogsComeLineByLine(t *testing.T) {
	var logs lines
	f := start(t, Config{Logs: &logs})
	_, err := tell(f, "log", "")
	require.NoError(t, err)
	f.Close()
	assertLog(t, &logs, start1, `one line`, `another line`, end1, report1+`Init Duration: [\d.]+ ms\t`)
}

// Lambda's own lines about one invocation.
const (
	start1  = `START RequestId: [0-9a-f-]{36} Version: \$LATEST`
	end1    = `END RequestId: [0-9a-f-]{36}`
	report1 = `REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t` +
		`(Max Memory Used: [1-9]\d* MB\t)?`
)

// assertLog holds the lines of a log against patterns. All that have a request id have the same.
func assertLog(t *testing.T, logs *lines, patterns ...string) {
	t.Helper()
	got := logs.all()
	require.Len(t, got, len(patterns), "%q", got)
	ids := map[string]bool{}
	for i, pattern := range patterns {
		assert.Regexp(t, "^"+pattern+"\n$", got[i])
		if id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(got[i]); id != "" {
			ids[id] = true
		}
	}
	assert.Len(t, ids, 1, "%q", got)
}

// The log tells how an invocation ended, behind all that the function wrote: a warm one, an error, the end of the
// process, and time that ran out.
func TestTheLogOfAnInvocation(t *testing.T) {
	for do, ends := range map[string][]string{
		"log":   {`one line`, `another line`, end1, report1},
		"error": {`.*"errorMessage":"told to: ".*`, end1, report1},
		"exit": {end1, report1 + `Status: error\tError Type: Runtime\.ExitError`,
			`RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3`, `Runtime\.ExitError`},
		"hang": {`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f-]{36} Task timed out after 0\.[34]\d seconds`, ``, end1,
			report1 + `Status: timeout`},
	} {
		t.Run(do, func(t *testing.T) {
			var logs lines
			f := start(t, Config{Logs: &logs, Timeout: 300 * time.Millisecond})
			_, err := tell(f, "echo", "")
			require.NoError(t, err)
			require.Eventually(t, func() bool { return len(logs.all()) == 3 }, 5*time.Second, time.Millisecond)
			logs.mu.Lock()
			logs.kept = nil
			logs.mu.Unlock()
			_, _ = tell(f, do, "")
			f.Close()
			assertLog(t, &logs, append([]string{start1}, ends...)...)
		})
	}
}

func TestWhatIsBilled(t *testing.T) {
	for took, want := range map[time.Duration]int64{0: 0, time.Microsecond: 1, time.Millisecond: 1,
		2290 * time.Microsecond: 3, time.Second: 1000} {
		assert.Equal(t, want, billed(took))
	}
	assert.Equal(t, "2.29", inMilliseconds(2290*time.Microsecond))
}

// beParent starts a function that hangs in an invocation, so that it would not notice a lost Runtime API, and says its
// process id.
func beParent() {
	f := New(Config{Name: "unruly", Bootstrap: os.Getenv("UNRULY"), Timeout: time.Hour})
	a, err := tell(f, "echo", "")
	if err != nil {
		log.Fatal(err)
	}
	go tell(f, "hang", "")
	time.Sleep(50 * time.Millisecond)
	json.NewEncoder(os.Stdout).Encode(a.PID)
	time.Sleep(time.Hour)
}

func TestAWaitingCallerMayGiveUp(t *testing.T) {
	f := start(t, Config{Timeout: time.Second, Environments: 1})
	_, err := tell(f, "echo", "")
	require.NoError(t, err)
	hung := make(chan error)
	go func() {
		_, err := tell(f, "hang", "")
		hung <- err
	}()
	waitBusy(t, f)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = f.Invoke(ctx, []byte(`{}`))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, <-hung, ErrTimeout)
}

func TestAPayloadHasABound(t *testing.T) {
	_, err := start(t, Config{}).Invoke(context.Background(), bytes.Repeat([]byte("x"), MaxPayload+1))
	require.ErrorIs(t, err, ErrTooLarge)
}

// lines keeps each Write apart.
type lines struct {
	mu   sync.Mutex
	kept []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, string(p))
	return len(p), nil
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}
