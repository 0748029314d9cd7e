package pets

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/monotable/monotable"
)

const (
	maxBody = 8 << 10 // bytes
	maxName = 100     // characters

	notKept = "This cannot be kept as it is: names must not be empty or there twice, numbers must have at most 38 " +
		"digits and be " +
		"between 1E-130 and 9.9E+125, values must not be nested deeper than 32 levels, and all text must be UTF-8."
)

// readItem reads the item in a request's body, one JSON object. What is wrong with it is a Problem that names the
// field.
func readItem(r request) (monotable.Item, error) {
	if kind, _, err := mime.ParseMediaType(r.Headers["content-type"]); err != nil || kind != "application/json" {
		return nil, problem(http.StatusUnsupportedMediaType, "Content-Type", "The body must be application/json.")
	}
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	var item monotable.Item
	err = json.Unmarshal(body, &item)
	var (
		syntax    *json.SyntaxError
		attribute *monotable.AttributeError
	)
	switch {
	case errors.As(err, &syntax):
		return nil, problem(http.StatusBadRequest, "body",
			fmt.Sprintf("The body is not JSON: it is malformed at byte %d.", syntax.Offset))
	case errors.As(err, &attribute) && attribute.Reason != "": // what is wrong is said there too, in words about the table
		return nil, problem(http.StatusBadRequest, cmp.Or(attribute.Path, "body"), notKept)
	case err != nil || item == nil:
		return nil, problem(http.StatusBadRequest, "body", "The body must be a JSON object.")
	}
	return item, nil
}

// bodyOf is the body as bytes, up to maxBody.
func bodyOf(r request) ([]byte, error) {
	body := []byte(r.Body)
	if r.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(r.Body)
		if err != nil {
			return nil, problem(http.StatusBadRequest, "body", "The body is not base64.")
		}
		body = decoded
	}
	if len(body) > maxBody {
		return nil, problem(http.StatusRequestEntityTooLarge, "body",
			fmt.Sprintf("The body must not have more than %d bytes.", maxBody))
	}
	return body, nil
}

// petOf is the item as a pet, if it is one: it has an id and a name. The item stays as it is.
func petOf(item monotable.Item) (pet Pet, err error) {
	for _, required := range []string{"id", "name"} {
		if !item.Has(required) {
			return Pet{}, problem(http.StatusBadRequest, required, "A pet must have "+required+".")
		}
	}
	if pet.ID, err = item.Int64("id"); err != nil {
		return Pet{}, errID
	}
	if pet.Name, err = item.String("name"); err != nil {
		return Pet{}, problem(http.StatusBadRequest, "name", "name must be a string.")
	}
	if n := utf8.RuneCountInString(pet.Name); n < 1 || n > maxName {
		return Pet{}, problem(http.StatusBadRequest, "name", fmt.Sprintf("name must have 1 to %d characters.", maxName))
	}
	pet.More = maps.Clone(item)
	delete(pet.More, "id")
	delete(pet.More, "name")
	return pet, nil
}
