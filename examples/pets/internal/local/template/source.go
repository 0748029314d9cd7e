package template

import (
	"errors"
	"fmt"
	"slices"
)

// Source is an event source mapping: it reads the stream of a table and invokes a function with batches of its changes.
type Source struct {
	ID        string
	Function  string // by its name in the template
	Table     string // by its name in the template
	Latest    bool   // start with the changes to come, not with the oldest there are
	BatchSize int
	Attempts  int    // at a batch, the first one included; 0 is without end
	Bisect    bool   // halve a batch that failed as a whole
	Partial   bool   // the function answers with the first change that it did not handle
	OnFailure string // ARN of the queue that is told what was given up; "" for none
}

// sourceProperties are those of AWS::Lambda::EventSourceMapping that this example needs.
type sourceProperties struct {
	EventSourceArn             string   `yaml:"EventSourceArn"`
	FunctionName               string   `yaml:"FunctionName"`
	StartingPosition           string   `yaml:"StartingPosition"`
	BatchSize                  int      `yaml:"BatchSize"`
	MaximumRetryAttempts       int      `yaml:"MaximumRetryAttempts"`
	BisectBatchOnFunctionError bool     `yaml:"BisectBatchOnFunctionError"`
	FunctionResponseTypes      []string `yaml:"FunctionResponseTypes"`
	DestinationConfig          struct {
		OnFailure struct {
			Destination string `yaml:"Destination"`
		} `yaml:"OnFailure"`
	} `yaml:"DestinationConfig"`
}

// readSource reads an event source mapping; Function and Table are what the template calls them by, until
// connectSources.
func readSource(res resource) (Source, error) {
	p := sourceProperties{BatchSize: 100, MaximumRetryAttempts: -1} // Lambda's defaults
	if err := strict(&res.Properties, &p); err != nil {
		return Source{}, err
	}
	switch {
	case p.StartingPosition != "TRIM_HORIZON" && p.StartingPosition != "LATEST":
		return Source{}, fmt.Errorf("starting position %q: TRIM_HORIZON or LATEST", p.StartingPosition)
	case p.BatchSize < 1 || p.BatchSize > 1000: // above it, Lambda reads several pages for a batch
		return Source{}, fmt.Errorf("batch size %d: 1 to 1000 are known here", p.BatchSize)
	case p.MaximumRetryAttempts < -1 || p.MaximumRetryAttempts > 10_000:
		return Source{}, fmt.Errorf("%d retry attempts: -1, without end, to 10000 are allowed", p.MaximumRetryAttempts)
	}
	for _, kind := range p.FunctionResponseTypes {
		if kind != "ReportBatchItemFailures" {
			return Source{}, fmt.Errorf("function response type %q: ReportBatchItemFailures is the one there is", kind)
		}
	}
	return Source{
		ID:        res.id,
		Function:  p.FunctionName,
		Table:     p.EventSourceArn,
		Latest:    p.StartingPosition == "LATEST",
		BatchSize: p.BatchSize,
		Attempts:  p.MaximumRetryAttempts + 1,
		Bisect:    p.BisectBatchOnFunctionError,
		Partial:   len(p.FunctionResponseTypes) > 0,
		OnFailure: p.DestinationConfig.OnFailure.Destination,
	}, nil
}

// connectSources finds what the event sources name.
func (s *Stack) connectSources() error {
	for i := range s.Sources {
		source := &s.Sources[i]
		fail := func(text string) error { return fmt.Errorf("resource %s: %w", source.ID, errors.New(text)) }
		f := slices.IndexFunc(s.Functions, func(f Function) bool {
			return source.Function == f.Name ||
				source.Function == f.ARN
		})
		if f < 0 {
			return fail("its FunctionName is none of the template's functions")
		}
		t := slices.IndexFunc(s.Tables, func(t Table) bool { return source.Table == t.ARN+anyStream })
		if t < 0 {
			return fail("its EventSourceArn is no StreamArn of one of the template's tables")
		}
		queue := func(q Queue) bool { return source.OnFailure == q.ARN }
		if source.OnFailure != "" && !slices.ContainsFunc(s.Queues, queue) {
			return fail("its destination is none of the template's queues")
		}
		source.Function, source.Table = s.Functions[f].ID, s.Tables[t].ID
	}
	return nil
}
