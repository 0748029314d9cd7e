package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolver puts values in the place of !Ref, !Sub and !GetAtt.
type resolver struct {
	world      World
	parameters map[string]string
	resources  map[string]resource // properties unresolved
}

// newResolver learns what can be referred to.
func newResolver(root *yaml.Node, world World) (*resolver, error) {
	var doc struct {
		Parameters map[string]parameter `yaml:"Parameters"`
		Resources  yaml.Node            `yaml:"Resources"`
	}
	if err := root.Decode(&doc); err != nil {
		return nil, err
	}
	r := &resolver{world: world, parameters: map[string]string{}, resources: map[string]resource{}}
	for _, name := range slices.Sorted(maps.Keys(doc.Parameters)) {
		value, err := doc.Parameters[name].value(world.Parameters[name])
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		r.parameters[name] = value
	}
	for name := range world.Parameters {
		if _, ok := r.parameters[name]; !ok {
			return nil, fmt.Errorf("parameter %s is not in the template", name)
		}
	}
	for i := 0; i+1 < len(doc.Resources.Content); i += 2 {
		var res resource
		if err := doc.Resources.Content[i+1].Decode(&res); err != nil {
			return nil, err
		}
		r.resources[doc.Resources.Content[i].Value] = res
	}
	return r, nil
}

// value is what was given, or the default, if it fits.
func (p parameter) value(given string) (string, error) {
	if p.Type != "String" {
		return "", fmt.Errorf("type %q: String is the one that is known", p.Type)
	}
	if given == "" {
		given = p.Default
	}
	if len(given) < p.MinLength || p.MaxLength > 0 && len(given) > p.MaxLength {
		return "", fmt.Errorf("%d to %d characters are needed", p.MinLength, p.MaxLength)
	}
	return given, nil
}

// resolve replaces the intrinsic functions below node, in place.
func (r *resolver) resolve(node *yaml.Node) error {
	fail := func(err error) error { return fmt.Errorf("line %d: %w", node.Line, err) }
	if node.Kind == yaml.AliasNode {
		return fail(fmt.Errorf("aliases are not known here"))
	}
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		value, err := r.call(node)
		if err != nil {
			return fail(err)
		}
		*node = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: node.Line, Column: node.Column}
		return nil
	}
	if node.Kind == yaml.MappingNode {
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i].Value
			if strings.HasPrefix(key, "Fn::") || key == "Ref" || key == "Condition" {
				return fail(fmt.Errorf("%s is not known here: of the intrinsic functions !Ref, !Sub and !GetAtt are",
					key))
			}
		}
	}
	for _, child := range node.Content {
		if err := r.resolve(child); err != nil {
			return err
		}
	}
	return nil
}

// call evaluates an intrinsic function in its short form.
func (r *resolver) call(node *yaml.Node) (string, error) {
	if node.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("%s of anything but a string is not known here", node.Tag)
	}
	switch node.Tag {
	case "!Ref":
		return r.ref(node.Value)
	case "!GetAtt":
		return r.attribute(node.Value)
	case "!Sub":
		return r.substitute(node.Value)
	}
	return "", fmt.Errorf("%s is not known here: of the intrinsic functions !Ref, !Sub and !GetAtt are", node.Tag)
}

// ref is a parameter's value, a pseudo parameter, or a resource's physical name.
func (r *resolver) ref(name string) (string, error) {
	if value, ok := r.parameters[name]; ok {
		return value, nil
	}
	switch name {
	case "AWS::AccountId":
		return r.world.Account, nil
	case "AWS::Region":
		return r.world.Region, nil
	case "AWS::StackName":
		return r.world.StackName, nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::Partition":
		return "aws", nil
	}
	res, ok := r.resources[name]
	if !ok {
		return "", fmt.Errorf("there is no %s", name)
	}
	switch res.Type {
	case typeFunction, typeTable, typeAPI:
		return r.world.physical(name), nil
	case typeLogGroup:
		return r.logGroup(name, res)
	}
	return "", fmt.Errorf("a reference to %s, of type %s, is not known here", name, res.Type)
}

// logGroup is the name a log group gives itself, or one made for it.
func (r *resolver) logGroup(id string, res resource) (string, error) {
	var own struct {
		LogGroupName yaml.Node `yaml:"LogGroupName"`
	}
	if err := res.Properties.Decode(&own); err != nil {
		return "", err
	}
	if own.LogGroupName.IsZero() {
		return r.world.physical(id), nil
	}
	if err := r.resolve(&own.LogGroupName); err != nil {
		return "", err
	}
	return own.LogGroupName.Value, nil
}

// attribute is the Arn of a table, function or queue, or a table's StreamArn.
func (r *resolver) attribute(path string) (string, error) {
	name, attribute, _ := strings.Cut(path, ".")
	res, ok := r.resources[name]
	if !ok {
		return "", fmt.Errorf("there is no %s", name)
	}
	switch res.Type + "." + attribute {
	case typeTable + ".Arn":
		return r.world.tableARN(name), nil
	case typeTable + ".StreamArn":
		return r.streamARN(name, res)
	case typeFunction + ".Arn":
		return r.world.functionARN(name), nil
	case typeQueue + ".Arn":
		return r.world.queueARN(name), nil
	}
	return "", fmt.Errorf("attribute %s of %s, of type %s, is not known here", attribute, name, res.Type)
}

// streamARN is a pattern for the ARN of the table's stream, whose last part nobody knows before the table is made.
func (r *resolver) streamARN(id string, res resource) (string, error) {
	var own struct {
		StreamSpecification yaml.Node `yaml:"StreamSpecification"`
	}
	if err := res.Properties.Decode(&own); err != nil {
		return "", err
	}
	if own.StreamSpecification.IsZero() {
		return "", fmt.Errorf("table %s has no StreamSpecification", id)
	}
	return r.world.tableARN(id) + anyStream, nil
}

const anyStream = "/stream/*"

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// substitute fills ${Name} and ${Name.Attribute}; ${!Name} stands for ${Name} itself.
func (r *resolver) substitute(text string) (string, error) {
	var first error
	filled := placeholder.ReplaceAllStringFunc(text, func(hole string) string {
		parts := placeholder.FindStringSubmatch(hole)
		if parts[1] != "" {
			return "${" + parts[2] + "}"
		}
		find := r.ref
		if strings.Contains(parts[2], ".") {
			find = r.attribute
		}
		value, err := find(parts[2])
		if err != nil && first == nil {
			first = err
		}
		return value
	})
	return filled, first
}

// physical is the name a resource gets when the template gives it none.
func (w World) physical(id string) string { return w.StackName + "-" + id }

func (w World) tableARN(id string) string { return w.arn("dynamodb", "table/"+w.physical(id)) }

func (w World) functionARN(id string) string { return w.arn("lambda", "function:"+w.physical(id)) }

func (w World) queueARN(id string) string { return w.arn("sqs", w.physical(id)) }

func (w World) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, w.Region, w.Account, resource)
}
