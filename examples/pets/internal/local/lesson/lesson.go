package lesson

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Place is where the lesson is played.
type Place struct {
	API      string // URL of the HTTP API
	DynamoDB string // URL of the endpoint that the functions use
	Table    string
	TableARN string
	OnePet   Key    // the function's own
	RoleARN  string // of the function, as DynamoDB names it

	Owner      Key // may do anything
	NamesTable string
	Missed     func(context.Context) (string, error) // waits for what the queue of missed changes is told

	Patience time.Duration // how long a change may take to its effect; DefaultPatience if 0
}

// DefaultPatience is how long a change may take to its effect: a moment here, seconds on AWS.
const DefaultPatience = 20 * time.Second

func (p Place) patience() time.Duration { return cmp.Or(p.Patience, DefaultPatience) }

// The lesson's items. The second and the third have attributes that the other does not, in one table.
const (
	rachel      = `{"id":1,"name":"Rachel"}`
	otherRachel = `{"id":1,"name":"Not Rachel"}`
	withPets    = `{"id":2,"name":"Rachel",` +
		`"pets":[{"kind":"cat","name":"Kimchi"},{"age":3,"kind":"dog","name":"Bibimbap"}]}`
	withAddress = `{"id":3,"name":"Mike","address":{"city":"Toronto","street":"12 Main Street","zip":null}}`
)

// Play plays the whole lesson in an empty table. It goes on after an answer that is not as it must be, and returns an
// error for each.
func Play(ctx context.Context, p *Player, at Place) error {
	l := &lesson{at: at}
	var errs []error
	for _, next := range l.steps() {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, p.Play(ctx, next()))
	}
	return errors.Join(errs...)
}

// lesson carries what one answer tells to the request after it.
type lesson struct {
	at     Place
	cursor string
	seen   []string
}

// steps are made one after the other, when it is their turn.
func (l *lesson) steps() []func() Step {
	var steps []func() Step
	add := func(s ...Step) {
		for _, step := range s {
			steps = append(steps, func() Step { return step })
		}
	}
	add(
		l.get("The table is empty.", "/pets", `{"pets":[]}`),
		l.create("createPet puts an item: a pet has an id and a name.", rachel,
			`{"message":"You created pet 1 named Rachel","pet":`+rachel+`}`, "/pets/1"),
		l.get("onePet gets it by its key.", "/pets/1", `{"message":"You found Rachel","pet":`+rachel+`}`),
		l.create("Items are schemaless. This one has a list of maps,", withPets,
			`{"message":"You created pet 2 named Rachel","pet":`+withPets+`}`, "/pets/2"),
		l.create("and this one, in the same table, a map.", withAddress,
			`{"message":"You created pet 3 named Mike","pet":`+withAddress+`}`, "/pets/3"),
	)
	steps = append(steps,
		func() Step {
			return l.page("allPets scans the table a page at a time, in DynamoDB's own order.", "/pets?limit=2", 2, false)
		},
		func() Step {
			return l.page("The cursor leads to the next page, which is the last one.", "/pets?limit=2&cursor="+l.cursor, 1,
				true)
		},
	)
	add(
		l.create("That is all of it; now what may go wrong. A client never saw the answer and sends its request again: "+
			"the pet is there as it should be, and that is no error.", rachel,
			`{"message":"You created pet 1 named Rachel","pet":`+rachel+`}`, "/pets/1"),
		l.refused(http.MethodPost, "Another pet cannot take the id.", otherRachel, 409,
			"Pet 1 exists already and is not the same.", "id"),
	)
	steps = append(steps, func() Step {
		return l.refusedAt("A cursor is sealed: with one character changed it is refused.",
			"/pets?limit=2&cursor="+tampered(l.cursor),
			400, "cursor must be the next_cursor of another page, as it was.", "cursor")
	})
	add(
		l.refusedAt("There is no such pet, and the answer says so.", "/pets/99", 404, "There is no pet 99.", "id"),
		l.refusedAt("An id is an integer. What is none is not turned into 0, but refused.", "/pets/rachel", 400,
			"id must be an integer of 64 bits, such as 1.", "id"),
		l.refused(http.MethodPost, "In a body too.", `{"id":1.5,"name":"Half"}`, 400,
			"id must be an integer of 64 bits, such as 1.", "id"),
		l.refused(http.MethodPost, "Each refusal names the field that was wrong.", `{"id":4}`, 400,
			"A pet must have name.", "name"),
		l.refused(http.MethodPost, "A body is one JSON object, to its end.", `{"id":4,"name":"Rex"`, 400,
			"The body is not JSON: it is malformed at byte 20.", "body"),
	)
	notJSON := l.refused(http.MethodPost, "And it says what it is: this is what curl sends unless told otherwise.",
		`id=4&name=Rex`, 415, "The body must be application/json.", "Content-Type")
	notJSON.Headers = []string{"Content-Type: application/x-www-form-urlencoded"}
	tooLarge := l.refused(http.MethodPost, "A body has 8 KB at most.",
		`{"id":4,"name":"`+strings.Repeat("0", 9000)+`"}`,
		413, "The body must not have more than 8192 bytes.", "body")
	tooLarge.Shell = `"$(printf '{"id":4,"name":"%09000d"}' 0)"`
	add(notJSON, tooLarge,
		l.dynamodb(l.at.OnePet,
			"Each function has a role of its own. With onePet's access key DynamoDB lets anyone get an item.",
			"GetItem",
			`{"TableName":"`+l.at.Table+`","Key":{"id":{"N":"1"}}}`,
			200, map[string]any{"Item": map[string]any{"id": map[string]any{"N": "1"},
				"name": map[string]any{"S": "Rachel"}}}),
		l.dynamodb(l.at.OnePet,
			"But not put one: its policy in template.yaml allows dynamodb:GetItem on this table and nothing else.",
			"PutItem",
			`{"TableName":"`+l.at.Table+`","Item":{"id":{"N":"1"},"name":{"S":"Mallory"}}}`,
			400, map[string]any{
				"__type": "com.amazon.coral.service#AccessDeniedException",
				"message": "User: " + l.at.RoleARN + " is not authorized to perform: dynamodb:PutItem on resource: " +
					l.at.TableARN +
					" because no identity-based policy allows the dynamodb:PutItem action",
			}),
	)
	add(l.changes()...)
	return steps
}

