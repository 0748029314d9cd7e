// Command allpets is the Lambda function behind GET /pets.
package main

import (
	"context"
	"log/slog"

	"github.com/monotable/monotable/examples/pets/internal/pets"
)

func main() {
	pets.Main(func(ctx context.Context, log *slog.Logger) (any, error) {
		keys, err := pets.CursorKeys()
		if err != nil {
			return nil, err
		}
		table, err := pets.Open(ctx, keys)
		return pets.Serve(pets.All{Table: table}, log), err
	})
}
