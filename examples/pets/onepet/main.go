// Command onepet is the Lambda function behind GET /pets/{id}.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/monotable/monotable/examples/pets/internal/pets"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log) // a panic, which the Lambda library logs, is JSON too
	table, err := pets.Open(context.Background())
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(pets.Serve(pets.One{Table: table}, log))
}
