package template

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/monotable/monotable/examples/pets/internal/local/iam"
)

// functionProperties are those of AWS::Serverless::Function that this example needs.
type functionProperties struct {
	Runtime       string   `yaml:"Runtime"`
	Architectures []string `yaml:"Architectures"`
	Handler       string   `yaml:"Handler"`
	CodeURI       string   `yaml:"CodeUri"`
	MemorySize    int      `yaml:"MemorySize"`
	Timeout       int      `yaml:"Timeout"` // seconds
	Environment   struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	LoggingConfig struct {
		LogFormat string `yaml:"LogFormat"`
		LogGroup  string `yaml:"LogGroup"`
	} `yaml:"LoggingConfig"`
	Policies []policy         `yaml:"Policies"`
	Events   map[string]event `yaml:"Events"`
}

type policy struct {
	Version   string      `yaml:"Version"`
	Statement []statement `yaml:"Statement"`
}

type statement struct {
	Sid      string    `yaml:"Sid"`
	Effect   string    `yaml:"Effect"`
	Action   oneOrMany `yaml:"Action"`
	Resource oneOrMany `yaml:"Resource"`
}

// oneOrMany is a list that may be written as its only element.
type oneOrMany []string

// UnmarshalYAML takes a string or a list of strings.
func (l *oneOrMany) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*l = oneOrMany{node.Value}
		return nil
	}
	return node.Decode((*[]string)(l))
}

type event struct {
	Type       string    `yaml:"Type"`
	Properties yaml.Node `yaml:"Properties"`
}

// readFunction reads a function on top of what Globals say for all of them: lists and single values replace the global
// ones, environment variables are added to them.
func readFunction(res resource, globals *yaml.Node, dir string, world World) (Function, error) {
	p := functionProperties{MemorySize: 128, Timeout: 3} // Lambda's defaults
	if err := strict(globals, &p); err != nil {
		return Function{}, fmt.Errorf("globals: %w", err)
	}
	if err := strict(&res.Properties, &p); err != nil {
		return Function{}, err
	}
	if res.Metadata.BuildMethod != "go1.x" || p.Runtime != "provided.al2023" || p.Handler != "bootstrap" {
		return Function{},
			errors.New("only Go functions, BuildMethod go1.x, on provided.al2023 with the handler bootstrap are " +
				"known here")
	}
	if p.CodeURI == "" {
		return Function{}, errors.New("it has no CodeUri")
	}
	if p.Timeout < 1 || p.Timeout > 900 {
		return Function{}, fmt.Errorf("timeout of %d s: 1 to 900 are allowed", p.Timeout)
	}
	f := Function{
		ID:          res.id,
		Name:        world.physical(res.id),
		ARN:         world.functionARN(res.id),
		CodeDir:     filepath.Join(dir, p.CodeURI),
		MemorySize:  p.MemorySize,
		Timeout:     time.Duration(p.Timeout) * time.Second,
		Environment: p.Environment.Variables,
		LogGroup:    p.LoggingConfig.LogGroup,
	}
	for _, document := range p.Policies {
		policy := iam.Policy{Version: document.Version}
		for _, s := range document.Statement {
			policy.Statement = append(policy.Statement,
				iam.Statement{Sid: s.Sid, Effect: s.Effect, Action: s.Action, Resource: s.Resource})
		}
		if err := policy.Validate(); err != nil {
			return Function{}, err
		}
		f.Policies = append(f.Policies, policy)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Events)) {
		if err := f.addEvent(p.Events[name]); err != nil {
			return Function{}, fmt.Errorf("event %s: %w", name, err)
		}
	}
	return f, nil
}

var (
	routeMethod = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$`)
	routePath   = regexp.MustCompile(`^(/([A-Za-z0-9._~-]+|\{[A-Za-z0-9._-]+\}))+$`)
)

// addEvent connects the function with what invokes it.
func (f *Function) addEvent(e event) error {
	switch e.Type {
	case "HttpApi":
		var p struct {
			APIID  string `yaml:"ApiId"`
			Method string `yaml:"Method"`
			Path   string `yaml:"Path"`
		}
		if err := strict(&e.Properties, &p); err != nil {
			return err
		}
		if !routeMethod.MatchString(p.Method) || !routePath.MatchString(p.Path) {
			return fmt.Errorf("route %q %q: a method and a path of names and {parameters} are known here", p.Method,
				p.Path)
		}
		f.Routes = append(f.Routes, Route{p.Method, p.Path})
		return nil
	}
	return fmt.Errorf("type %s is not known here", e.Type)
}