// changes are the steps about the stream. Each waits until what it is about has come to pass, and so can be played
// again.
func (l *lesson) changes() []Step {
	nothing := map[string]any{}
	return []Step{
		l.named("Each of these creates has gone through the table's stream to petNames, which keeps a second table: "+
			"for each name, "+
			"the ids of the pets that have it. The owner's access key may look.", "Rachel", "1", "2"),
		l.dynamodb(l.at.Owner,
			"Whoever may write to the table is not bound by createPet. Here a name is a map, which petNames cannot "+
				"read.", "PutItem",
			`{"TableName":"`+l.at.Table+
				`","Item":{"id":{"N":"4"},"name":{"M":{"first":{"S":"Regina"},"last":{"S":"Phalange"}}}}}`, 200, nothing),
		l.missed("A change that fails is tried again, and those behind it wait. After the tries that template.yaml " +
			"allows it is given up, " +
			"and the queue MissedChanges is told where in the stream it is."),
		l.create("Then the changes behind it go on: a pet created now", `{"id":5,"name":"Phoebe"}`,
			`{"message":"You created pet 5 named Phoebe","pet":{"id":5,"name":"Phoebe"}}`, "/pets/5"),
		l.named("has its name in the table.", "Phoebe", "5"),
		l.dynamodb(l.at.Owner, "The pet that nobody can read is deleted,", "DeleteItem",
			`{"TableName":"`+l.at.Table+`","Key":{"id":{"N":"4"}}}`, 200, nothing),
		l.missed("which is a change with the same name in it, and is given up like the first."),
	}
}

// named asks for one name's item until these are the pets that have it.
func (l *lesson) named(say, name string, ids ...string) Step {
	s := l.dynamodb(l.at.Owner, say, "GetItem", `{"TableName":"`+l.at.NamesTable+`","Key":{"name":{"S":"`+name+`"}}}`,
		200, nil)
	s.Patience = l.at.patience()
	s.Check = func(text string, _ http.Header) error {
		var got struct {
			Item struct {
				Name struct{ S string }    `json:"name"`
				Pets struct{ NS []string } `json:"pets"`
			}
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			return fmt.Errorf("the body must be an item: %w", err)
		}
		slices.Sort(got.Item.Pets.NS) // a set has no order
		if got.Item.Name.S != name || !slices.Equal(got.Item.Pets.NS, ids) {
			return fmt.Errorf("the pets of that name must be %v", ids)
		}
		return nil
	}
	return s
}

// missed reads one message about one change.
func (l *lesson) missed(say string) Step {
	return Step{Say: say, Read: func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, l.at.patience())
		defer cancel()
		text, err := l.at.Missed(ctx)
		if err != nil {
			return "", fmt.Errorf("the queue must be told of a change that was given up: %w", err)
		}
		var message struct {
			RequestContext struct {
				Condition              string
				ApproximateInvokeCount int
			}
			Batch struct{ BatchSize int } `json:"DDBStreamBatchInfo"`
		}
		if err := json.Unmarshal([]byte(text), &message); err != nil {
			return text, fmt.Errorf("the message must be JSON: %w", err)
		}
		if r := message.RequestContext; r.Condition != "RetryAttemptsExhausted" || r.ApproximateInvokeCount != 5 ||
			message.Batch.BatchSize != 1 {
			return text, errors.New("one change must have been given up after one try and four more")
		}
		return text, nil
	}}
}

