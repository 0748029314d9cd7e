package call

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Spending sums the units of one call's requests, which may run in parallel.
type Spending struct {
	mu    sync.Mutex
	units float64
	Pacer *Pacer // nil unless Pace is given
}

// Add adds what a response reports; nothing to a nil sum.
func (s *Spending) Add(c *types.ConsumedCapacity) {
	if s == nil || c == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units += unitsOf(c)
}

// AddUnpaced is Add for a request that did not wait for its turn: those behind it wait the longer.
func (s *Spending) AddUnpaced(c *types.ConsumedCapacity) {
	s.Add(c)
	if s != nil {
		s.Pacer.Charge(c)
	}
}

// Sum is the units so far.
func (s *Spending) Sum() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.units
}
