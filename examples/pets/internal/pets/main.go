package pets

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// Main is the main of each function: it has open make the handler, once, when the process starts, and gives it to the
// Lambda runtime. The log is lines of JSON, those of a panic too, which the runtime logs. A handler that cannot be made
// ends the process: Lambda then starts another with the next invocation.
func Main(open func(ctx context.Context, log *slog.Logger) (handler any, err error)) {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log)
	handler, err := open(context.Background(), log)
	if err != nil {
		log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}
