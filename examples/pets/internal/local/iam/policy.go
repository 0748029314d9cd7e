// Package iam decides what a role's policy allows, as AWS Identity and Access Management does with identity-based
// policies: nothing unless a statement allows it, and nothing that a statement denies.
package iam

import (
	"fmt"
	"strings"

	"github.com/aws/smithy-go"
)

// Policy is a policy document. Conditions, principals and NotAction are not known here: a reader must refuse them.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement allows or denies actions on resources.
type Statement struct {
	Sid      string
	Effect   string // "Allow" or "Deny"
	Action   []string
	Resource []string
}

// Validate reports what would make the policy mean something else than it says.
func (p Policy) Validate() error {
	if p.Version != "2012-10-17" {
		return fmt.Errorf("policy version %q: 2012-10-17 is the one that is known", p.Version)
	}
	for i, s := range p.Statement {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return fmt.Errorf("statement %d: effect %q: Allow or Deny", i, s.Effect)
		case len(s.Action) == 0:
			return fmt.Errorf("statement %d has no action", i)
		case len(s.Resource) == 0:
			return fmt.Errorf("statement %d has no resource", i)
		}
	}
	return nil
}

// Role is who a program acts as.
type Role struct {
	ARN      string // of the assumed role, as messages name it
	Policies []Policy
}

// Denied is a refusal, in the words of the service. It is a smithy.APIError.
type Denied struct{ Code, Message string }

// Error is code and message.
func (d *Denied) Error() string { return d.Code + ": " + d.Message }

// ErrorCode is AccessDeniedException, or UnrecognizedClientException for an access key that nobody holds.
func (d *Denied) ErrorCode() string { return d.Code }

// ErrorMessage is the message.
func (d *Denied) ErrorMessage() string { return d.Message }

// ErrorFault is the client's.
func (d *Denied) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// Check returns a *Denied unless the role may do the action ("dynamodb:GetItem") on the resource (an ARN).
func (r Role) Check(action, resource string) error {
	allowed := false
	for _, p := range r.Policies {
		for _, s := range p.Statement {
			if !matchesAny(s.Action, action, true) || !matchesAny(s.Resource, resource, false) {
				continue
			}
			if s.Effect == "Deny" {
				return r.denied(action, resource, "with an explicit deny in an identity-based policy")
			}
			allowed = true
		}
	}
	if !allowed {
		return r.denied(action, resource, "because no identity-based policy allows the "+action+" action")
	}
	return nil
}

func (r Role) denied(action, resource, why string) error {
	return &Denied{"AccessDeniedException", fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s",
		r.ARN, action, resource, why)}
}

// Roles are who holds which access key.
type Roles map[string]Role

// Check asks the role that holds the access key. Every resource must be allowed.
func (rs Roles) Check(accessKey, action string, resources []string) error {
	role, ok := rs[accessKey]
	if !ok {
		return &Denied{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	if len(resources) == 0 {
		resources = []string{"*"} // an action on no resource in particular: ListTables
	}
	for _, resource := range resources {
		if err := role.Check(action, resource); err != nil {
			return err
		}
	}
	return nil
}

func matchesAny(patterns []string, text string, foldCase bool) bool {
	for _, p := range patterns {
		if foldCase {
			if matches(strings.ToLower(p), strings.ToLower(text)) {
				return true
			}
		} else if matches(p, text) {
			return true
		}
	}
	return false
}

// matches compares with * for any characters, none too, and ? for one.
func matches(pattern, text string) bool {
	star, mark := -1, 0 // the last *, and where the text that it stands for ends
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0: // let the * take one more
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
