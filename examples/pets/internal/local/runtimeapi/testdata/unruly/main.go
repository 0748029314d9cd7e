// Command unruly is a Lambda function that does as it is told, good or bad.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type order struct {
	Do   string `json:"do"`
	Text string `json:"text"`
}

type answer struct {
	Text    string   `json:"text"`
	PID     int      `json:"pid"`
	Child   int      `json:"child,omitempty"`
	Request string   `json:"request"`
	ARN     string   `json:"arn"`
	Left    int64    `json:"left_ms"`
	Env     []string `json:"env,omitempty"`
	Dir     string   `json:"dir"`
}

func main() {
	switch os.Getenv("START") {
	case "fail":
		log.Fatal("cannot start")
	case "hang":
		time.Sleep(time.Hour)
	}
	lambda.Start(obey)
}

func obey(ctx context.Context, o order) (answer, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, _ := os.Getwd()
	a := answer{
		Text: o.Text, PID: os.Getpid(), Request: lc.AwsRequestID, ARN: lc.InvokedFunctionArn,
		Left: time.Until(deadline).Milliseconds(), Dir: dir,
	}
	switch o.Do {
	case "panic":
		panic("told to: " + o.Text)
	case "exit":
		os.Exit(3)
	case "error":
		return answer{}, errors.New("told to: " + o.Text)
	case "hang":
		time.Sleep(time.Hour)
	case "nap":
		time.Sleep(100 * time.Millisecond)
	case "large":
		a.Text = strings.Repeat("x", 7<<20)
	case "env":
		a.Env = os.Environ()
	case "log":
		fmt.Println("one line")
		fmt.Println("another line")
	case "spawn":
		child := exec.Command("sleep", "3600")
		if err := child.Start(); err != nil {
			return answer{}, err
		}
		a.Child = child.Process.Pid
	}
	return a, nil
}
