package script

import (
	"fmt"
	"strings"
)

// section is a sequence of steps on tables of its own.
type section struct {
	title string
	steps []*step
}

// step is a request, or a fill.
type step struct {
	line      int // of the file, from 1
	fill      string
	operation string
	input     string
	unordered bool
	want      string   // with its < or !
	local     []string // with their < or !
}

// parse reads a script file.
func parse(text string) ([]*section, error) {
	var sections []*section
	var current *section
	var last *step
	for i, line := range strings.Split(text, "\n") {
		fault := func(what string) ([]*section, error) { return nil, fmt.Errorf("line %d: %s", i+1, what) }
		mark, rest, _ := strings.Cut(line, " ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if mark == "==" {
			current = &section{title: rest}
			sections, last = append(sections, current), nil
			continue
		}
		if current == nil {
			return fault("no section yet")
		}
		switch mark {
		case "fill":
			last = &step{line: i + 1, fill: rest}
			current.steps = append(current.steps, last)
		case ">", ">~":
			operation, input, _ := strings.Cut(rest, " ")
			last = &step{line: i + 1, operation: operation, input: input, unordered: mark == ">~"}
			current.steps = append(current.steps, last)
		case "<", "!":
			if last == nil || last.want != "" || last.operation == "" {
				return fault("an answer without a request")
			}
			last.want = line
		case "<local", "!local":
			if last == nil || last.want == "" {
				return fault("a local answer without an answer")
			}
			last.local = append(last.local, mark[:1]+" "+rest)
		default:
			return fault("what is " + mark + "?")
		}
	}
	return sections, nil
}
