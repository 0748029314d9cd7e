package pets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/monotable/monotable"
)

// One answers GET /pets/{id}.
type One struct{ Table *Table }

type found struct {
	Message string `json:"message"`
	Pet     Pet    `json:"pet"`
}

// Handle reads one pet by its id: 404 if there is none. The read is strongly consistent, so that whoever created a pet
// finds it where its Location said.
func (h One) Handle(ctx context.Context, r request) (response, error) {
	id, err := parseID(r.PathParameters["id"])
	if err != nil {
		return response{}, err
	}
	pet, err := h.Table.Get(ctx, Pet{ID: id}, monotable.Consistent())
	if errors.Is(err, monotable.ErrNotFound) {
		return response{}, problem(http.StatusNotFound, "id", fmt.Sprintf("There is no pet %d.", id))
	}
	if err != nil {
		return response{}, err
	}
	return jsonResponse(http.StatusOK, found{"You found " + pet.Name, pet}), nil
}

var errID = problem(http.StatusBadRequest, "id", "id must be an integer of 64 bits, such as 1.")

// parseID reads an id as a path has it, written in one way only: digits, with a minus before them if negative. 01, +1,
// 1.0 and 1e0 are not ids, so that a pet has one address.
func parseID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != text {
		return 0, errID
	}
	return id, nil
}
