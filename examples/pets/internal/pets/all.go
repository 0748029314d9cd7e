package pets

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/monotable/monotable"
)

// All answers GET /pets?limit=50&cursor=….
type All struct{ Table *Table }

type page struct {
	Pets       []Pet            `json:"pets"`
	NextCursor monotable.Cursor `json:"next_cursor,omitempty"`
}

const (
	defaultLimit = 50
	maxLimit     = 100
)

// Handle reads one page of all pets. A page that is not the last one has a cursor for the next, and a link to it.
func (h All) Handle(ctx context.Context, r request) (response, error) {
	limit := defaultLimit
	if text, given := r.QueryStringParameters["limit"]; given {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLimit || strconv.Itoa(n) != text {
			return response{}, problem(http.StatusBadRequest, "limit", "limit must be an integer between 1 and 100.")
		}
		limit = n
	}
	cursor := monotable.Cursor(r.QueryStringParameters["cursor"])
	found, err := h.Table.ScanPage(ctx, monotable.Limit(limit), monotable.StartAfter(cursor))
	if errors.Is(err, monotable.ErrCursor) {
		return response{}, problem(http.StatusBadRequest, "cursor",
			"cursor must be the next_cursor of another page, as it was.")
	}
	if err != nil {
		return response{}, err
	}
	if found.Items == nil {
		found.Items = []Pet{} // [], not null
	}
	answer := jsonResponse(http.StatusOK, page{found.Items, found.Next})
	if found.Next != "" {
		next := url.Values{"limit": {strconv.Itoa(limit)}, "cursor": {string(found.Next)}}
		answer.Headers["link"] = `</pets?` + next.Encode() + `>; rel="next"`
	}
	return answer, nil
}
