// Command createpet is the Lambda function behind POST /pets.
package main

import (
	"context"
	"log/slog"

	"github.com/monotable/monotable/examples/pets/internal/pets"
)

func main() {
	pets.Main(func(ctx context.Context, log *slog.Logger) (any, error) {
		table, err := pets.Open(ctx)
		return pets.Serve(pets.Create{Table: table}, log), err
	})
}
