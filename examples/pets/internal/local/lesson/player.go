// Package lesson plays requests against the stack, as a person with curl would, and holds every answer against what it
// must be.
package lesson

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Step is one request and its answer.
type Step struct {
	Say     string // what is to be seen, in a sentence or two
	Method  string
	URL     string
	Headers []string // "Content-Type: application/json"
	Body    string
	Shell   string // how a shell makes Body, where it is too long to be shown: "$(printf %09d 0)"

	SignWith *Key // signs for DynamoDB, where not nil

	Patience time.Duration // for this long the request is sent again until the answer is as it must be

	Read func(context.Context) (string, error) // what is shown instead of a request and its answer, where not nil

	Status int
	// those of the checked headers that must be there, each with its value; the others must not
	Want   map[string]string
	Answer string                                      // the body
	Check  func(body string, header http.Header) error // instead of Want and Answer, where they cannot be known before
}

// Key is what a request to DynamoDB is signed with.
type Key struct{ Access, Secret, Region string }

// checkedHeaders are the headers of an answer that the lesson is about. The others are shown as they came.
var checkedHeaders = []string{"Content-Type", "Location", "Link", "Retry-After"}

// firstHeaders are shown first, as servers send them; the others follow by name.
var firstHeaders = []string{"Date", "Content-Type", "Content-Length"}

// Player plays steps.
type Player struct {
	Out    io.Writer
	Client *http.Client

	hurried bool // a step's patience ran out: no further one has any
}

// Play plays one step: it prints the curl line and the answer, and returns an error if the answer was not as it must
// be.
func (p *Player) Play(ctx context.Context, s Step) error {
	if s.Read != nil {
		return p.read(ctx, s)
	}
	fmt.Fprintf(p.Out, "\n# %s\n$ %s\n", s.Say, s.Curl())
	response, body, err := p.send(ctx, s)
	for end := time.Now().Add(s.Patience); ; {
		if err != nil {
			fmt.Fprintln(p.Out, err)
			return fmt.Errorf("%s %s: %w", s.Method, s.URL, err)
		}
		if err = s.verify(response, body); err == nil || p.hurried || time.Now().After(end) {
			p.hurried = p.hurried || err != nil && s.Patience > 0
			break
		}
		time.Sleep(20 * time.Millisecond)
		response, body, err = p.send(ctx, s)
	}
	fmt.Fprintf(p.Out, "%s %s\n", response.Proto, response.Status)
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(response.Header)), func(name string) bool {
		return slices.Contains(firstHeaders, name)
	})
	for _, name := range slices.Concat(firstHeaders, others) {
		for _, value := range response.Header[name] {
			fmt.Fprintf(p.Out, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(p.Out, "\n%s\n", body)
	if err != nil {
		fmt.Fprintf(p.Out, "# NOT AS EXPECTED: %s\n", err)
		return fmt.Errorf("%s %s: %w", s.Method, s.URL, err)
	}
	return nil
}

// read plays a step that is no request.
func (p *Player) read(ctx context.Context, s Step) error {
	fmt.Fprintf(p.Out, "\n# %s\n", s.Say)
	text, err := s.Read(ctx)
	if text != "" {
		fmt.Fprintln(p.Out, text)
	}
	if err != nil {
		fmt.Fprintf(p.Out, "# NOT AS EXPECTED: %s\n", err)
	}
	return err
}

func (p *Player) send(ctx context.Context, s Step) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, s.Method, s.URL, strings.NewReader(s.Body))
	if err != nil {
		return nil, "", err
	}
	for _, line := range s.Headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	if s.SignWith != nil {
		sum := sha256.Sum256([]byte(s.Body))
		credentials := aws.Credentials{AccessKeyID: s.SignWith.Access, SecretAccessKey: s.SignWith.Secret}
		err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(sum[:]), "dynamodb", s.SignWith.Region,
			time.Now())
		if err != nil {
			return nil, "", err
		}
	}
	response, err := p.Client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

// verify holds status, headers and body against the step's.
func (s Step) verify(response *http.Response, body string) error {
	var errs []error
	if response.StatusCode != s.Status {
		errs = append(errs, fmt.Errorf("the status must be %d", s.Status))
	}
	if s.Check != nil {
		return errors.Join(append(errs, s.Check(body, response.Header))...)
	}
	for _, name := range checkedHeaders {
		if response.Header.Get(name) != s.Want[name] {
			errs = append(errs, fmt.Errorf("%s must be %q", name, s.Want[name]))
		}
	}
	if body != s.Answer {
		errs = append(errs, fmt.Errorf("the body must be %s", s.Answer))
	}
	return errors.Join(errs...)
}

// Curl is the step as a command line for a POSIX shell.
func (s Step) Curl() string {
	words := []string{"curl", "-i"}
	if s.Method != http.MethodGet && !(s.Method == http.MethodPost && s.Body != "") {
		words = append(words, "-X", s.Method)
	}
	words = append(words, quote(s.URL))
	for _, line := range s.Headers {
		words = append(words, "-H", quote(line))
	}
	if k := s.SignWith; k != nil {
		words = append(words, "--aws-sigv4", quote("aws:amz:"+k.Region+":dynamodb"), "--user",
			quote(k.Access+":"+k.Secret))
	}
	switch {
	case s.Shell != "":
		words = append(words, "-d", s.Shell)
	case s.Body != "":
		words = append(words, "-d", quote(s.Body))
	}
	return strings.Join(words, " ")
}

// quote makes one word of text for a POSIX shell.
func quote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("-_./:@%+,", r)
	}
	if text != "" && !slices.ContainsFunc([]rune(text), func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
