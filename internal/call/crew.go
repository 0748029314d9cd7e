package call

import "sync"

// Crew is the goroutines of one call. What one of them panics with, a client's fault or that of a type's own
// Unmarshaler, is raised again by Wait, where the caller can recover from it.
type Crew struct {
	Stop func() // ends the others; nil lets them finish

	running  sync.WaitGroup
	once     sync.Once
	panicked any
}

// Go runs f.
func (c *Crew) Go(f func()) {
	c.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				c.once.Do(func() { c.panicked = p })
				if c.Stop != nil {
					c.Stop()
				}
			}
		}()
		f()
	})
}

// Wait waits for all.
func (c *Crew) Wait() {
	c.running.Wait()
	if c.panicked != nil {
		panic(c.panicked)
	}
}
