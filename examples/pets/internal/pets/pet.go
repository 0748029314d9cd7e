// Package pets is what the lesson's Lambda functions do: All, Create and One answer the HTTP API's requests, and Names
// follows the changes of their table.
package pets

import (
	"strconv"

	"github.com/monotable/monotable"
)

// Pet is one item of the table. A pet has an id and a name, and whatever else its owner has to say about it.
type Pet struct {
	ID   int64          `dynamodbav:"id"`
	Name string         `dynamodbav:"name"`
	More monotable.Item `monotable:"unknown"`
}

// Table is where pets live.
type Table = monotable.Table[Pet]

// MarshalJSON writes id and name first, then the rest by name.
func (p Pet) MarshalJSON() ([]byte, error) {
	name, err := encode(p.Name)
	if err != nil {
		return nil, err
	}
	text := append(strconv.AppendInt([]byte(`{"id":`), p.ID, 10), `,"name":`...)
	text = append(text, name...)
	if len(p.More) == 0 {
		return append(text, '}'), nil
	}
	more, err := encode(p.More)
	if err != nil {
		return nil, err
	}
	return append(append(text, ','), more[1:]...), nil // without its opening brace
}
