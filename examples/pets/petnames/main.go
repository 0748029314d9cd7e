// Command petnames is the Lambda function that the stream of the pets' table invokes.
package main

import (
	"context"
	"log/slog"

	"github.com/monotable/monotable/examples/pets/internal/pets"
)

func main() {
	pets.Main(func(ctx context.Context, log *slog.Logger) (any, error) {
		names, err := pets.OpenNames(ctx)
		if err != nil {
			return nil, err
		}
		return pets.Follow(names, log)
	})
}
