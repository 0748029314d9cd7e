// Package template reads an AWS SAM template as far as a local stack of functions, tables and HTTP routes needs it, and
// refuses by name whatever it does not know: what runs here is then what would be deployed.
package template

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/pets/internal/local/iam"
)

// World is what a deployment would tell the template.
type World struct {
	Region     string
	Account    string
	StackName  string
	Parameters map[string]string
}

// Stack is what a template makes, each kind in the template's order.
type Stack struct {
	Functions []Function
	Tables    []Table
	Sources   []Source
	Queues    []Queue
}

// Function is one Lambda function.
type Function struct {
	ID          string // in the template
	Name        string // physical
	ARN         string
	CodeDir     string // with the template's folder in front
	MemorySize  int    // MiB
	Timeout     time.Duration
	Environment map[string]string
	LogGroup    string
	Policies    []iam.Policy
	Routes      []Route
}

// Route is where an HTTP API hands requests to a function.
type Route struct{ Method, Path string }

// Table is one DynamoDB table, billed per request.
type Table struct {
	ID          string
	ARN         string
	Schema      monotable.Schema
	Encrypted   bool // with a KMS key
	Recoverable bool // to a point in time
}

// Queue is one SQS queue.
type Queue struct{ ID, ARN string }

// Read reads the template at path.
func Read(path string, world World) (*Stack, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	stack, err := Parse(raw, filepath.Dir(path), world)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return stack, nil
}

// document is the template's top level.
type document struct {
	AWSTemplateFormatVersion string               `yaml:"AWSTemplateFormatVersion"`
	Transform                string               `yaml:"Transform"`
	Description              string               `yaml:"Description"`
	Parameters               map[string]parameter `yaml:"Parameters"`
	Globals                  struct {
		Function yaml.Node `yaml:"Function"`
	} `yaml:"Globals"`
	Resources yaml.Node         `yaml:"Resources"`
	Outputs   map[string]output `yaml:"Outputs"`
}

type parameter struct {
	Type        string `yaml:"Type"`
	Default     string `yaml:"Default"`
	Description string `yaml:"Description"`
	NoEcho      bool   `yaml:"NoEcho"`
	MinLength   int    `yaml:"MinLength"`
	MaxLength   int    `yaml:"MaxLength"`
}

type output struct {
	Description string `yaml:"Description"`
	Value       string `yaml:"Value"`
}

// resource is what all resources have; Properties are their own.
type resource struct {
	id                  string
	Type                string `yaml:"Type"`
	DeletionPolicy      string `yaml:"DeletionPolicy"`
	UpdateReplacePolicy string `yaml:"UpdateReplacePolicy"`
	Metadata            struct {
		BuildMethod string `yaml:"BuildMethod"`
	} `yaml:"Metadata"`
	Properties yaml.Node `yaml:"Properties"`
}

const (
	typeFunction = "AWS::Serverless::Function"
	typeAPI      = "AWS::Serverless::HttpApi"
	typeTable    = "AWS::DynamoDB::Table"
	typeLogGroup = "AWS::Logs::LogGroup"
	typeSource   = "AWS::Lambda::EventSourceMapping"
	typeQueue    = "AWS::SQS::Queue"
)

// Parse reads a template; dir is the folder that paths in it start from.
func Parse(raw []byte, dir string, world World) (*Stack, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		return nil, err
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("not a template")
	}
	r, err := newResolver(root.Content[0], world)
	if err != nil {
		return nil, err
	}
	if err := r.resolve(root.Content[0]); err != nil {
		return nil, err
	}
	var doc document
	if err := strict(root.Content[0], &doc); err != nil {
		return nil, err
	}
	if doc.Transform != "AWS::Serverless-2016-10-31" {
		return nil, fmt.Errorf("transform %q: AWS::Serverless-2016-10-31 is the one that is known", doc.Transform)
	}
	resources, err := resourcesOf(&doc.Resources)
	if err != nil {
		return nil, err
	}
	stack := &Stack{}
	for _, res := range resources {
		if err := stack.add(res, &doc, dir, world); err != nil {
			return nil, fmt.Errorf("resource %s: %w", res.id, err)
		}
	}
	if err := stack.connectSources(); err != nil {
		return nil, err
	}
	return stack, stack.checkRoutes()
}

// add reads one resource's properties.
func (s *Stack) add(res resource, doc *document, dir string, world World) error {
	switch res.Type {
	case typeFunction:
		f, err := readFunction(res, &doc.Globals.Function, dir, world)
		s.Functions = append(s.Functions, f)
		return err
	case typeTable:
		t, err := readTable(res, world)
		s.Tables = append(s.Tables, t)
		return err
	case typeSource:
		source, err := readSource(res)
		s.Sources = append(s.Sources, source)
		return err
	case typeQueue:
		s.Queues = append(s.Queues, Queue{ID: res.id, ARN: world.queueARN(res.id)})
		return strict(&res.Properties, &struct{}{})
	case typeAPI:
		return strict(&res.Properties, &struct{}{}) // the default API has none
	case typeLogGroup:
		return strict(&res.Properties, &struct {
			LogGroupName    string `yaml:"LogGroupName"`
			RetentionInDays int    `yaml:"RetentionInDays"`
		}{})
	}
	return fmt.Errorf("type %s is not known here", res.Type)
}

// checkRoutes refuses two functions behind one route.
func (s *Stack) checkRoutes() error {
	owner := map[Route]string{}
	for _, f := range s.Functions {
		for _, route := range f.Routes {
			if other, taken := owner[route]; taken {
				return fmt.Errorf("route %s %s belongs to %s and %s", route.Method, route.Path, other, f.ID)
			}
			owner[route] = f.ID
		}
	}
	return nil
}

// Function finds a function by its name in the template.
func (s *Stack) Function(id string) (Function, bool) {
	i := slices.IndexFunc(s.Functions, func(f Function) bool { return f.ID == id })
	if i < 0 {
		return Function{}, false
	}
	return s.Functions[i], true
}

// resourcesOf lists resources in the template's order.
func resourcesOf(node *yaml.Node) ([]resource, error) {
	var list []resource
	for i := 0; i+1 < len(node.Content); i += 2 {
		res := resource{id: node.Content[i].Value}
		if slices.ContainsFunc(list, func(other resource) bool { return other.id == res.id }) {
			return nil, fmt.Errorf("resource %s is there twice", res.id)
		}
		if err := strict(node.Content[i+1], &res); err != nil {
			return nil, fmt.Errorf("resource %s: %w", res.id, err)
		}
		list = append(list, res)
	}
	return list, nil
}

// strict decodes a resolved node and refuses what into has no field for.
func strict(node *yaml.Node, into any) error {
	if node.IsZero() {
		return nil
	}
	raw, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return nil
}
