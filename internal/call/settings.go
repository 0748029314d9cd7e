package call

import (
	"context"
	"errors"
	"math"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Settings are what the options of a call say of its requests, whatever it does.
type Settings struct {
	Meters     []Meter
	Pattern    string // the access pattern, for meters
	SDK        []func(*dynamodb.Options)
	Preview    *Preview // nil to send
	Parallel   int      // requests at a time
	Paralleled bool     // Parallel was given
	Pace       float64  // units a second
	Paced      bool     // Pace was given
	spending   *Spending
	pacer      *Pacer
}

// Meter is told what a call consumed.
type Meter interface {
	Add(context.Context, Consumption)
}

// Report asks the service for consumed capacity when someone counts it.
func (s *Settings) Report() types.ReturnConsumedCapacity {
	if len(s.Meters) > 0 || s.Paced {
		return types.ReturnConsumedCapacityIndexes
	}
	return ""
}

// CheckPace refuses a Pace that cannot be.
func (s *Settings) CheckPace() error {
	if s.Paced && !(s.Pace > 0 && s.Pace <= math.MaxFloat64) {
		return errors.New("Pace must be positive")
	}
	return nil
}

// Pacer is the pacer of the call's requests; nil unless Pace was given.
func (s *Settings) Pacer() *Pacer {
	if s.pacer == nil {
		s.pacer = newPacer(s.Pace, s.Paced)
	}
	return s.pacer
}

// Spending is the sum of a call's units; nil where nobody needs it.
func (s *Settings) Spending() *Spending { return s.spending }

// Spend begins the sum of the call's units, unless it has begun, at its pace.
func (s *Settings) Spend() *Spending {
	if s.spending == nil {
		s.spending = &Spending{Pacer: s.Pacer()}
	}
	return s.spending
}

// Line is where requests go: a client, and who is told of all that they consume.
type Line struct {
	Client  Client
	Observe Meter // nil for nobody
}

// Via is the client of a call's requests on an entity type, "" for those on several.
func (l *Line) Via(s *Settings, entity string) Client {
	if s.Preview != nil {
		return s.Preview
	}
	if len(s.Meters) == 0 && l.Observe == nil && !s.Paced {
		return l.Client
	}
	return NewMetering(l.Client, func(ctx context.Context, c Consumption) {
		purseOf(ctx).add(c)
		c.Entity, c.Pattern = entity, s.Pattern
		for _, meter := range s.Meters {
			meter.Add(ctx, c)
		}
		if l.Observe != nil {
			l.Observe.Add(ctx, c)
		}
	})
}

// Same tells whether two lines have one client. A client that cannot be compared is not another's.
func (l *Line) Same(o *Line) bool {
	if l == o {
		return true
	}
	a, b := l.Client, o.Client
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return !reflect.ValueOf(a).Comparable() || !reflect.ValueOf(b).Comparable() || a == b
}
