// Command tasks plays a short scene of a task board's HTTP interface on a DynamoDB inside this program.
//
//	go run ./examples/tasks
package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/tasks/tasks"
)

const id = "m6k7maqlj6ot7cgmjc4kc2ry7e" // it follows from Ann and her Idempotency-Key

// scene are requests: who asks, for what, with which header and body.
const scene = `ann POST /projects - {"id":"web","name":"New web site"}
ann POST /projects/web/tasks Idempotency-Key:1 {"title":"Draw a logo"}
ann POST /projects/web/tasks Idempotency-Key:1 {"title":"Draw a logo"}
bob GET /projects/web/board/todo -
ann PUT /projects/web/members/bob -
bob POST /projects/web/tasks/$/comments Idempotency-Key:2 {"text":"In blue?","at":"2026-11-28T09:00:00Z"}
bob PATCH /projects/web/tasks/$ If-Match:"1" {"assignee":"bob"}
ann PATCH /projects/web/tasks/$ If-Match:"1" {"assignee":"ann"}
bob PUT /projects/web/tasks/$/place If-Match:"2" {"column":"done","behind":"0"}
bob DELETE /projects/web/tasks/$ If-Match:"3"
ann GET /projects/web/board/done -
ann DELETE /projects/web/tasks/$/trash -
ann GET /projects/web/board/done -`

func main() {
	if err := play(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tasks:", err)
		os.Exit(1)
	}
}

// play makes the table and a tenant of two users, and asks for all of the scene.
func play(ctx context.Context, out io.Writer) error {
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, tasks.Schema, 0); err != nil {
		return err
	}
	store, err := tasks.Open(client, []byte("a secret of all processes"))
	if err != nil {
		return err
	}
	users := []tasks.User{{ID: "ann", Email: "ann@example.com"}, {ID: "bob", Email: "bob@example.com"}}
	if err := store.SignUp(ctx, tasks.Tenant{ID: "acme"}, users...); err != nil {
		return err
	}
	for line := range strings.Lines(strings.ReplaceAll(scene, "$", id)) {
		by, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		part := append(strings.SplitN(rest, " ", 4), "", "")
		r := httptest.NewRequestWithContext(ctx, part[0], part[1], strings.NewReader(part[3]))
		name, value, _ := strings.Cut(part[2], ":")
		r.Header = map[string][]string{"X-Tenant": {"acme"}, "X-User": {by}, name: {value}}
		w := httptest.NewRecorder()
		tasks.Handler(store).ServeHTTP(w, r)
		fmt.Fprintf(out, "%s\n    %d %s", strings.TrimSpace(line), w.Code, w.Body)
	}
	return nil
}
