package pets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// Schema is the table of template.yaml under a name.
func Schema(name string) monotable.Schema {
	return monotable.Schema{Name: name, Partition: monotable.N("id"), Stream: types.StreamViewTypeNewAndOldImages}
}

// Open binds pets to the table named by TABLE_NAME, with a client for the region and the credentials of the
// environment. A function does it once, when its process starts, and keeps the table for all its invocations.
func Open(ctx context.Context, options ...monotable.OpenOption) (*Table, error) {
	name, err := fromEnvironment("TABLE_NAME")
	if err != nil {
		return nil, err
	}
	client, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	return NewTable(client, name, options...)
}

// OpenNames is Open for the function that follows the changes of the table named by TABLE_NAME: it writes to that named
// by NAMES_TABLE.
func OpenNames(ctx context.Context) (Names, error) {
	pets, err := fromEnvironment("TABLE_NAME")
	if err != nil {
		return Names{}, err
	}
	names, err := fromEnvironment("NAMES_TABLE")
	if err != nil {
		return Names{}, err
	}
	client, err := connect(ctx)
	if err != nil {
		return Names{}, err
	}
	return NewNames(client, pets, names)
}

func fromEnvironment(name string) (string, error) {
	value := os.Getenv(name)
	if value == "" {
		return "", errors.New(name + " is not set")
	}
	return value, nil
}

// connect makes a client of what the environment says.
func connect(ctx context.Context) (monotable.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		return nil, errors.New("AWS_REGION is not set")
	}
	return dynamodb.NewFromConfig(cfg), nil
}

// NewTable binds pets to a table by its name.
func NewTable(client monotable.Client, name string, options ...monotable.OpenOption) (*Table, error) {
	db, err := monotable.Open(client, Schema(name), options...)
	if err != nil {
		return nil, err
	}
	return monotable.New[Pet](db, monotable.Model{})
}

// CursorKeys reads the keys that seal cursors from CURSOR_KEYS: the newest first, commas between them. Without one a
// page's cursor would be readable by strangers, and they could make their own, so that its absence is an error.
func CursorKeys() (monotable.OpenOption, error) {
	var keys [][]byte
	for i, key := range strings.Split(os.Getenv("CURSOR_KEYS"), ",") {
		key = strings.TrimSpace(key)
		if len(key) < 32 {
			return nil, fmt.Errorf("key %d of CURSOR_KEYS has %d characters, at least 32 are needed", i+1, len(key))
		}
		keys = append(keys, []byte(key))
	}
	return monotable.CursorKeys(keys[0], keys[1:]...), nil
}