const (
	contentJSON    = "application/json"
	contentProblem = "application/problem+json"
)

func (l *lesson) get(say, path, answer string) Step {
	return Step{Say: say, Method: http.MethodGet, URL: l.at.API + path, Status: 200,
		Want: map[string]string{"Content-Type": contentJSON}, Answer: answer}
}

func (l *lesson) create(say, body, answer, location string) Step {
	return Step{Say: say, Method: http.MethodPost, URL: l.at.API + "/pets",
		Headers: []string{"Content-Type: " + contentJSON}, Body: body,
		Status: 201, Want: map[string]string{"Content-Type": contentJSON, "Location": location}, Answer: answer}
}

func (l *lesson) refused(method, say, body string, status int, detail, field string) Step {
	return Step{Say: say, Method: method, URL: l.at.API + "/pets", Headers: []string{"Content-Type: " + contentJSON},
		Body:   body,
		Status: status, Want: map[string]string{"Content-Type": contentProblem},
		Answer: fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d,"detail":%q,"field":%q}`,
			http.StatusText(status), status, detail, field)}
}

func (l *lesson) refusedAt(say, path string, status int, detail, field string) Step {
	s := l.refused(http.MethodGet, say, "", status, detail, field)
	s.URL, s.Headers = l.at.API+path, nil
	return s
}

// page checks one page of the three pets, in any order, none twice.
func (l *lesson) page(say, path string, pets int, last bool) Step {
	check := func(body string, header http.Header) error {
		var page struct {
			Pets   []json.RawMessage `json:"pets"`
			Cursor string            `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			return fmt.Errorf("the body must be a page: %w", err)
		}
		if !last {
			l.cursor = page.Cursor
		}
		texts := make([]string, len(page.Pets))
		for i, raw := range page.Pets {
			texts[i] = string(raw)
			if !slices.Contains([]string{rachel, withPets, withAddress}, texts[i]) ||
				slices.Contains(l.seen, texts[i]) {
				return fmt.Errorf("every pet must be there once, as it was created")
			}
			l.seen = append(l.seen, texts[i])
		}
		link, want := "", `{"pets":[`+strings.Join(texts, ",")+`]}`
		if !last {
			link = `</pets?cursor=` + url.QueryEscape(page.Cursor) + `&limit=2>; rel="next"`
			want = strings.TrimSuffix(want, "}") + `,"next_cursor":"` + page.Cursor + `"}`
		}
		switch {
		case len(texts) != pets:
			return fmt.Errorf("the page must have %d pets", pets)
		case last != (page.Cursor == ""):
			return errors.New("next_cursor must be there if and only if there is a next page")
		case body != want:
			return fmt.Errorf("the body must be %s", want)
		case header.Get("Content-Type") != contentJSON || header.Get("Link") != link:
			return fmt.Errorf("Content-Type must be %s and Link %q", contentJSON, link)
		}
		return nil
	}
	return Step{Say: say, Method: http.MethodGet, URL: l.at.API + path, Status: 200, Check: check}
}

// tampered changes one character in the middle of a cursor.
func tampered(cursor string) string {
	if cursor == "" {
		return "x"
	}
	middle, other := len(cursor)/2, "A"
	if cursor[middle] == 'A' {
		other = "B"
	}
	return cursor[:middle] + other + cursor[middle+1:]
}

// dynamodb calls DynamoDB itself with an access key. Of its answer, JSON in any order, the members of want are what
// matters.
func (l *lesson) dynamodb(key Key, say, operation, body string, status int, want map[string]any) Step {
	check := func(text string, header http.Header) error {
		var got map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			return fmt.Errorf("the body must be JSON: %w", err)
		}
		var errs []error
		for name, value := range want {
			if fmt.Sprint(got[name]) != fmt.Sprint(value) { // maps are printed in the order of their keys
				errs = append(errs, fmt.Errorf("%s must be %v", name, value))
			}
		}
		if header.Get("Content-Type") != "application/x-amz-json-1.0" {
			errs = append(errs, errors.New("the content type must be application/x-amz-json-1.0"))
		}
		return errors.Join(errs...)
	}
	return Step{Say: say, Method: http.MethodPost, URL: l.at.DynamoDB, SignWith: &key, Body: body,
		Headers: []string{"Content-Type: application/x-amz-json-1.0", "X-Amz-Target: DynamoDB_20120810." + operation},
		Status:  status, Check: check}
}
