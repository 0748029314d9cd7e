package pets

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/monotable/monotable"
)

// Create answers POST /pets.
type Create struct{ Table *Table }

// Handle writes a pet that is not there yet. A pet that is there exactly as it would be written is the same create once
// more, whose answer was lost perhaps, and answered alike; any other pet of that id is 409.
func (h Create) Handle(ctx context.Context, r request) (response, error) {
	item, err := readItem(r)
	if err != nil {
		return response{}, err
	}
	pet, err := petOf(item)
	if err != nil {
		return response{}, err
	}
	err = h.Table.Create(ctx, &pet)
	var exists *monotable.Error
	switch {
	case errors.Is(err, monotable.ErrExists) && errors.As(err, &exists) && item.Equal(exists.Existing):
	case errors.Is(err, monotable.ErrExists):
		return response{}, problem(http.StatusConflict, "id",
			fmt.Sprintf("Pet %d exists already and is not the same.", pet.ID))
	case err != nil:
		return response{}, err
	}
	answer := jsonResponse(http.StatusCreated, found{fmt.Sprintf("You created pet %d named %s", pet.ID, pet.Name), pet})
	answer.Headers["location"] = fmt.Sprintf("/pets/%d", pet.ID)
	return answer, nil
}
