package runtimeapi

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// process is a child that does not outlive this program: it leads a process group that Kill ends whole, and where the
// system can do it the kernel ends it with its parent. Elsewhere it ends by itself when its Runtime API is gone.
type process struct {
	cmd  *exec.Cmd
	logs sync.WaitGroup

	mu   sync.Mutex
	out  io.Writer // where its output goes
	pipe *os.File  // by which it goes there; nil once the process is gone
}

// startProcess starts an executable in its own folder with exactly the environment given, standard output and error
// copied to logs line by line.
func startProcess(path string, env []string, logs io.Writer) (*process, error) {
	cmd := exec.Command(path)
	cmd.Dir = filepath.Dir(path)
	cmd.Env = append(env, systemEnv()...)
	cmd.SysProcAttr = ownGroup()
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err = parent.start(cmd); err != nil {
		write.Close()
		read.Close()
		return nil, err
	}
	p := &process{cmd: cmd, out: logs, pipe: write}
	p.logs.Go(func() {
		defer read.Close()
		copyLines(logs, read)
	})
	return p, nil
}

// Pid is the process's id.
func (p *process) Pid() int { return p.cmd.Process.Pid }

// Wait returns when the process is gone and its output is copied. It is called once.
func (p *process) Wait() {
	p.cmd.Wait()       // its state tells how it ended
	killGroup(p.Pid()) // children of its own would hold the output open
	p.mu.Lock()
	p.pipe.Close()
	p.pipe = nil
	p.mu.Unlock()
	p.logs.Wait()
}

// Log writes a line of Lambda's own, behind all that the process has written until now: by the same way, as long as
// that is open.
func (p *process) Log(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	to := p.out
	if p.pipe != nil {
		to = p.pipe
	} else {
		p.logs.Wait()
	}
	io.WriteString(to, line+"\n")
}

// State says how the process ended, after Wait: "exit status 1", "signal: killed".
func (p *process) State() string { return p.cmd.ProcessState.String() }

// Kill ends the process and all it started, at once.
func (p *process) Kill() {
	killGroup(p.Pid())
	p.cmd.Process.Kill() // also where there are no groups
}

// copyLines gives w one whole line at a time; one above 64 KiB comes in pieces.
func copyLines(w io.Writer, r io.Reader) {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			w.Write(line) // a log that cannot be written must not stop the function
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// parent starts all children from one thread that lives as long as the program: the kernel's "end with your parent"
// means the thread that started the child, and Go ends threads as it likes.
var parent spawner

type spawner struct {
	once   sync.Once
	orders chan func()
}

func (s *spawner) start(cmd *exec.Cmd) error {
	s.once.Do(func() {
		s.orders = make(chan func())
		go func() {
			runtime.LockOSThread()
			for order := range s.orders {
				order()
			}
		}()
	})
	result := make(chan error)
	s.orders <- func() { result <- cmd.Start() }
	return <-result
}
