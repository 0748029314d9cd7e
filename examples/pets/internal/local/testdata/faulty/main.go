// Command faulty is a Lambda function behind GET /faulty/{do} that fails as it is told.
package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		switch r.PathParameters["do"] {
		case "panic":
			panic("secret of the function")
		case "exit":
			os.Exit(1)
		case "hang":
			time.Sleep(time.Hour)
		case "error":
			return events.APIGatewayV2HTTPResponse{}, errors.New("secret of the function")
		case "environment":
			return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: strings.Join(os.Environ(), "\n")}, nil
		}
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "fine"}, nil
	})
}
