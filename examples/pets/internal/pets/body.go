package pets

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/monotable/monotable"
)

const (
	maxBody = 8 << 10 // bytes
	maxName = 100     // characters

	notKept = "This cannot be kept as it is: names must not be empty or there twice, numbers must have at most 38 digits and be " +
		"between 1E-130 and 9.9E+125, values must not be nested deeper than 32 levels, and all text must be UTF-8."
)

// readPet reads the pet in a request's body. What is wrong with it is a Problem that names the field.
func readPet(r request) (Pet, error) {
	if kind, _, err := mime.ParseMediaType(r.Headers["content-type"]); err != nil || kind != "application/json" {
		return Pet{}, problem(http.StatusUnsupportedMediaType, "Content-Type", "The body must be application/json.")
	}
	body, err := bodyOf(r)
	if err != nil {
		return Pet{}, err
	}
	item, err := readItem(body)
	if err != nil {
		return Pet{}, err
	}
	for _, required := range []string{"id", "name"} {
		if !item.Has(required) {
			return Pet{}, problem(http.StatusBadRequest, required, "A pet must have "+required+".")
		}
	}
	pet := Pet{More: item}
	if pet.ID, err = item.Int64("id"); err != nil {
		return Pet{}, errID
	}
	if pet.Name, err = item.String("name"); err != nil {
		return Pet{}, problem(http.StatusBadRequest, "name", "name must be a string.")
	}
	if n := utf8.RuneCountInString(pet.Name); n < 1 || n > maxName {
		return Pet{}, problem(http.StatusBadRequest, "name", fmt.Sprintf("name must have 1 to %d characters.", maxName))
	}
	delete(item, "id")
	delete(item, "name")
	return pet, nil
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
		return nil, problem(http.StatusRequestEntityTooLarge, "body", fmt.Sprintf("The body must not have more than %d bytes.", maxBody))
	}
	return body, nil
}

// readItem reads a body that is one JSON object, of names and values that a table can hold as they are.
func readItem(body []byte) (monotable.Item, error) {
	var item monotable.Item
	err := json.Unmarshal(body, &item)
	var (
		syntax    *json.SyntaxError
		attribute *monotable.AttributeError
	)
	switch {
	case errors.As(err, &syntax):
		return nil, problem(http.StatusBadRequest, "body", fmt.Sprintf("The body is not JSON: it is malformed at byte %d.", syntax.Offset))
	case errors.As(err, &attribute) && attribute.Reason != "": // what is wrong is said there too, in words about the table
		return nil, problem(http.StatusBadRequest, cmp.Or(attribute.Path, "body"), notKept)
	case err != nil || item == nil:
		return nil, problem(http.StatusBadRequest, "body", "The body must be a JSON object.")
	}
	return item, nil
}
